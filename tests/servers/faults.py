"""A TCP proxy on loopback that breaks the network when a test says so.

Bytes are passed on unchanged, so that the signature of an S3 request stays valid: the client signs
the proxy's own address.  Whatever the weather is, it changes at once, for open connections too.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

__all__ = ["FaultProxy", "Weather", "fault_proxy"]

_METHODS = (b"GET ", b"PUT ", b"POST ", b"HEAD ", b"DELETE ")
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What the proxy does to those who pass through it; nothing by default."""

    refuse: bool = False
    """New connections are reset at once."""
    reset: bool = False
    """Open ones are too, now, and new ones."""
    hang: bool = False
    """Nothing is passed on, either way, and connections stay open."""
    delay: float = 0.0
    """Seconds before each chunk, of 64 KiB at most."""
    rate: float = 0.0
    """Bytes a second, each way; 0 for no limit."""
    cut_up: int | None = None
    """A connection is reset after so many bytes of a request."""
    cut_down: int | None = None
    """A connection is reset after so many bytes of an answer."""
    status: int = 0
    """Answer with this HTTP status instead of asking the server."""
    code: str = "SlowDown"
    """The S3 error in that answer."""
    every: int = 1
    """Of so many requests, one is answered like that."""
    lose_answer: str = ""
    """Requests with this method reach the server; the connection is reset before its answer."""
    times: int = 0
    """So often `lose_answer` or `status` strikes; 0 for always."""


class FaultProxy:
    """A proxy before one server.

    Parameters
    ----------
    host : str
    port : int
        Of the server.

    Attributes
    ----------
    port : int
        Of the proxy, on 127.0.0.1.
    requests : Counter of str
        HTTP requests that came, by method.
    struck : int
        How often the weather did something to a request or an answer.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self.requests: Counter[str] = Counter()
        self.struck = 0
        self.weather = Weather()
        self._changed = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faults", daemon=True)
        self._thread.start()
        self._listening = self._run(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._listening.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """What clients of the server are told."""
        return f"http://127.0.0.1:{self.port}"

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def set(self, **weather: Any) -> None:
        """Change the weather; what is not named is fair.  It holds when this returns."""
        self._run(self._set(Weather(**weather)))

    @contextmanager
    def during(self, **weather: Any) -> Iterator[None]:
        """Have this weather for a while, and a fair one after it."""
        self.set(**weather)
        try:
            yield
        finally:
            self.set()

    async def _set(self, weather: Weather) -> None:
        self.weather = weather
        self._seen = self.struck = 0
        self._changed.set()
        self._changed = asyncio.Event()
        if weather.reset:
            for writer in list(self._open):
                _reset(writer)

    def close(self) -> None:
        """End it, with all its connections."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _close(self) -> None:
        self._listening.close()
        for writer in list(self._open):
            _reset(writer)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Connections

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            _reset(writer)
        finally:
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather.refuse or self.weather.reset:
            self.struck += 1
            _reset(writer)
            return
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._server)
        except OSError:
            _reset(writer)
            return
        both = (writer, server_writer)
        self._open.update(both)
        connection = _Connection(self, both)
        pumps = [
            asyncio.ensure_future(connection.up(reader, server_writer)),
            asyncio.ensure_future(connection.down(server_reader, writer)),
        ]
        try:
            await asyncio.gather(*pumps)
        except (OSError, RuntimeError):
            connection.cut()
        finally:
            for pump in pumps:
                pump.cancel()
            for one in both:
                self._open.discard(one)
                one.close()

    async def fair_enough(self) -> Weather:
        """Wait while nothing is to be passed on, and give the weather then."""
        while self.weather.hang:
            await self._changed.wait()
        return self.weather

    def strikes(self, weather: Weather) -> bool:
        """Tell whether the weather strikes the request that just came."""
        self._seen += 1
        if self._seen % weather.every or (weather.times and self.struck >= weather.times):
            return False
        self.struck += 1
        return True


class _Connection:
    """The two halves of a connection through the proxy."""

    def __init__(self, proxy: FaultProxy, both: tuple[asyncio.StreamWriter, ...]) -> None:
        self.proxy = proxy
        self.both = both
        self.lost = False
        self.answered = 0

    def cut(self) -> None:
        for writer in self.both:
            _reset(writer)

    async def up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = 0
        while chunk := await reader.read(_CHUNK):
            weather = await self.proxy.fair_enough()
            if chunk.startswith(_METHODS):
                seen = self.answered = 0
                self.lost = False
                method = chunk.split(b" ", 1)[0].decode()
                self.proxy.requests[method] += 1
                if weather.lose_answer == method:
                    self.lost = self.proxy.strikes(weather)
                elif weather.status and self.proxy.strikes(weather):
                    await self._refuse(weather, method)
                    return
            if not await self._pass(weather, weather.cut_up, seen, chunk, writer):
                return
            seen += len(chunk)
        _end(writer)

    async def down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK):
            weather = await self.proxy.fair_enough()
            if self.lost and not chunk.startswith(b"HTTP/1.1 100"):
                self.cut()
                return
            if not await self._pass(weather, weather.cut_down, self.answered, chunk, writer):
                return
            self.answered += len(chunk)
        _end(writer)

    async def _refuse(self, weather: Weather, method: str) -> None:
        body = (
            f"<?xml version='1.0'?><Error><Code>{weather.code}</Code>"
            "<Message>injected</Message></Error>"
        ).encode()
        head = (
            f"HTTP/1.1 {weather.status} Injected\r\nContent-Type: application/xml\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()
        client, server = self.both
        client.write(head if method == "HEAD" else head + body)
        await client.drain()
        client.close()
        _reset(server)

    async def _pass(
        self,
        weather: Weather,
        limit: int | None,
        seen: int,
        chunk: bytes,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Pass a chunk on; ``False`` where the connection ended instead."""
        if limit is not None and seen + len(chunk) > limit:
            self.proxy.struck += 1
            writer.write(chunk[: max(0, limit - seen)])
            with suppress(OSError):
                await writer.drain()
            self.cut()
            return False
        pause = weather.delay + (len(chunk) / weather.rate if weather.rate else 0)
        if pause:
            await asyncio.sleep(pause)
        writer.write(chunk)
        await writer.drain()
        return True


def _end(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        with suppress(OSError):
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, not FIN: the other side sees a broken connection, not the end of one."""
    own = writer.get_extra_info("socket")
    if own is not None and not writer.is_closing():
        with suppress(OSError):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def fault_proxy(host: str, port: int) -> Iterator[FaultProxy]:
    """Have a proxy before a server for a while."""
    proxy = FaultProxy(host, port)
    try:
        yield proxy
    finally:
        proxy.close()
