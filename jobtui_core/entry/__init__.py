"""Entries: one result of one call, with what is known of the call, in one object of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jobtui_core.entry.describe import clean, describe, describe_argument
from jobtui_core.entry.info import EntryInfo, EntryMeta
from jobtui_core.entry.reading import (
    MmapMode,
    known_mmap_mode,
    load_value,
    read_info,
    read_kept,
    read_value,
)
from jobtui_core.entry.writing import entry_name, result_digest, write_entry
from jobtui_core.errors import CacheWarning

if TYPE_CHECKING:
    from jobtui_core.entry.previews import preview

__all__ = [
    "CacheWarning",
    "EntryInfo",
    "EntryMeta",
    "MmapMode",
    "clean",
    "describe",
    "describe_argument",
    "entry_name",
    "known_mmap_mode",
    "load_value",
    "preview",
    "read_info",
    "read_kept",
    "read_value",
    "result_digest",
    "write_entry",
]


def __getattr__(name: str) -> Any:
    if name == "preview":
        # Brings the records of the screen, which a hit does without.
        from jobtui_core.entry.previews import preview

        return preview
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
