"""How a store on S3 is reached: the options of `S3Store`, checked, in one piece."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from jobtui_core.errors import ConfigurationError

__all__ = ["Settings"]

_SSE = ("AES256", "aws:kms", "aws:kms:dsse")

_SMALLEST_PART = 5 << 20
"""Bytes of a part of an upload, unless it is the last: S3's own limit."""

_LARGEST_PAGE = 1000
"""Objects in one answer to a listing: S3's own limit."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What `S3Store` was given beside its URL; plain values without secrets."""

    profile: str | None = None
    endpoint_url: str | None = None
    region: str | None = None
    requester_pays: bool = False
    sse: str | None = None
    sse_kms_key_id: str | None = None
    connect_timeout: float = 3.0
    read_timeout: float = 4.5
    retries: int = 2
    max_wait: float = 10.0
    multipart_size: int = 64 << 20
    part_size: int = 16 << 20
    concurrency: int = 4
    page_size: int = _LARGEST_PAGE

    def __post_init__(self) -> None:
        if self.endpoint_url is not None:
            _check_endpoint(self.endpoint_url)
        if self.sse is not None and self.sse not in _SSE:
            raise ConfigurationError(f"sse is one of {', '.join(_SSE)}, not {self.sse!r:.80}")
        for name, least in (
            ("connect_timeout", 0.001), ("read_timeout", 0.001), ("max_wait", 0), ("retries", 0),
            ("part_size", _SMALLEST_PART), ("multipart_size", 1), ("concurrency", 1),
            ("page_size", 1),
        ):  # fmt: skip
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
                raise ConfigurationError(f"{name} is a number from {least:,} up, not {value!r:.80}")
        if self.page_size > _LARGEST_PAGE:
            raise ConfigurationError(f"page_size is at most {_LARGEST_PAGE}")

    @property
    def given(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if getattr(self, one.name) != one.default
        }


def _check_endpoint(endpoint: str) -> None:
    # What is wrong is not repeated: it may be a password.
    wrong = ConfigurationError(
        "endpoint_url is the address of a server, such as https://s3.example.org, without a user, "
        "a password or a query"
    )
    try:
        parts = urlsplit(endpoint)
        held = "@" in parts.netloc or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not parts.hostname or held:
            raise wrong
        _ = parts.port
    except ValueError:
        raise wrong from None
