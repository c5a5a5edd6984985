"""A store on Amazon S3, or on a server that speaks its language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice, repeat
from typing import Any, Self, TypeVar

from jobtui_core.errors import StoreDeniedError, StoreError
from jobtui_core.stores.base import (
    Capability,
    Data,
    Listed,
    Store,
    check_name,
    check_prefix,
    is_name,
)
from jobtui_core.stores.s3.answers import WrongAnswerError, listed
from jobtui_core.stores.s3.conditions import is_exclusive, write_new
from jobtui_core.stores.s3.connection import Connection
from jobtui_core.stores.s3.downloads import read_part, read_whole
from jobtui_core.stores.s3.errors import is_missing, status_of
from jobtui_core.stores.s3.pieces import Pieces
from jobtui_core.stores.s3.places import Place
from jobtui_core.stores.s3.settings import Settings
from jobtui_core.stores.s3.uploads import Upload, abort_older, put

__all__ = ["S3Store"]

R = TypeVar("R")

_AT_ONCE = 1000
"""Objects that one request deletes: S3's own limit."""

_LARGEST_COPY = 5 << 30
"""Bytes that one request may copy: S3's own limit."""

_EMPTY_PAGES = 10_000
"""Pages one after the other that may hold no object of ours: others may use the bucket, too."""

_DAY = 86400.0

_NO_SUCH_REQUEST = (400, 405, 501)
"""Answers of servers that cannot delete several objects at once."""

_FIRST_REGIONS = (None, "us-east-1", "aws-global")
"""Regions that a bucket is made in by not naming one."""


