"""A store whose server is a function: answers and errors that no real server gives when asked."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.session import Session

from jobtui_core.stores.s3 import S3Store
from jobtui_core.stores.s3.clients import _build
from jobtui_core.stores.s3.settings import Settings

__all__ = ["ENDPOINT", "Asked", "Server", "answer", "refusal"]

ENDPOINT = "http://server.invalid:1"


class Asked:
    """A request, as it would have been sent."""

    def __init__(self, request: Any) -> None:
        parts = urlsplit(request.url)
        self.method: str = request.method
        self.key = parts.path.split("/", 2)[2] if parts.path.count("/") > 1 else ""
        self.query_names = parse_qs(parts.query, keep_blank_values=True)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        body = request.body
        self.body: bytes = body.read() if hasattr(body, "read") else body or b""


def answer(status: int = 200, body: bytes = b"", **headers: str) -> AWSResponse:
    """Give an answer; ``content_length`` is a header's name."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    told.setdefault("content-length", str(len(body)))
    return AWSResponse("http://server", status, told, _Raw(body))


def refusal(status: int, code: str, message: str = "", **headers: str) -> AWSResponse:
    """Give an error as S3 does."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return answer(status, text.encode(), content_type="application/xml", **headers)


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()

    def release_conn(self) -> None:
        pass


class Server:
    """A client of the SDK whose requests are answered by a function.

    To make a client takes longer than the tests that need one, so they have it in common.
    """

    def __init__(self) -> None:
        self.respond: Callable[[Asked], AWSResponse | Exception] = _nobody
        self.asked: list[Asked] = []
        self.client = _build(Settings(endpoint_url=ENDPOINT), Session().create_client, slow=False)
        self.client.meta.events.register_last("before-send.s3", self._send)

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        self.asked.append(Asked(request))
        response = self.respond(self.asked[-1])
        if isinstance(response, Exception):
            raise response
        return response

    def answers(
        self, store: S3Store, respond: Callable[[Asked], AWSResponse | Exception]
    ) -> list[Asked]:
        """Have a function answer what a store asks; give the list of what it asked."""
        self.respond, self.asked = respond, []
        store._connection._clients = (os.getpid(), {False: self.client, True: self.client})
        store._connection._address = self.client.meta.endpoint_url
        return self.asked


def _nobody(asked: Asked) -> AWSResponse:
    raise AssertionError(f"{asked.method} {asked.key} was not expected")
