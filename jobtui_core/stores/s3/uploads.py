"""Writing: what is small by one request, what is large in parts, several at once."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from datetime import datetime
from typing import Any

from jobtui_core.errors import StoreError
from jobtui_core.stores.progress import Transfer, tell
from jobtui_core.stores.s3.connection import Connection
from jobtui_core.stores.s3.errors import status_of
from jobtui_core.stores.s3.helpers import with_help
from jobtui_core.stores.s3.pieces import Pieces

__all__ = ["NOT_KNOWN", "OWNER", "Upload", "abort_older", "is_ours", "is_unknown", "put"]

_logger = logging.getLogger("jobtui_core.stores.s3")

_MOST_PARTS = 10_000
"""Parts of one object: S3's own limit."""

_PART_STEP = 1 << 20

_MOST_PAGES = 1000
"""Pages of unfinished uploads that are looked at, a thousand on each."""

_MISSING, _LOST = 404, 412
NOT_KNOWN = (400, 501)
"""Answers of servers that know no conditions on writes."""

OWNER = "jobtui-writer"
"""Name of the metadata that tell who wrote an object: a random text for each call."""


def put(
    connection: Connection,
    where: dict[str, Any],
    pieces: Pieces,
    how: dict[str, Any],
) -> None:
    """Write an object by one request.

    Parameters
    ----------
    connection : Connection
    where, how : dict
        What names the object in a request, and what else is said of it.
    pieces : Pieces
    """

    def send(client: Any) -> None:
        body = pieces.part(0, pieces.size)
        client.put_object(**where, Body=body, ContentLength=pieces.size, **how)

    connection.ask("written", send)


