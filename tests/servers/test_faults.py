"""The proxy that breaks the network for other tests does what they rely on."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.servers.faults import fault_proxy

_BODY = b"0123456789" * 1000


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    written: list[bytes]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(_BODY)))
        self.end_headers()
        self.wfile.write(_BODY)

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.written.append(data)  # type: ignore[attr-defined]  # its own list
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        """Connections are broken on purpose here."""


@pytest.fixture
def server():
    server = _Server(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.written = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def proxy(server):
    with fault_proxy("127.0.0.1", server.server_port) as proxy:
        yield proxy


def ask(proxy, method="GET", body=None, timeout=20):
    link = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=timeout)
    try:
        link.request(method, "/x", body=body)
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


def once_more(link):
    link.request("GET", "/")
    link.getresponse()


def test_in_fair_weather_everything_passes_and_is_counted(proxy, server):
    assert ask(proxy) == (200, _BODY)
    assert ask(proxy, "PUT", b"x" * 200_000) == (200, b"")
    assert server.written == [b"x" * 200_000]
    assert proxy.requests == {"GET": 1, "PUT": 1}


def test_connections_are_refused_and_heal(proxy):
    with proxy.during(refuse=True), pytest.raises(ConnectionError):
        ask(proxy)
    assert ask(proxy)[0] == 200


def test_an_open_connection_is_reset(proxy):
    link = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
    link.request("GET", "/")
    assert link.getresponse().read() == _BODY
    proxy.set(reset=True)
    with pytest.raises((OSError, http.client.HTTPException)):
        once_more(link)
    link.close()


def test_what_hangs_goes_on_when_the_weather_clears(proxy):
    proxy.set(hang=True)
    with pytest.raises(TimeoutError):
        ask(proxy, timeout=0.2)
    found = []
    waiting = threading.Thread(target=lambda: found.append(ask(proxy)))
    waiting.start()
    proxy.set()
    waiting.join(20)
    assert found == [(200, _BODY)]


def test_an_answer_is_cut_short(proxy):
    with (
        proxy.during(cut_down=3000),
        pytest.raises((OSError, http.client.IncompleteRead)),
    ):
        ask(proxy)
    assert ask(proxy) == (200, _BODY)


def test_a_request_is_cut_short(proxy, server):
    with proxy.during(cut_up=5000), pytest.raises((OSError, http.client.HTTPException)):
        ask(proxy, "PUT", b"x" * 300_000)
    assert b"x" * 300_000 not in server.written


def test_one_request_of_several_is_told_to_slow_down(proxy):
    proxy.set(status=503, every=3)
    assert [ask(proxy)[0] for _ in range(6)] == [200, 200, 503, 200, 200, 503]
    proxy.set(status=503, times=1)
    status, body = ask(proxy)
    assert status == 503
    assert b"<Code>SlowDown</Code>" in body
    assert ask(proxy)[0] == 200


def test_an_answer_is_lost_after_the_write_has_happened(proxy, server):
    proxy.set(lose_answer="PUT", times=1)
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(proxy, "PUT", b"kept")
    assert server.written == [b"kept"]
    assert ask(proxy, "PUT", b"again")[0] == 200
