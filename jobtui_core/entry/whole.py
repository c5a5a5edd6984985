"""An entry held against all its checksums, without decoding what it holds.

A reader checks what it needs and computes again where that is damaged.  Whoever hands an entry on
to others checks the whole of it first, so that damage stays where it is.
"""

from __future__ import annotations

from jobtui_core.codecs import Frame
from jobtui_core.entry.earlier import earlier_name, written_in
from jobtui_core.entry.info import EntryInfo
from jobtui_core.entry.layout import check_frame, parse
from jobtui_core.entry.signature import check_body, check_signature
from jobtui_core.errors import EntryCorruptError
from jobtui_core.stores import SigningKey

__all__ = ["check_entry"]


def check_entry(data: Frame, name: str, key: SigningKey | None = None) -> EntryInfo:
    """Check that these bytes are the whole entry of that name.

    Parameters
    ----------
    data : bytes-like
        All of it.
    name : str
        Where it lies: it must be that of its function and key.
    key : SigningKey, optional
        It must be signed with this one.

    Returns
    -------
    EntryInfo

    Raises
    ------
    EntryCorruptError
        If something is wrong with it.
    EntryVersionError
        If a newer version of the format wrote it: nobody here can tell whether it is whole.
    """
    layout = parse(data)
    if len(data) != layout.size:
        raise EntryCorruptError(f"it has {len(data)} bytes, and should have {layout.size}")
    if key is not None:
        check_signature(key, data, layout.signature)
        check_body(data, layout.signature)
    view = memoryview(data)
    for frame in layout.frames:
        check_frame(frame, view[frame.offset : frame.offset + frame.length])
    start, size = layout.header
    info = EntryInfo(layout, bytes(view[start : start + size]))
    info.load()
    folder, _, rest = name.partition("/")
    found = rest[rest.rfind("/") + 1 :].removesuffix(".entry")
    aside = (earlier_name(info.key, info.met, one) for one in ((), written_in(info.outputs)))
    if found not in (info.key, *aside):
        raise EntryCorruptError("it was written for another call")
    if not info.is_in_place(folder):
        raise EntryCorruptError("it was written for another function")
    return info
