"""Output files of calls, kept as blobs, so that a hit leaves the same files as the call did.

A file is known by the digest of its content.  What lies on an output's path may be that very
content, another call's (put back ours: the newest call owns a path), or something that a person
made of it, which is theirs to keep.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.folders import LARGEST_LIST, folder_list, is_folder, listed_files, remove
from jobtui_core.hashing import digest_bytes, digest_file
from jobtui_core.memory.places import Place, is_foreign, place_of
from jobtui_core.stores import Store
from jobtui_core.tracing.files import quiet

if TYPE_CHECKING:
    from jobtui_core.memory.rooms import Rooms

__all__ = [
    "DamagedCopyError",
    "Inside",
    "OutputRecord",
    "are_records",
    "describe",
    "inside_call",
    "is_gone",
    "keep",
    "output_size",
    "put_back",
    "to_put_back",
]

OutputRecord = dict[str, Any]
"""``path`` (as records name files), ``digest`` of the content, ``kept`` (whether there is a
blob), ``saver`` (what wrote it), and ``state``: what was said of it when it was written."""


class Inside(list[OutputRecord]):
    """Outputs of the calls made in the course of another one."""

    rooms: Rooms | None = None
    """What names the files that the other one's function writes itself."""


inside_call: ContextVar[Inside | None] = ContextVar("jobtui-inside", default=None)
"""Of the call that is computed now."""


def are_records(outputs: Sequence[OutputRecord]) -> bool:
    """Tell whether what an entry says about its outputs is fit to be acted upon."""
    return all(map(_is_record, outputs))


def _is_record(output: OutputRecord) -> bool:
    return (
        all(type(output.get(name)) is str for name in ("path", "digest", "saver"))
        and "\0" not in output["path"]
        and output["digest"].isalnum()
        and type(output.get("kept")) is bool
        and isinstance(output.get("store"), str | None)
    )


def describe(
    name: str, digest: str, state: list[Any] | None, *, saver: str, kept: bool
) -> OutputRecord:
    """Record an output file that was just put into its place."""
    return {
        "path": name,
        "digest": digest,
        "kept": kept,
        "saver": saver,
        "state": state,
    }


def output_size(output: OutputRecord) -> int:
    """Give the bytes that the kept copy of an output takes; 0 for one of an inner call."""
    if output.get("inner") or not output["kept"] or output["state"] is None:
        return 0
    size: int = output["state"][0]
    return size


def keep(store: Store, digest: str, file: Path, *, content: bool = True) -> None:
    """Keep a file's content under its digest, or only the fact that it was ours.

    Raises
    ------
    StoreError, OSError
        If it cannot be read or kept.
    """
    name = _blob(digest)
    if not content:
        store.write_if_absent(_mark(digest), b"")
        return
    if file.is_dir():
        found = folder_list(file)
        for below, part in listed_files(found).items():
            if part is not None:
                keep(store, part, file / below)
        # Last: where it is, all of them are.
        store.write_if_absent(name, found)
        return
    remote = "remote" in store.capabilities
    # Over a network the writing itself tells that it is there.
    if not remote and store.stat(name) is not None:
        return
    with file.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size == 0:
            store.write_if_absent(name, b"")
            return
        # Mapped, not read: an output may be larger than what memory has left.  Not closed: the
        # frames of a full disk's error still hold views of it, and closing would hide that error.
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        data = memoryview(mapped)
        if not store.write_if_absent(name, data) and not remote and store.stat(name) is None:
            # Something that is no file has its place.
            store.write(name, data)


def _blob(digest: str) -> str:
    return f"blobs/{digest}"


def _mark(digest: str) -> str:
    # Files that are not kept twice leave a mark, so that they are still told from a person's.
    return f"blobs/{digest}.mark"


