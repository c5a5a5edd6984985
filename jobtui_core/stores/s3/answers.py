"""Answers of a server that may be anybody's: none is longer, or takes longer, than answers do.

The SDK takes into memory whatever a server sends, for as long as it sends something now and then.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jobtui_core.stores.base import Listed

__all__ = ["TooMuchError", "TooSlowError", "WrongAnswerError", "bound", "listed", "read_most"]

_LARGEST = 6 << 20
"""Bytes of an answer that is no object's content: a thousand of the longest names take four."""

_LARGEST_OBJECT = 1 << 60
"""Bytes of an object at most: S3 itself takes fewer, and sums of these can be counted."""

_GRACE = 30.0
"""Seconds for an answer, however little of it comes."""

_SLOWEST = 2000.0
"""Bytes a second that come in the long run, if an answer takes longer."""

_CHUNK = 1 << 20
"""Bytes that are asked for at once; fewer may come."""


class TooMuchError(Exception):
    """A server sends more than any answer of its kind takes."""


class TooSlowError(Exception):
    """A server sends something from time to time, and never comes to an end."""


class WrongAnswerError(Exception):
    """What a server answered cannot be read."""


def bound(client: Any) -> None:
    """Have all that a client of the SDK receives be bounded.

    Parameters
    ----------
    client : botocore.client.BaseClient
        A new one.
    """
    # There is no public way to put something between the SDK and the network.
    endpoint = client._endpoint
    endpoint.http_session = _Bounded(endpoint.http_session)


def listed(name: str, size: Any, when: Any) -> Listed | None:
    """Give what a server says of an object; ``None`` if that cannot be.

    Parameters
    ----------
    name : str
        Checked already.
    size, when : object
        As the SDK gives them.
    """
    if not isinstance(size, int) or not 0 <= size <= _LARGEST_OBJECT:
        return None
    if not isinstance(when, datetime):
        return None
    # A listing may tell fractions of a second, the headers of an object do not.
    return Listed(name, size, float(max(0, int(when.timestamp()))))


def read_most(body: Any, length: int) -> bytes:
    """Read the content of an object, up to a length; more of it is not taken.

    Parameters
    ----------
    body : botocore.response.StreamingBody
        It is closed.
    length : int
    """
    found: list[bytes] = []
    left = length
    try:
        while left > 0 and (data := body.read(left)):
            found.append(data)
            left -= len(data)
    finally:
        body.close()
    return found[0] if len(found) == 1 else b"".join(found)


class _Bounded:
    """The SDK's way to the network, with bounds on what comes back."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def send(self, request: Any) -> Any:
        streaming = request.stream_output
        # Else all of it is taken at once, before anybody can look at it.
        request.stream_output = True
        answer = self._session.send(request)
        answer.raw = _Paced(answer.raw)
        if not streaming or answer.status_code >= 300:
            # Taken and kept by the SDK, which gives the connection back.
            _ = answer.content
        return answer

    def close(self) -> None:
        self._session.close()


class _Paced:
    """The body of an answer, which has to go on coming."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._read = getattr(raw, "read1", raw.read)
        self._waited = 0.0
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """Give all of an answer that is no object's content."""
        while data := self._some(_CHUNK):
            if self._size > _LARGEST:
                self._raw.close()
                raise TooMuchError
            yield data
        self._raw.release_conn()

    def read(self, amt: int | None = None, *_: Any, **__: Any) -> bytes:
        """Read so many bytes, fewer only at the end; all by default."""
        found: list[bytes] = []
        left = amt
        while left is None or left > 0:
            data = self._some(_CHUNK if left is None else min(left, _CHUNK))
            if not data:
                break
            found.append(data)
            if left is not None:
                left -= len(data)
        return found[0] if len(found) == 1 else b"".join(found)

    def readinto(self, target: Any) -> int:
        """Read what is there, up to the length of the target."""
        data = self._some(min(len(target), _CHUNK))
        target[: len(data)] = data
        return len(data)

    def _some(self, most: int) -> bytes:
        # Only waiting counts: whoever reads may take its time.
        begun = time.monotonic()
        data: bytes = self._read(most)
        self._waited += time.monotonic() - begun
        self._size += len(data)
        if data and self._waited > _GRACE + self._size / _SLOWEST:
            self._raw.close()
            raise TooSlowError
        return data
