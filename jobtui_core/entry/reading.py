"""Reading entries back: a hit for a call, or facts for whoever looks at a cache.

A hit is one open and one read, or one mapping; the JSON header is not looked at.  From a remote
store it is one request, for all of it.  Whatever is wrong with an entry makes it a miss with a
warning.
"""

from __future__ import annotations

import mmap
import warnings
from contextlib import suppress
from typing import Any, Literal, NamedTuple, get_args

from jobtui_core.callers import level_of_user
from jobtui_core.codecs import Frame, Mapped, Memory, decode, decode_plain
from jobtui_core.entry.info import EntryInfo
from jobtui_core.entry.layout import (
    FIRST_READ,
    LARGEST_BEGINNING,
    LARGEST_HEADER,
    FrameInfo,
    Layout,
    check_frame,
    needed,
    open_frame,
    parse,
    parse_simple,
)
from jobtui_core.entry.mapping import (
    MAPPED,
    is_verified,
    map_file,
    may_map,
    remember_verified,
)
from jobtui_core.entry.signature import check_body, check_signature
from jobtui_core.errors import (
    CacheWarning,
    CodecError,
    EntryCorruptError,
    EntryError,
    EntryVersionError,
    StoreError,
    text_of,
)
from jobtui_core.folders import LARGEST_LIST, is_folder, listed_files
from jobtui_core.hashing import remember_digest
from jobtui_core.stores import SigningKey, Store

__all__ = ["MmapMode", "known_mmap_mode", "load_value", "read_info", "read_kept", "read_value"]

_FIRST_LOOK = 1 << 13
"""Bytes of the first read for what an entry says, where each byte comes over a network: they hold
the header of most."""

_LARGEST_FAR = 4 << 20
"""Bytes up to the end of a header that are read over a network by whoever only looks."""

MmapMode = Literal["r", "r+", "w+", "c"]
"""As in ``numpy.memmap``.  An entry never changes: ``r+`` and ``w+`` mean ``c``, copy on write."""


def known_mmap_mode(mode: MmapMode | None) -> MmapMode | None:
    """Give a mode as it is; raises ``ValueError`` for what is none."""
    modes = get_args(MmapMode)
    if mode is not None and mode not in modes:
        words = ", ".join(map(repr, modes))
        raise ValueError(f"mmap_mode is None or one of {words}, not {mode!r}")
    return mode


def read_value(
    store: Store,
    name: str,
    key: str,
    mmap_mode: MmapMode | None = None,
    *,
    allow_pickle: bool = True,
    remember: bool = False,
    quiet: bool = False,
) -> tuple[Any, EntryInfo] | None:
    """Read the result of a call.

    Parameters
    ----------
    store : Store
        With its `Store.signing_key`, if it has one: then only what was signed with that is read.
    name : str
        From `entry_name`.
    key : str
        The entry must have been written for this one.
    mmap_mode : {"r", "r+", "w+", "c"}, optional
        Give arrays over the file: read-only with ``r``.  Without it large arrays are mapped
        privately where that is safe, and are as writable as any.
    allow_pickle : bool
        Whether reading may run code.
    remember : bool
        Whether digests of arrays that cannot be written to are known from here on.  They must
        have been made by today's algorithm, as in every entry that is found by today's key.
    quiet : bool
        Whether the caller was told already what is wrong with it, if something is.

    Returns
    -------
    tuple or None
        The value and what the entry says about it; ``None`` if there is none.

    Raises
    ------
    StoreError
        If the store cannot be read.

    Warns
    -----
    CacheWarning
        If there is one, but it cannot be used: damaged, foreign, written by a newer version, of a
        class that is gone, not signed.
    """
    asked = _Asked(key, mmap_mode, allow_pickle, remember)
    try:
        if "remote" in store.capabilities:
            return _read_remote(store, name, asked)
        return _read_here(store, name, asked)
    except StoreError:
        # It concerns other entries too, and is to be said once for all.
        raise
    except (EntryError, CodecError) as error:
        reason = error
    except Exception as error:  # noqa: BLE001  bytes from anywhere, classes of anybody
        reason = EntryCorruptError(f"{type(error).__name__}: {text_of(error)}")
    if not quiet:
        text = f"{store.url}: {name} is not used: {reason}"
        warnings.warn(text, CacheWarning, stacklevel=level_of_user())
    return None


