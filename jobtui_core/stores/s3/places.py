"""Where on S3 a store lies, and what is done there: as URLs and error messages say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobtui_core.errors import StoreError
from jobtui_core.stores.base import is_name

__all__ = ["Place", "shown_endpoint"]

_is_bucket = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}").fullmatch


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and what the keys of a store's objects in it begin with."""

    bucket: str
    base: str
    """Empty, or with a ``/`` at the end."""

    @classmethod
    def of(cls, url: str) -> Place:
        """Read a URL.

        Raises
        ------
        StoreError
            If it is none of a place on S3.  It is not repeated where it may hold a secret.
        """
        scheme, mark, rest = url.partition("://")
        bucket, _, prefix = rest.partition("/")
        if scheme.lower() != "s3" or not mark or _is_bucket(bucket) is None:
            raise StoreError(
                "the URL of a store on S3 is s3://bucket/prefix, where a bucket's name consists "
                "of letters, digits and '.', '-', '_'"
            )
        prefix = prefix.strip("/")
        if prefix and is_name(prefix) is None:
            raise StoreError(
                f"the prefix of a store in bucket {bucket!r} consists of parts of plain ASCII "
                "letters, digits and _.%+=@,~- with one '/' between them, none of which begins "
                "with a dot",
                bucket=bucket,
            )
        return cls(bucket, f"{prefix}/" if prefix else "")

    @property
    def url(self) -> str:
        """The same for all spellings of it."""
        return f"s3://{self.bucket}/{self.base}".rstrip("/")


def shown_endpoint(endpoint: str | None) -> str:
    """Name a server by what of its address may be shown: neither users nor queries."""
    if not endpoint:
        return "Amazon S3"
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "its endpoint"
    if not host:
        return "its endpoint"
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
