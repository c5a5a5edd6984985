"""Entries: one result of one call, with what is known of the call, in one object of a store."""

from jobtui_core.entry.describe import clean, describe, describe_argument
from jobtui_core.entry.info import EntryInfo, EntryMeta
from jobtui_core.entry.previews import preview
from jobtui_core.entry.reading import MmapMode, read_info, read_value
from jobtui_core.entry.writing import entry_name, write_entry
from jobtui_core.errors import CacheWarning

__all__ = [
    "CacheWarning",
    "EntryInfo",
    "EntryMeta",
    "MmapMode",
    "clean",
    "describe",
    "describe_argument",
    "entry_name",
    "preview",
    "read_info",
    "read_value",
    "write_entry",
]
