"""What lies in a spool is as FORMAT.md says: written by hand, as other versions would find it."""

from __future__ import annotations

import os
import struct
import subprocess
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import pytest
from xxhash import xxh3_128

from jobtui_core.leftovers import passing_name
from jobtui_core.stores import MemoryStore
from jobtui_core.stores.locks import FileLocks
from jobtui_core.stores.patience import destination
from jobtui_core.stores.spool import spooled
from jobtui_core.stores.spool import store as spool_module

GONE = "~000000000000-1-0123456789abcdef"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    spool_module._boxes.clear()
    spool_module._opened.clear()


def file_name(name: str) -> str:
    return blake2b(name.encode(), digest_size=16).hexdigest()


def file_bytes(name: str, data: bytes) -> bytes:
    body = data + name.encode() + struct.pack("<QI", len(data), len(name))
    return body + xxh3_128(body).digest() + b"JTSPOOL1"


def test_a_known_object_has_a_known_file() -> None:
    """If this changes, files that earlier versions left are not sent any more."""
    assert file_name("f/ab/1.entry") == "3705c9659172bea25d4cab6d569d43d0"
    assert file_bytes("f/ab/1.entry", b"x").hex() == (
        "78662f61622f312e656e74727901000000000000000c000000c1290579d1e56425e811"
        "0c3b3a85decd4a5453504f4f4c31"
    )


def test_files_of_this_version_are_sent_and_others_left_alone(tmp_path: Path) -> None:
    far = MemoryStore("far")
    folder = tmp_path / ".jobtui" / "spool" / destination(far)
    name, later = "f/ab/1.entry", "g/cd/2.entry"
    for version, one in (("1-", name), ("2-", later)):
        own = folder / f"{version}{GONE}"
        own.mkdir(parents=True)
        (own / file_name(one)).write_bytes(file_bytes(one, b"content"))
    store = spooled(far, tmp_path / ".jobtui" / "spool")
    assert store.read(name) == b"content"
    assert store.read(later) is None
    assert store.flush() == 0
    assert far.read(name) == b"content"
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [f"2-{GONE}"]


def test_what_is_no_such_file_goes_with_the_folder_that_it_was_left_in(tmp_path: Path) -> None:
    far = MemoryStore("far")
    folder = tmp_path / ".jobtui" / "spool" / destination(far)
    own = folder / f"1-{GONE}"
    (own / ".tmp").mkdir(parents=True)
    (own / ".tmp" / "half").write_bytes(b"half")
    whole = file_bytes("a/b", b"content")
    (own / file_name("a/b")).write_bytes(whole[:-1])
    (own / file_name("a/c")).write_bytes(whole)
    (own / "e").touch()
    store = spooled(far, tmp_path / ".jobtui" / "spool")
    assert store.read("a/b") is None
    assert store.flush() == 0
    assert list(far.list()) == []
    assert [path for path in folder.iterdir() if path.is_dir()] == []


def test_a_folder_stays_with_what_cannot_be_removed_from_it(tmp_path: Path) -> None:
    """Also where another thread removes it just now: its listing is closed all the same."""
    far = MemoryStore("far")
    own = tmp_path / ".jobtui" / "spool" / destination(far) / f"1-{GONE}"
    for name in ("a", "b"):
        (own / ".tmp" / name).mkdir(parents=True)
    store = spooled(far, tmp_path / ".jobtui" / "spool")
    assert store.flush() == 0
    (left,) = store.folder.glob("1-*")
    assert sorted(path.name for path in (left / ".tmp").iterdir()) == ["a", "b"]


def test_written_files_are_of_this_version(tmp_path: Path) -> None:
    class Away(MemoryStore):
        def write(self, name: str, data: object) -> None:
            raise OSError("not now")

    store = spooled(Away("far"), tmp_path / ".jobtui" / "spool")
    store.write("f/ab/1.entry", [b"con", b"tent"])
    (path,) = store.folder.glob(f"1-*/{file_name('f/ab/1.entry')}")
    assert path.read_bytes() == file_bytes("f/ab/1.entry", b"content")


def test_the_folder_of_a_store_is_named_by_its_url_and_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://server")
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    far = MemoryStore("far")
    far.options = {"region": "eu-central-1"}
    told = b"memory://far\nhttp://server"
    assert spooled(far, tmp_path).folder.name == blake2b(told, digest_size=16).hexdigest()


@pytest.mark.parametrize("which", ["gone", "alive", "elsewhere", "long ago"])
def test_without_locks_a_folder_is_left_if_its_process_is_gone_or_long_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    monkeypatch.setattr(FileLocks, "take", lambda locks, name: None)
    name = f"1-{passing_name()}"
    if which == "gone":
        child = subprocess.Popen(["true"])
        child.wait()
        name = name.replace(f"-{os.getpid()}-", f"-{child.pid}-")
    elif which != "alive":
        name = f"1-{GONE}"
    far = MemoryStore("far")
    own = tmp_path / destination(far) / name
    own.mkdir(parents=True)
    (own / file_name("a")).write_bytes(file_bytes("a", b"content"))
    if which == "long ago":
        os.utime(own, (time.time() - 90_000,) * 2)
    store = spooled(far, tmp_path)
    assert store.read("a") == b"content"
    assert store.flush() == 0
    assert own.exists() == (which in ("alive", "elsewhere"))
    assert far.read("a") == (None if own.exists() else b"content")