class Upload:
    """A large object that is written in parts.

    Parameters
    ----------
    connection : Connection
    where, how : dict
        What names the object in a request, and what else is said of it.
    pieces : Pieces
    name : str
        Of the object, to tell how far it is.
    """

    def __init__(
        self,
        connection: Connection,
        where: dict[str, Any],
        pieces: Pieces,
        how: dict[str, Any],
        name: str,
    ) -> None:
        self.connection = connection
        self.where = where
        self.pieces = pieces
        self.how = how
        self.name = name
        least = -(-pieces.size // _MOST_PARTS)
        steps = -(-least // _PART_STEP)
        self.part = max(connection.settings.part_size, steps * _PART_STEP)
        self._lock = threading.Lock()
        self._done = 0

    def finish(self, *, new: bool = False) -> bool:
        """Write all of it, or leave nothing behind.

        Parameters
        ----------
        new : bool
            Not if there is an object by then, as far as the server keeps such a condition.

        Returns
        -------
        bool
            Whether it was written: always, unless it was to be new.
        """
        token = os.urandom(16).hex()
        how = {**self.how, "Metadata": {OWNER: token}}
        upload: str = self.connection.ask(
            "written",
            lambda client: client.create_multipart_upload(**self.where, **how)["UploadId"],
        )
        where = {**self.where, "UploadId": upload}
        try:
            written = self._complete(where, self._send(where), token, new)
        except BaseException:
            _abort(self.connection, where)
            raise
        if not written:
            _abort(self.connection, where)
        return written

    def _send(self, where: dict[str, Any]) -> list[dict[str, Any]]:
        starts = range(0, self.pieces.size, self.part)
        left = list(enumerate(starts, 1))
        sent: dict[int, dict[str, Any]] = {}

        def work() -> None:
            while True:
                with self._lock:
                    if not left:
                        return
                    number, start = left.pop(0)
                try:
                    sent[number] = self._send_part(where, number, start)
                except BaseException:
                    # The others stop after the part that they are at.
                    left.clear()
                    raise

        with_help(work, work, min(self.connection.settings.concurrency, len(left)) - 1)
        return [sent[number] for number in sorted(sent)]

    def _send_part(self, where: dict[str, Any], number: int, start: int) -> dict[str, Any]:
        def send(client: Any) -> dict[str, Any]:
            body = self.pieces.part(start, self.part)
            answer = client.upload_part(**where, PartNumber=number, Body=body)
            # What the server made of it: its checksums are wanted back.
            kept = {key: value for key, value in answer.items() if key.startswith("Checksum")}
            kept.pop("ChecksumType", None)
            return {"PartNumber": number, "ETag": answer["ETag"], **kept}

        part = self.connection.ask("written", send)
        self._there(min(self.part, self.pieces.size - start))
        return part

    def _there(self, length: int) -> None:
        with self._lock:
            self._done += length
            done = self._done
        url = self.connection.place.url
        tell(Transfer(url, self.name, "up", done, self.pieces.size))
        _logger.debug("%s: %d of %d bytes of %s written", url, done, self.pieces.size, self.name)

    def _complete(
        self, where: dict[str, Any], parts: list[dict[str, Any]], token: str, new: bool
    ) -> bool:
        how = {"IfNoneMatch": "*"} if new else {}

        def send(client: Any) -> None:
            whole = {"Parts": parts}
            client.complete_multipart_upload(**where, MultipartUpload=whole, **how)

        try:
            self.connection.ask("written", send, slow=True)
        except StoreError as error:
            status = status_of(error)
            # The answer to an attempt that was made before may have been lost: then there is no
            # such upload any more, but the object.
            if status in (_MISSING, _LOST) and is_ours(self.connection, self.where, token):
                return True
            if new and status == _LOST:
                return False
            if new and status in NOT_KNOWN and is_unknown(error):
                return self._complete(where, parts, token, new=False)
            raise
        return True


def abort_older(connection: Connection, bucket: dict[str, Any], base: str, age: float) -> None:
    """Remove the parts that writers have left behind that were killed.

    Parameters
    ----------
    connection : Connection
    bucket : dict
        What names the bucket in a request.
    base : str
        What keys begin with.
    age : float
        Seconds since the upload began.
    """
    request = {**bucket, "Prefix": base}
    for _ in range(_MOST_PAGES):
        found = _uploads(connection, request)
        for one in found.get("Uploads", ()):
            key, upload, begun = one.get("Key"), one.get("UploadId"), one.get("Initiated")
            # Whatever a server says, what lies elsewhere is not ours.
            ours = isinstance(key, str) and key.startswith(base) and isinstance(upload, str)
            if ours and isinstance(begun, datetime) and time.time() - begun.timestamp() > age:
                _abort(connection, {**bucket, "Key": key, "UploadId": upload})
        after = {
            "KeyMarker": found.get("NextKeyMarker"),
            "UploadIdMarker": found.get("NextUploadIdMarker"),
        }
        if (
            not found.get("IsTruncated")
            or not after["KeyMarker"]
            or after.items() <= request.items()
        ):
            return
        request.update(after)


def _uploads(connection: Connection, request: dict[str, Any]) -> dict[str, Any]:
    def ask(client: Any) -> dict[str, Any]:
        answer: dict[str, Any] = client.list_multipart_uploads(**request)
        return answer

    try:
        return connection.ask("listed", ask)
    except StoreError as error:
        if status_of(error) == _MISSING:
            return {}
        raise


def _abort(connection: Connection, where: dict[str, Any]) -> None:
    # A single time: who waits has waited for a failure already.
    with suppress(StoreError):
        connection.once("written", lambda client: client.abort_multipart_upload(**where))


def is_unknown(error: StoreError) -> bool:
    """Tell whether a server says that it knows no conditions on writes."""
    return error.facts.get("code") in ("NotImplemented", "InvalidArgument", "InvalidRequest", "501")


def is_ours(connection: Connection, where: dict[str, Any], token: str) -> bool:
    """Tell whether an object was written with a token."""
    try:
        answer = connection.ask("written", lambda client: client.head_object(**where))
    except StoreError as error:
        if status_of(error) == _MISSING:
            return False
        raise
    found = {key.lower(): value for key, value in (answer.get("Metadata") or {}).items()}
    return found.get(OWNER) == token