def load_value(
    store: Store,
    name: str,
    key: str,
    mmap_mode: MmapMode | None = None,
    *,
    allow_pickle: bool = True,
) -> tuple[Any, EntryInfo] | None:
    """Read the result of a call as `read_value` does, and say why where that cannot be done.

    Raises
    ------
    EntryError, CodecError
        If there is an entry that cannot be used.
    StoreError
        If the store cannot be read.
    """
    asked = _Asked(key, mmap_mode, allow_pickle, remember=False)
    if "remote" in store.capabilities:
        return _read_remote(store, name, asked)
    return _read_here(store, name, asked)


def _read_here(store: Store, name: str, asked: _Asked) -> tuple[Any, EntryInfo] | None:
    """Read an entry in as few calls as its size allows, and map it if it is large."""
    if store.signing_key is not None:
        return _read_signed(store, store.signing_key, name, asked)
    head = store.read(name, 0, FIRST_READ)
    if head is None:
        return None
    simple = parse_simple(head)
    if simple is not None and simple[0] == asked.key:
        return decode_plain(simple[-1]), EntryInfo.of_simple(simple)
    layout = _parse(store, name, head)
    if layout.key != asked.key:
        raise EntryCorruptError("it was written for another call")
    return _read(store, name, head, layout, asked)


def _read_remote(store: Store, name: str, asked: _Asked) -> tuple[Any, EntryInfo] | None:
    """Read an entry whole, in one request; from a copy on this machine where the store has one."""
    copies = store.copies
    if copies is not None:
        try:
            if (found := _read_here(copies.with_key(store.signing_key), name, asked)) is not None:
                return found
        except Exception:  # noqa: BLE001  a copy is disposable, whatever is wrong with it
            with suppress(StoreError):
                copies.delete(name)
    data = store.read(name)
    if data is None:
        return None
    simple = parse_simple(data) if store.signing_key is None else None
    if simple is not None and simple[0] == asked.key:
        return decode_plain(simple[-1]), EntryInfo.of_simple(simple)
    return _from_whole(data, asked, store.signing_key)


class _Asked(NamedTuple):
    """What a reader wants."""

    key: str
    mmap_mode: MmapMode | None
    allow_pickle: bool
    remember: bool


def _parse(store: Store, name: str, head: bytes) -> Layout:
    if len(head) == FIRST_READ and (end := needed(head)) > FIRST_READ:
        # A long table of frames, or a long list of files.
        return parse(_beginning(store, name, end))
    return parse(head)


def _beginning(store: Store, name: str, end: int) -> bytes:
    """Read an entry up to a place that it names itself, if it has so much."""
    if "remote" not in store.capabilities:
        listed = store.stat(name)
        if listed is None or listed.size < end:
            # Room for it would be made before it turned out that it is not there.
            raise EntryCorruptError("it ends too early")
    if end > LARGEST_BEGINNING:
        raise EntryCorruptError("what comes before its value is too large")
    data = store.read(name, 0, end) or b""
    if len(data) < end:
        raise EntryCorruptError("it ends too early")
    return data


def _read_signed(
    store: Store, signing_key: SigningKey, name: str, asked: _Asked
) -> tuple[Any, EntryInfo] | None:
    """Read an entry that counts only if it is signed: in one go, and never mapped.

    What is mapped could be changed by whoever may write to the store, after it was checked.
    """
    data = store.read(name, 0, FIRST_READ)
    if data is None:
        return None
    if len(data) == FIRST_READ:
        # How long it is counts for something once the signature says so.
        if (end := needed(data, header=True)) > FIRST_READ:
            data = _beginning(store, name, end)
        layout = parse(data)
        check_signature(signing_key, data, layout.signature)
        data = store.read(name, 0, layout.size)
        if data is None:
            return None
    return _from_whole(data, asked, signing_key)