class S3Store(Store):
    """A store in a bucket on S3.

    Parameters
    ----------
    url : str
        ``s3://bucket`` or ``s3://bucket/prefix``.
    profile : str, optional
        Of ``~/.aws/credentials`` or ``~/.aws/config``; by default the whole of the SDK's chain:
        environment, files, login, role of the machine.
    session : boto3.session.Session, optional
        Where credentials come from instead.  It is not pickled: another process takes those of its
        environment, or of the session's profile.
    endpoint_url : str, optional
        Address of a server that is not Amazon's; ``AWS_ENDPOINT_URL_S3`` does the same.
    region : str, optional
        By default the environment's or the profile's.
    requester_pays : bool
        Requests are paid by whoever makes them, in buckets that want that.
    sse : str, optional
        Encryption by the server: ``"AES256"``, ``"aws:kms"`` or ``"aws:kms:dsse"``.
    sse_kms_key_id : str, optional
        Name or ARN of the key for it.
    connect_timeout, read_timeout : float
        Seconds to wait for a connection, and for an answer or more of it.
    retries : int
        Attempts after the first one, where the server does not answer or is asked too much.
    max_wait : float
        Seconds after which none is begun any more that might take longer.
    multipart_size : int
        Bytes from which an object is written and read in parts, several at once.
    part_size : int
        Bytes of a part, 5 MiB at least.
    concurrency : int
        Parts on their way at once.
    page_size : int
        Objects asked for at once by a listing, 1,000 at most.

    Attributes
    ----------
    requests : collections.Counter
        HTTP requests that were made so far, those that failed too, by S3's names for them.

    Notes
    -----
    Nothing is asked before the first call, nor is the SDK loaded.  The bucket is made by the first
    write if it is not there.  Until it is, the store is empty.

    Whether the server keeps conditions on writes is found out by the first `write_if_absent`, once
    a bucket and process; where it does not, two writers may both be told that they were first.  So
    may they be of objects in parts on servers that keep conditions on others alone.
    """

    def __init__(
        self,
        url: str,
        *,
        profile: str | None = None,
        session: Any = None,
        endpoint_url: str | None = None,
        region: str | None = None,
        requester_pays: bool = False,
        sse: str | None = None,
        sse_kms_key_id: str | None = None,
        connect_timeout: float = Settings.connect_timeout,
        read_timeout: float = Settings.read_timeout,
        retries: int = Settings.retries,
        max_wait: float = Settings.max_wait,
        multipart_size: int = Settings.multipart_size,
        part_size: int = Settings.part_size,
        concurrency: int = Settings.concurrency,
        page_size: int = Settings.page_size,
    ) -> None:
        settings = Settings(
            profile=profile,
            endpoint_url=endpoint_url,
            region=region,
            requester_pays=requester_pays,
            sse=sse,
            sse_kms_key_id=sse_kms_key_id,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries=retries,
            max_wait=max_wait,
            multipart_size=multipart_size,
            part_size=part_size,
            concurrency=concurrency,
            page_size=page_size,
        )
        self._begin(Place.of(url), settings, session)

    def _begin(self, place: Place, settings: Settings, session: Any) -> None:
        self._place = place
        self._settings = settings
        self._connection = Connection(place, settings, session)
        self._allowed: bool | None = None
        self._absent = False
        self.options: Mapping[str, Any] = {**settings.given, **_told_by(session)}

    @property
    def url(self) -> str:
        """``s3://bucket/prefix``, without options."""
        return self._place.url

    @property
    def capabilities(self) -> frozenset[Capability]:
        """``exclusive`` unless the server was found not to keep conditions."""
        found: set[Capability] = {"range", "remote", "shared"}
        if is_exclusive(self._connection) is not False:
            found.add("exclusive")
        return frozenset(found)

    @property
    def writable(self) -> bool | None:
        """What the last attempt has shown; ``None`` before the first."""
        return self._allowed

    @property
    def requests(self) -> Counter[str]:
        """HTTP requests that were made so far, by S3's names for them."""
        return self._connection.requests

    # --------------------------------------------------------------------------------- reading

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read an object or a part of it."""
        where = self._where(name)
        if length is not None and length <= 0:
            return None if self.stat(name) is None else b""
        if start == 0 and length is None:
            return read_whole(self._connection, where, name)
        return read_part(self._connection, where, start, length)

    def stat(self, name: str) -> Listed | None:
        """Give an object's size and time."""
        where = self._where(name)

        def ask(client: Any) -> Listed:
            answer = client.head_object(**where)
            found = listed(name, answer.get("ContentLength"), answer.get("LastModified"))
            if found is None:
                raise WrongAnswerError
            return found

        try:
            return self._connection.ask("looked at", ask)
        except StoreError as error:
            if is_missing(error):
                return None
            raise

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Give the objects whose names begin with ``prefix``."""
        for page in self.pages(prefix, self._settings.page_size):
            yield from page

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """Give the same in pages: one request each."""
        check_prefix(prefix)
        request = {
            **self._bucket(),
            "Prefix": self._place.base + prefix,
            "MaxKeys": max(1, min(size, self._settings.page_size)),
        }
        begun: set[str] = set()
        empty = 0
        while True:
            answer = self._page(request)
            found = map(self._listed, answer.get("Contents", ()), repeat(prefix))
            page = [one for one in found if one is not None]
            token = answer.get("NextContinuationToken")
            empty = 0 if page else empty + 1
            # A server that gives the same pages again would be asked for ever.
            if (page and page[0].name in begun) or empty > _EMPTY_PAGES:
                raise StoreError(f"{self.url} cannot be listed: the server's pages have no end")
            if page:
                begun.add(page[0].name)
                yield page
            if not answer.get("IsTruncated") or not token:
                return
            request["ContinuationToken"] = token

    def _page(self, request: Mapping[str, Any]) -> dict[str, Any]:
        def ask(client: Any) -> dict[str, Any]:
            answer: dict[str, Any] = client.list_objects_v2(**request)
            return answer

        try:
            answer = self._connection.ask("listed", ask)
        except StoreError as error:
            if error.facts.get("code") == "NoSuchBucket":
                self._absent = True
                return {}
            raise
        self._absent = False
        return answer

    @property
    def absent(self) -> bool:
        """Whether the last listing found no bucket."""
        return self._absent

    def _listed(self, found: Any, prefix: str) -> Listed | None:
        key = found.get("Key") if isinstance(found, dict) else None
        if not isinstance(key, str) or not key.startswith(self._place.base + prefix):
            return None
        name = key[len(self._place.base) :]
        # Others may have put there what is no name of ours, such as the mark of a folder.
        if is_name(name) is None:
            return None
        return listed(name, found.get("Size"), found.get("LastModified"))

    # --------------------------------------------------------------------------------- writing

    def write(self, name: str, data: Data) -> None:
        """Write an object, in place of the one that may be there."""
        where, pieces, how = self._where(name), Pieces(data), self._how()
        if pieces.size < self._settings.multipart_size:
            self._changing(lambda: put(self._connection, where, pieces, how))
        else:
            self._changing(lambda: Upload(self._connection, where, pieces, how, name).finish())

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there."""
        where, pieces, how = self._where(name), Pieces(data), self._how()

        def exists() -> bool:
            return self.stat(name) is not None

        if pieces.size >= self._settings.multipart_size:
            upload = Upload(self._connection, where, pieces, how, name)
            return not exists() and self._changing(lambda: upload.finish(new=True))
        return self._changing(lambda: write_new(self._connection, where, pieces, how, exists))

    def copy(self, source: str, target: str) -> None:
        """Give an object a second name, without its bytes coming here."""
        origin = {"Bucket": self._place.bucket, "Key": self._where(source)["Key"]}
        where, how = self._where(target), self._how()
        if source == target:
            # S3 calls that an error.
            return

        def copy_at_once(client: Any) -> None:
            client.copy_object(**where, CopySource=origin, **how)

        def copy_in_parts(client: Any) -> None:
            from boto3.s3 import inject

            extra = {**how, **{key: where[key] for key in where if key == "RequestPayer"}}
            inject.copy(client, origin, where["Bucket"], where["Key"], ExtraArgs=extra)

        try:
            self._connection.ask("written", copy_at_once, slow=True)
        except StoreError as error:
            if is_missing(error):
                return
            found = self.stat(source)
            if found is None or found.size <= _LARGEST_COPY:
                raise
            self._connection.ask("written", copy_in_parts, slow=True)

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        where = self._where(name)
        try:
            self._connection.ask("deleted", lambda client: client.delete_object(**where))
        except StoreError as error:
            if not is_missing(error):
                raise

    def delete_all(self, names: Iterable[str]) -> None:
        """Remove many objects: one request for a thousand."""
        failed: StoreError | None = None
        left = iter(names)
        while some := list(islice(left, _AT_ONCE)):
            try:
                self._delete(some)
            except StoreError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _delete(self, names: Sequence[str]) -> None:
        objects = [{"Key": self._where(name)["Key"]} for name in names]

        def delete(client: Any) -> None:
            wanted = {"Objects": objects, "Quiet": True}
            answer = client.delete_objects(**self._bucket(), Delete=wanted)
            for refused in answer.get("Errors", ()):
                raise _refusal(refused)

        try:
            self._connection.ask("deleted", delete, slow=True)
        except StoreError as error:
            if error.facts.get("code") == "NoSuchBucket":
                return
            if status_of(error) not in _NO_SUCH_REQUEST:
                raise
            super().delete_all(names)

    def sweep(self) -> None:
        """Remove parts of large objects whose writers were killed; those of a day are left."""
        # A courtesy, for which there may be no permission.
        with suppress(StoreError):
            abort_older(self._connection, self._bucket(), self._place.base, _DAY)

    # ------------------------------------------------------------------------------ the bucket

    def _changing(self, write: Callable[[], R]) -> R:
        """Write, and remember whether that is allowed; the first time, make the bucket."""
        try:
            try:
                done = write()
            except StoreError as error:
                if error.facts.get("code") != "NoSuchBucket":
                    raise
                self._make_bucket()
                done = write()
        except StoreDeniedError:
            self._allowed = False
            raise
        self._allowed = True
        return done

    def _make_bucket(self) -> None:
        def make(client: Any) -> None:
            how = {}
            region = client.meta.region_name
            if self._connection.endpoint is None and region not in _FIRST_REGIONS:
                how["CreateBucketConfiguration"] = {"LocationConstraint": region}
            client.create_bucket(Bucket=self._place.bucket, **how)

        try:
            self._connection.ask("written", make)
        except StoreError as error:
            if error.facts.get("code") == "BucketAlreadyOwnedByYou":
                return
            if status_of(error) not in (401, 403):
                raise
            problem = StoreDeniedError(
                f"{self.url} cannot be written: there is no bucket {self._place.bucket}, and the "
                "credentials lack the permission to make it (s3:CreateBucket): make it, or check "
                "its name",
                **error.facts,
            )
        else:
            return
        raise problem

    def _bucket(self) -> dict[str, Any]:
        payer = {"RequestPayer": "requester"} if self._settings.requester_pays else {}
        return {"Bucket": self._place.bucket, **payer}

    def _where(self, name: str) -> dict[str, Any]:
        return {**self._bucket(), "Key": self._place.base + check_name(name)}

    def _how(self) -> dict[str, Any]:
        how = {}
        if self._settings.sse is not None:
            how["ServerSideEncryption"] = self._settings.sse
        if self._settings.sse_kms_key_id is not None:
            how["SSEKMSKeyId"] = self._settings.sse_kms_key_id
        return how

    # ---------------------------------------------------------------------- to other processes

    def __copy__(self) -> Self:
        # With the client, and the session that it came from.
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        del state["_connection"]
        # Credentials of a session stay here; its profile's name leads to them elsewhere.
        state["_settings"] = replace(self._settings, **_told_by(self._connection.session))
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._connection = Connection(self._place, self._settings)


def _told_by(session: Any) -> dict[str, Any]:
    """Give what of a session is no secret, and leads to the same place in another process."""
    found = {
        "profile": getattr(session, "profile_name", None),
        "region": getattr(session, "region_name", None),
    }
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, str) and (name, value) != ("profile", "default")
    }


class _RefusedError(Exception):
    """One object of several was not deleted; it looks like the SDK's error for a single one."""

    def __init__(self, response: dict[str, Any]) -> None:
        super().__init__()
        self.response = response


def _refusal(refused: dict[str, Any]) -> _RefusedError:
    code = refused.get("Code", "")
    status = {"AccessDenied": 403, "SlowDown": 503, "InternalError": 500}.get(code, 0)
    return _RefusedError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}})