def to_put_back(
    outputs: Sequence[OutputRecord],
    store_of: Callable[[OutputRecord], Store],
    root: Path,
    mode: str,
) -> tuple[list[OutputRecord], list[OutputRecord]] | None:
    """Look at the outputs of an entry without touching them.

    Parameters
    ----------
    outputs : sequence of OutputRecord
    store_of : callable
        Gives the store with the blob of an output.
    root : Path
        The project root.
    mode : {"keep", "restore", "recompute"}
        What to do about files edited by hand.

    Returns
    -------
    missing : list of OutputRecord
        To be put back.
    edited : list of OutputRecord
        To be left as they are.
    ``None`` if the call is to be computed again instead.

    Raises
    ------
    StoreError
        If one is at a URL that gives no answer.
    """
    missing: list[OutputRecord] = []
    edited: list[OutputRecord] = []
    for output in outputs:
        if output.get("inner") and is_foreign(output["path"], root):
            # As below: not even asked for on an entry's word.
            return None
        place = place_of(output["path"], root)
        now = place.state()
        # Stat first: a file that nobody touched is not read again.
        if now is not None and (now == output.get("state") or place.digest() == output["digest"]):
            continue
        store = store_of(output)
        if now is None or not _is_ours(store, place):
            if mode == "recompute":
                return None
            if now is not None and mode == "keep":
                edited.append(output)
                continue
        if not output["kept"] or store.stat(_blob(output["digest"])) is None:
            return None
        if output.get("inner") and not place.is_own(root):
            # Nothing but the entry says that such a file is to be written, and whoever can write
            # an entry must not write files: the inner call that declares it does.
            return None
        missing.append(output)
    return missing, edited


def is_gone(output: OutputRecord, root: Path) -> bool:
    """Tell whether an output file is not there, and may be put back from its kept copy."""
    place = place_of(output["path"], root)
    if not output["kept"] or (output.get("inner") and is_foreign(output["path"], root)):
        return False
    try:
        if place.state() is not None:
            return False
    except OSError:
        # Whether it is, nobody knows now.
        return False
    return not output.get("inner") or place.is_own(root)


def _is_ours(store: Store, place: Place) -> bool:
    digest = place.digest()
    return digest is not None and (
        store.stat(_blob(digest)) is not None or store.stat(_mark(digest)) is not None
    )


class DamagedCopyError(Exception):
    """A kept copy of an output is not what it should be; it is no copy any more."""


def put_back(output: OutputRecord, store: Store, root: Path) -> None:
    """Make an output file anew from its blob.

    Raises
    ------
    OSError
        If it cannot be written.
    DamagedCopyError
        If the blob is not what it should be.  It is deleted.
    """
    place = place_of(output["path"], root)
    temporary = place.temporary()
    try:
        if is_folder(output["path"]):
            _fill_folder(output, store, temporary)
        else:
            _fill_file(output["path"], output["digest"], store, temporary)
        place.put(temporary, output["digest"])
    finally:
        # What stays is swept by a later one.
        remove(temporary)


def _fill_file(name: str, digest: str, store: Store, target: Path) -> None:
    """Make a file of a kept copy."""
    # Reading a kept copy is no step's business; the file that is put back is.
    with quiet():
        if not _copied_from_here(store, digest, target):
            source = store.local_path(_blob(digest))
            if source is not None:
                _copy(source, target)
            else:
                target.write_bytes(store.read(_blob(digest)) or b"")
    if digest_file(target) != digest:
        store.delete(_blob(digest))
        raise DamagedCopyError(f"the kept copy of {name} is damaged")


def _fill_folder(output: OutputRecord, store: Store, target: Path) -> None:
    """Make the files of a folder of their kept copies."""
    name, digest = output["path"], output["digest"]
    with quiet():
        data = store.read(_blob(digest), 0, LARGEST_LIST) or b""
    try:
        if digest_bytes(data) != digest:
            raise ValueError
        files = listed_files(data)
    except ValueError:
        store.delete(_blob(digest))
        raise DamagedCopyError(f"the kept copy of {name} is damaged") from None
    for below, part in files.items():
        place = target / below
        if part is None:
            place.mkdir(parents=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            _fill_file(f"{name}{below}", part, store, place)
        except (DamagedCopyError, FileNotFoundError) as error:
            # Without one of its files it is no copy.
            store.delete(_blob(digest))
            raise DamagedCopyError(f"the kept copy of {name} is damaged") from error


def _copied_from_here(store: Store, digest: str, target: Path) -> bool:
    """Copy a kept output from a remote store's copies here; one that is damaged is deleted."""
    source = None if store.copies is None else store.copies.local_path(_blob(digest))
    if store.copies is None or source is None:
        return False
    try:
        _copy(source, target)
        if digest_file(target) == digest:
            return True
        store.copies.delete(_blob(digest))
    except OSError:
        # Not there, or deleted just now; or the target cannot be written, as will turn out.
        pass
    return False


def _copy(source: Path, target: Path) -> None:
    """Copy a file, sharing its blocks where the file system can; never a hard link.

    Someone who edits the output in place must not edit the blob.
    """
    with source.open("rb") as reader, target.open("wb") as writer:
        try:
            import fcntl

            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except (ImportError, OSError):
            import shutil

            shutil.copyfileobj(reader, writer, 1 << 20)


_FICLONE = 0x40049409
"""Linux's request to make one file share the blocks of another."""
