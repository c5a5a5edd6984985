"""What file systems say of a file, each in words of its own, in ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = ["is_file", "marks_of", "size_of", "time_of"]

_TIMES = (
    "mtime",
    "LastModified",
    "Last-Modified",
    "last_modified",
    "updated",
    "modified",
    "modify",
    "timeModified",
    "modificationTime",
    "last_write_time",
    "timeCreated",
    "created",
)
"""Where the time of writing stands, the best first."""


_MARKS = (
    "ETag",
    "etag",
    "e_tag",
    "generation",
    "version_id",
    "VersionId",
    "md5Hash",
    "md5",
    "content_md5",
    "Content-MD5",
    "Digest",
    "crc32c",
    "checksum",
)
"""What is another one whenever the content is."""


def is_file(info: Mapping[str, Any]) -> bool:
    """Tell whether it is a file."""
    return info.get("type") == "file"


def size_of(info: Mapping[str, Any]) -> int | None:
    """Give its bytes; ``None`` if that is not said."""
    size = info.get("size")
    return size if isinstance(size, int) and size >= 0 else None


def marks_of(info: Mapping[str, Any]) -> dict[str, str]:
    """Give the marks of a content, by their names."""
    return {name: str(info[name]) for name in _MARKS if info.get(name)}


def time_of(info: Mapping[str, Any]) -> float | None:
    """Give when it was written, in seconds since the epoch; ``None`` if that is not said."""
    for name in _TIMES:
        if (found := _seconds(info.get(name))) is not None:
            return found
    return None


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        # WebHDFS counts milliseconds.
        return value / 1000 if value > 1e11 else float(value)
    try:
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _parsed(text: str) -> datetime:
    digits, _, _ = text.partition(".")
    if digits.isdigit() and len(digits) == 14:
        # As FTP's MLSD has it.
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # As in the headers of HTTP.
        from email.utils import parsedate_to_datetime

        return parsedate_to_datetime(text)