def _from_whole(
    data: bytes, asked: _Asked, signing_key: SigningKey | None
) -> tuple[Any, EntryInfo]:
    """Take an entry that was read whole; with a key it counts only if it is signed."""
    layout = parse(data)
    if len(data) < layout.size:
        raise EntryCorruptError("it ends too early")
    data = data[: layout.size]
    if signing_key is not None:
        check_signature(signing_key, data, layout.signature)
        check_body(data, layout.signature)
    if layout.key != asked.key:
        raise EntryCorruptError("it was written for another call")
    return _from_bytes(data, layout, asked)


def _read(
    store: Store, name: str, data: bytes, layout: Layout, asked: _Asked
) -> tuple[Any, EntryInfo] | None:
    if layout.size > FIRST_READ or asked.mmap_mode:
        large = asked.mmap_mode is not None or any(one.length >= MAPPED for one in layout.frames)
        path = store.local_file(name) if large else None
        if path is not None and may_map(path):
            mapped = map_file(path, writable=asked.mmap_mode != "r", first=layout.header[0])
            if mapped is not None:
                return _from_map(*mapped, path, asked, data, layout)
        # Read in one go: between two reads another process may put its own entry there.
        whole = store.read(name, 0, layout.size)
        if whole is None:
            # Deleted just now.
            return None
        data = whole
        if (again := parse(data)) != layout:
            if again.key != layout.key:
                raise EntryCorruptError("it was written for another call")
            layout = again
            if layout.size > len(data):
                data = store.read(name, 0, layout.size) or b""
    return _from_bytes(data, layout, asked)


def _from_bytes(data: bytes, layout: Layout, asked: _Asked) -> tuple[Any, EntryInfo]:
    fixed = asked.mmap_mode == "r"
    frames = [_opened(data, frame, fixed=fixed) for frame in layout.frames]
    # Frames over bytes serve as they are for read-only arrays; else decoding copies them.
    memory = _FIXED if fixed and asked.remember else _READ_ONLY if fixed else _COPIED
    value = decode(layout.codec, frames, memory, allow_pickle=asked.allow_pickle)
    info = EntryInfo(layout, _header(data, layout))
    return _told(value, info, memory), info


_COPIED = Memory()
_READ_ONLY = Memory(private=True)
_FIXED = Memory(private=True, fixed=True)


def _from_map(
    memory: mmap.mmap,
    state: tuple[int, int, int, int],
    start: bytes,
    path: str,
    asked: _Asked,
    head: bytes,
    layout: Layout,
) -> tuple[Any, EntryInfo]:
    view = memoryview(memory)
    if start != head[: len(start)] or len(start) < layout.header[0]:
        # Another process put its own entry there meanwhile.
        layout = parse(view)
        head = b""
    if layout.key != asked.key:
        raise EntryCorruptError("it was written for another call")
    trusted = is_verified(state)
    mode = asked.mmap_mode
    frames = [
        _opened(view, one, trusted=trusted and one.length > MAPPED, fixed=mode == "r")
        for one in layout.frames[1:]
    ]
    first = layout.frames[0]
    # What is around the arrays was read already: no page of the mapping is touched for it.
    known = layout.codec in ("array", "nested") and first.offset + first.length <= len(head)
    large = trusted and first.length > MAPPED
    frames.insert(0, _opened(head if known else view, first, trusted=large, fixed=mode == "r"))
    if not trusted:
        remember_verified(state)
    mapped = None
    if mode is not None:
        places = {n: one.offset for n, one in enumerate(layout.frames) if not one.flags}
        mapped = Mapped(memory, path, mode, places)
    lies = Memory(private=True, fixed=mode == "r" and asked.remember, mapped=mapped)
    value = decode(layout.codec, frames, lies, allow_pickle=asked.allow_pickle)
    info = EntryInfo(layout, _header(head if sum(layout.header) <= len(head) else view, layout))
    return _told(value, info, lies), info


