"""Reading entries back: a hit for a call, or facts for whoever looks at a cache.

A hit is one open and one read, or one mapping; the JSON header is not looked at.  Whatever is
wrong with an entry makes it a miss with a warning.
"""

from __future__ import annotations

import warnings
from typing import Any, Literal

from jobtui_core.codecs import Frame, decode, map_array
from jobtui_core.entry.info import EntryInfo
from jobtui_core.entry.layout import FIRST_READ, Layout, check_frame, needed, parse
from jobtui_core.entry.mapping import (
    MAPPED,
    is_verified,
    map_file,
    may_map,
    remember_verified,
)
from jobtui_core.errors import (
    CacheWarning,
    CodecError,
    EntryCorruptError,
    EntryError,
    EntryVersionError,
    StoreError,
    text_of,
)
from jobtui_core.stores import Store

__all__ = ["MmapMode", "read_info", "read_value"]

MmapMode = Literal["r", "r+", "w+", "c"]
"""As in ``numpy.memmap``.  An entry never changes: ``r+`` and ``w+`` mean ``c``, copy on write."""


def read_value(
    store: Store,
    name: str,
    key: str,
    mmap_mode: MmapMode | None = None,
    *,
    allow_pickle: bool = True,
) -> tuple[Any, EntryInfo] | None:
    """Read the result of a call.

    Parameters
    ----------
    store : Store
    name : str
        From `entry_name`.
    key : str
        The entry must have been written for this one.
    mmap_mode : {"r", "r+", "w+", "c"}, optional
        Give arrays over the file: read-only with ``r``.  Without it large arrays are mapped
        privately where that is safe, and are as writable as any.
    allow_pickle : bool
        Whether reading may run code.

    Returns
    -------
    tuple or None
        The value and what the entry says about it; ``None`` if there is none.

    Warns
    -----
    CacheWarning
        If there is one, but it cannot be used: damaged, foreign, written by a newer version, of a
        class that is gone.
    """
    try:
        head = store.read(name, 0, FIRST_READ)
        if head is None:
            return None
        layout = _parse(store, name, head)
        if layout.key != key:
            raise EntryCorruptError("it was written for another call")
        return _read(store, name, head, layout, mmap_mode, allow_pickle)
    except (EntryError, CodecError, StoreError) as error:
        reason = error
    except Exception as error:  # noqa: BLE001  # bytes from anywhere, classes of anybody
        reason = EntryCorruptError(f"{type(error).__name__}: {text_of(error)}")
    warnings.warn(f"{store.url}: {name} is not used: {reason}", CacheWarning, stacklevel=3)
    return None


def _parse(store: Store, name: str, head: bytes) -> Layout:
    if len(head) == FIRST_READ and needed(head) > FIRST_READ:
        # A long table of frames, or a long list of files.
        more = store.read(name, 0, needed(head))
        return parse(more or b"")
    return parse(head)


def _read(
    store: Store,
    name: str,
    data: Frame,
    layout: Layout,
    mmap_mode: MmapMode | None,
    allow_pickle: bool,
) -> tuple[Any, EntryInfo]:
    if layout.size > FIRST_READ or mmap_mode:
        large = mmap_mode is not None or any(frame.length >= MAPPED for frame in layout.frames)
        path = store.local_path(name) if large else None
        if path is not None and may_map(path):
            mapped = map_file(path, writable=mmap_mode != "r")
            if mapped is None:
                raise EntryCorruptError("it vanished, or cannot be mapped")
            return _from_map(*mapped, str(path), layout.key, mmap_mode, allow_pickle)
        # Read in one go: between two reads another process may put its own entry there.
        data = store.read(name) or b""
        if (again := parse(data)) != layout:
            if again.key != layout.key:
                raise EntryCorruptError("it was written for another call")
            layout = again
    frames = [_checked(data, frame) for frame in layout.frames]
    # Frames over bytes serve as they are for read-only arrays; else decoding copies them.
    value = decode(layout.codec, frames, private=mmap_mode == "r", allow_pickle=allow_pickle)
    return value, EntryInfo(layout, _header(data, layout))


def _from_map(
    memory: Any,
    state: tuple[int, int, int, int],
    path: str,
    key: str,
    mmap_mode: MmapMode | None,
    allow_pickle: bool,
) -> tuple[Any, EntryInfo]:
    view = memoryview(memory)
    layout = parse(view)
    if layout.key != key:
        raise EntryCorruptError("it was written for another call")
    trusted = is_verified(state)
    frames = [
        _checked(view, frame, trusted=trusted and frame.length > MAPPED) for frame in layout.frames
    ]
    remember_verified(state)
    info = EntryInfo(layout, _header(view, layout))
    if mmap_mode and layout.codec == "array" and len(frames) == 2:
        head, body = frames
        offset = layout.frames[1].offset
        return map_array(head, memory, offset, len(body), path, mmap_mode), info
    value = decode(layout.codec, frames, private=True, allow_pickle=allow_pickle)
    return value, info


def _checked(data: Frame, frame: Any, *, trusted: bool = False) -> memoryview:
    part = memoryview(data)[frame.offset : frame.offset + frame.length]
    if len(part) != frame.length:
        raise EntryCorruptError("it ends too early")
    if not trusted:
        check_frame(frame, part)
    return part


def _header(data: Frame, layout: Layout) -> bytes:
    start, size = layout.header
    return bytes(data[start : start + size])


def read_info(store: Store, name: str) -> EntryInfo | None:
    """Read what an entry says about its result, and never the result itself.

    Returns
    -------
    EntryInfo or None
        ``None`` if there is no such entry.

    Raises
    ------
    EntryCorruptError
        If it is damaged.
    EntryVersionError
        If a newer version of the format wrote it.
    StoreError
        If the store cannot be read.
    """
    data = store.read(name, 0, FIRST_READ)
    if data is None:
        return None
    try:
        end = needed(data, header=True)
        if end > len(data):
            data = store.read(name, 0, end) or b""
        layout = parse(data)
        info = EntryInfo(layout, _header(data, layout))
        info.load()
    except EntryVersionError as error:
        raise EntryVersionError(f"{name}: {error}", name=name, url=store.url) from error
    except EntryCorruptError as error:
        raise EntryCorruptError(f"{name}: {error}", name=name, url=store.url) from error
    return info
