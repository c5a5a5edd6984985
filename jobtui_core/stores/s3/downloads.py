"""Reading: what is small by one request, what is large by several at once."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jobtui_core.errors import StoreError, StoreUnavailableError
from jobtui_core.stores.progress import Transfer, tell
from jobtui_core.stores.s3.answers import WrongAnswerError, read_most
from jobtui_core.stores.s3.connection import Connection
from jobtui_core.stores.s3.errors import is_missing, status_of
from jobtui_core.stores.s3.helpers import with_help

__all__ = ["read_part", "read_whole"]

_logger = logging.getLogger("jobtui_core.stores.s3")

_PRECONDITION_FAILED = 412
_NOT_IN_RANGE = 416

_CHUNK = 1 << 20
"""Bytes taken from a connection at once."""

_REPLACED = 3
"""How often reading begins anew because somebody replaces the object meanwhile."""


def read_part(
    connection: Connection, where: dict[str, Any], start: int, length: int | None
) -> bytes | None:
    """Read a part of an object by one request.

    Parameters
    ----------
    connection : Connection
    where : dict
        What names the object in a request.
    start : int
    length : int, optional
        Not 0; to the end by default.
    """
    end = "" if length is None else start + length - 1

    def get(client: Any) -> bytes:
        answer = client.get_object(**where, Range=f"bytes={start}-{end}")
        # Some servers know no ranges and give the whole.
        skipped = 0 if "ContentRange" in answer else start
        if length is None:
            data = _whole(answer["Body"], _size_of(connection, answer))
        else:
            data = read_most(answer["Body"], skipped + length)
        return data[skipped:] if skipped else data

    try:
        return connection.ask("read", get)
    except StoreError as error:
        if is_missing(error):
            return None
        if status_of(error) == _NOT_IN_RANGE:
            return b""
        raise


def read_whole(connection: Connection, where: dict[str, Any], name: str) -> bytes | None:
    """Read an object, by one request unless it is large.

    Parameters
    ----------
    connection : Connection
    where : dict
        What names the object in a request.
    name : str
        Of the object, to tell how far it is.
    """
    for _ in range(_REPLACED):
        try:
            found = connection.ask("read", lambda client: _begin(connection, client, where))
            return found if isinstance(found, bytes) else _Download(found, where, name).finish()
        except StoreError as error:
            if is_missing(error):
                return None
            if status_of(error) != _PRECONDITION_FAILED:
                raise
    raise StoreUnavailableError(
        f"{connection.place.url} cannot be read: an object in it is replaced all the time",
        url=connection.place.url,
        name=name,
    )


def _size_of(connection: Connection, answer: dict[str, Any]) -> int:
    """Give the bytes that an answer has by its own word, if there is room for them."""
    size = answer.get("ContentLength")
    if not isinstance(size, int) or size < 0:
        # S3 always tells it; without it nothing tells a whole object from one that was cut off.
        answer["Body"].close()
        raise WrongAnswerError
    if size >= connection.settings.multipart_size and size > _room():
        answer["Body"].close()
        raise _no_room(connection, size)
    return size


def _room() -> int:
    """Give the bytes of memory that are left on this machine."""
    import psutil

    return int(psutil.virtual_memory().available)


def _no_room(connection: Connection, size: int) -> StoreError:
    url = connection.place.url
    text = f"{url} cannot be read: an object of {size:,} bytes does not fit into memory"
    return StoreError(text, url=url)


class _Begun:
    """The answer to a request for a large object, of which nothing was read yet."""

    def __init__(self, connection: Connection, answer: dict[str, Any]) -> None:
        self.connection = connection
        self.body = answer["Body"]
        self.size: int = answer["ContentLength"]
        self.etag = str(answer["ETag"])


def _whole(body: Any, size: int) -> bytes:
    data = read_most(body, size)
    if len(data) != size:
        raise WrongAnswerError
    return data


def _begin(connection: Connection, client: Any, where: dict[str, Any]) -> bytes | _Begun:
    answer = client.get_object(**where)
    size = _size_of(connection, answer)
    if size < connection.settings.multipart_size or not answer.get("ETag"):
        return _whole(answer["Body"], size)
    return _Begun(connection, answer)


class _Download:
    """A large object that is read from both ends.

    The connection that the first answer came by goes on from the beginning, and others take parts
    from the end, until they meet: no part is asked for twice, and there is no request but the first
    one for what turns out to be small.
    """

    def __init__(self, begun: _Begun, where: dict[str, Any], name: str) -> None:
        self.begun = begun
        self.connection = begun.connection
        self.where = where
        self.name = name
        self.part = self.connection.settings.part_size
        self._left = list(range(0, begun.size, self.part))
        self._done = 0
        # Which part is whose, how much is there, and whether somebody failed.
        self._lock = threading.Lock()
        self._failed = False

    def finish(self) -> bytes:
        """Read all of it."""
        target = io.BytesIO()
        # Room for all of it: parts are put where they belong, and nothing is joined.
        try:
            target.seek(self.begun.size - 1)
            target.write(b"\0")
        except MemoryError:
            self.begun.body.close()
            raise _no_room(self.connection, self.begun.size) from None
        # Its own part first: the answer that came is not to be for nothing.
        first = self._take(0)
        others = min(self.connection.settings.concurrency - 1, len(self._left))
        with target.getbuffer() as room:
            try:
                with_help(
                    lambda: self._from_the_beginning(room, first),
                    lambda: self._from_the_end(room),
                    others,
                )
            finally:
                self.begun.body.close()
        # The very bytes that were written to: this copies nothing.
        return target.getvalue()

    def _take(self, place: int) -> int | None:
        with self._lock:
            return None if self._failed or not self._left else self._left.pop(place)

    def _there(self, length: int) -> None:
        with self._lock:
            self._done += length
            done = self._done
        url = self.connection.place.url
        tell(Transfer(url, self.name, "down", done, self.begun.size))
        _logger.debug("%s: %d of %d bytes of %s read", url, done, self.begun.size, self.name)

    def _from_the_beginning(self, room: memoryview, start: int | None) -> None:
        streaming = True
        with self._failing():
            while start is not None:
                with room[start : start + self.part] as target:
                    if streaming:
                        # A connection that breaks off is not made anew: parts are asked for.
                        streaming = self._streamed(target)
                    if not streaming:
                        self._ranged(start, target)
                    self._there(len(target))
                start = self._take(0)

    def _from_the_end(self, room: memoryview) -> None:
        with self._failing():
            while (start := self._take(-1)) is not None:
                with room[start : start + self.part] as target:
                    self._ranged(start, target)
                    self._there(len(target))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Have the others stop when this one fails."""
        try:
            yield
        except BaseException:
            self._failed = True
            raise

    def _streamed(self, target: memoryview) -> bool:
        def read(_client: Any) -> bool:
            return _fill(self.begun.body, target)

        try:
            return self.connection.once("read", read)
        except StoreUnavailableError:
            return False

    def _ranged(self, start: int, target: memoryview) -> None:
        wanted = f"bytes={start}-{start + len(target) - 1}"

        def get(client: Any) -> bool:
            answer = client.get_object(**self.where, Range=wanted, IfMatch=self.begun.etag)
            body = answer["Body"]
            try:
                if answer.get("ETag") != self.begun.etag or "ContentRange" not in answer:
                    return False
                return _fill(body, target)
            finally:
                body.close()

        if not self.connection.ask("read", get):
            raise StoreError(
                f"{self.connection.place.url} cannot be read: an object changed meanwhile",
                url=self.connection.place.url,
                status=_PRECONDITION_FAILED,
            )


def _fill(body: Any, target: memoryview) -> bool:
    """Fill memory from a body; tell whether there was enough."""
    place = 0
    while place < len(target):
        # Let go of at once: an error's traceback must not hold what it was read into.
        with target[place : place + _CHUNK] as some:
            count = body.readinto(some)
        if not count:
            return False
        place += count
    return True