def _told(value: Any, info: EntryInfo, memory: Memory) -> Any:
    """Take note of what an array is that nobody will change."""
    if memory.fixed and info.codec == "array" and not info.hash:
        remember_digest(value, bytes.fromhex(info.result))
    return value


def _opened(data: Frame, frame: FrameInfo, *, trusted: bool = False, fixed: bool = False) -> Frame:
    """Give a frame as its codec made it, after a look at its checksum."""
    part = memoryview(data)[frame.offset : frame.offset + frame.length]
    if len(part) != frame.length:
        raise EntryCorruptError("it ends too early")
    if not trusted:
        check_frame(frame, part)
    if not frame.flags:
        return part
    found = open_frame(frame, part)
    return memoryview(found).toreadonly() if fixed else found


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
        If it is damaged, or not signed with the store's key where that has one.
    EntryVersionError
        If a newer version of the format wrote it.
    StoreError
        If the store cannot be read.
    """
    far = "remote" in store.capabilities
    data = store.read(name, 0, _FIRST_LOOK if far else FIRST_READ)
    if data is None:
        return None
    try:
        end = needed(data, header=True)
        if end > len(data):
            if end > (_LARGEST_FAR if far else LARGEST_HEADER):
                raise EntryCorruptError("its header is too large to be looked at")
            if far:
                # Another entry may stand there by now; then the checksums do not fit.
                data += store.read(name, len(data), end - len(data)) or b""
            else:
                data = _beginning(store, name, end)
        layout = parse(data)
        if store.signing_key is not None:
            check_signature(store.signing_key, data, layout.signature)
        info = EntryInfo(layout, _header(data, layout))
        info.load()
    except EntryVersionError as error:
        raise EntryVersionError(f"{name}: {error}", name=name, url=store.url) from error
    except EntryCorruptError as error:
        raise EntryCorruptError(f"{name}: {error}", name=name, url=store.url) from error
    return info


_FIGURES = b'{"figures":'
"""How the header of an entry with figures begins."""


def read_kept(store: Store, name: str) -> set[str]:
    """Read the digests of what else an entry keeps: output files, and pictures of figures.

    It is not asked who signed that.

    Raises
    ------
    EntryCorruptError, EntryVersionError, StoreError
        As `read_info` does.
    """
    data = store.read(name, 0, FIRST_READ)
    if data is None:
        return set()
    layout = _parse(store, name, data)
    info = EntryInfo(layout, b"")
    found = kept_outputs(store, info)
    start, size = layout.header
    header = data[start : start + size] or store.read(name, start, len(_FIGURES)) or b""
    if not header.startswith(_FIGURES):
        return found
    if len(header) < size:
        header = store.read(name, start, size) or b""
    return found | kept_figures(EntryInfo(layout, header))


def kept_outputs(store: Store, info: EntryInfo) -> set[str]:
    """Give the digests of an entry's output files, and of the files of folders among them.

    Raises
    ------
    StoreError
        If the list of a folder's files cannot be read.
    """
    found = {output["digest"] for output in info.outputs}
    for output in info.outputs:
        if is_folder(output["path"]) and output["digest"].isalnum():
            data = store.read(f"blobs/{output['digest']}", 0, LARGEST_LIST)
            with suppress(ValueError):
                found.update(filter(None, listed_files(data or b"").values()))
    return found


def kept_figures(info: EntryInfo) -> set[str]:
    """Give the digests of the pictures of an entry's figures."""
    return {digest for one in info.figures for digest in (one.png, one.svg) if digest}
