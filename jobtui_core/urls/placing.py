"""How a file is put into its place whole, on object stores and on file systems of fsspec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from jobtui_core.urls.facts import is_file

__all__ = [
    "WHOLE",
    "info_of",
    "inside",
    "make_folder",
    "move_into_place",
    "quietly",
    "remove_file",
    "write_file",
]

T = TypeVar("T")

WHOLE = frozenset(
    {
        "abfs",
        "abfss",
        "adl",
        "az",
        "gcs",
        "gs",
        "memory",
        "oci",
        "ocilake",
        "oss",
        "s3",
        "s3a",
        "tos",
    }
)
"""Schemes of places that have no folders and show an object once all of it is there."""

_REPLACING = frozenset({"ftp", "sftp", "ssh"})
"""Schemes over which a move to where a folder is fails, and does not go into it."""


def info_of(fs: Any, path: str) -> Mapping[str, Any]:
    """Ask anew what a file system says of a path."""
    fs.invalidate_cache()
    info: Mapping[str, Any] = fs.info(path)
    return info


def inside(fs: Any, place: str) -> list[Mapping[str, Any]]:
    """List a folder anew."""
    fs.invalidate_cache()
    found = fs.ls(place, detail=True)
    # A file is listed as if it were in itself.
    return [info for info in found if info["name"].rstrip("/") != place]


def write_file(fs: Any, path: str, content: bytes | Path) -> None:
    """Write what is given, or what a local file holds; not whole for those who look meanwhile."""
    ftp: Any = getattr(fs, "ftp", None)
    if hasattr(ftp, "putfo") or hasattr(ftp, "storbinary"):
        with BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
            if hasattr(ftp, "putfo"):
                ftp.putfo(source, path)
            else:
                # fsspec's own way stores each 64 KiB by a command, with an offset that not all
                # servers take.
                ftp.storbinary(f"STOR {path}", source)
    elif isinstance(content, bytes):
        fs.pipe_file(path, content)
    else:
        fs.put_file(str(content), path)


def make_folder(fs: Any, folder: str) -> None:
    """Make a folder, and those above it, while others may do so too."""
    for attempt in range(5):
        try:
            fs.makedirs(folder, exist_ok=True)
        except Exception:
            # Somebody else may have made it, or a part of the way, meanwhile.
            if attempt == 4:
                raise
            if quietly(lambda: fs.isdir(folder)):
                return
        else:
            return


def move_into_place(fs: Any, scheme: str, temporary: str, path: str) -> None:
    """Move a file over another one or to a new place."""
    for attempt in range(3):
        try:
            if scheme not in _REPLACING and fs.isdir(path):
                # It would be moved into the folder.
                raise IsADirectoryError(path)
            fs.mv(temporary, path)
        except Exception:
            if attempt == 2 or quietly(lambda: info_of(fs, temporary)) is None:
                raise
            make_folder(fs, path.rpartition("/")[0])
            _clear_the_way(fs, path)
        else:
            return


def remove_file(fs: Any, path: str) -> bool:
    """Remove a file, if it is there."""
    try:
        fs.rm_file(path)
    except Exception:
        # Drivers have no common way to say that it was not there, or is a folder.
        if quietly(lambda: is_file(info_of(fs, path))):
            raise
    return True


def _clear_the_way(fs: Any, path: str) -> None:
    """Remove empty folders that lie where an object is to be."""

    def clear(folder: str) -> None:
        for info in inside(fs, folder):
            if info.get("type") == "directory":
                clear(f"{folder}/{info['name'].rstrip('/').rpartition('/')[2]}")
        # It refuses if it is not empty.
        fs.rmdir(folder)

    if quietly(lambda: fs.isdir(path)):
        quietly(lambda: clear(path))


def quietly(request: Callable[[], T]) -> T | None:
    """Ask something beside the point; ``None`` if that fails."""
    try:
        return request()
    except Exception:  # noqa: BLE001  whatever a driver raises: it was a question beside the point
        return None
