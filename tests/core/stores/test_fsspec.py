"""The store behind any URL that fsspec has a file system for."""

from __future__ import annotations

import builtins
import ftplib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from fsspec.registry import known_implementations

from jobtui_core import Memory, register_store_backend
from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores import (
    LocalStore,
    MemoryStore,
    PatientStore,
    Store,
    open_backend,
    open_store,
)
from jobtui_core.stores.fsspec import FsspecStore
from jobtui_core.testing import StoreConformance
from jobtui_core.urls import filesystems
from jobtui_core.urls.facts import time_of
from jobtui_core.urls.failures import failure, kind_of


class TestMemory(StoreConformance):
    def create(self, folder: Path) -> Store:
        return FsspecStore(f"memory://{uuid.uuid4().hex}/cache")

    def read_raw(self, store: Store, name: str) -> bytes | None:
        try:
            return fsspec.filesystem("memory").cat_file(f"{store.url}/{name}")
        except FileNotFoundError:
            return None

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        fsspec.filesystem("memory").pipe_file(f"{store.url}/{name}", data)


class TestLocal(StoreConformance):
    def create(self, folder: Path) -> Store:
        return FsspecStore(f"local://{folder}/cache")

    def file(self, store: Store, name: str) -> Path:
        return Path(store.url.removeprefix("local://")) / name

    def read_raw(self, store: Store, name: str) -> bytes | None:
        path = self.file(store, name)
        return path.read_bytes() if path.is_file() else None

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        path = self.file(store, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class Handler(SimpleHTTPRequestHandler):
    """Answers with the whole of a file, whatever part was asked for, as simple servers do."""

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("http")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_server_of_plain_files_is_a_store_that_may_be_read(served: tuple[Path, int]) -> None:
    folder, port = served
    (folder / "a").mkdir()
    (folder / "a" / "b%2F").write_bytes(b"0123456789")
    store = FsspecStore(f"http://127.0.0.1:{port}/")
    assert store.read("a/b%2F") == b"0123456789"
    assert store.read("a/b%2F", 3, 4) == b"3456"
    assert store.read("a/c") is None
    found = store.stat("a/b%2F")
    assert found is not None
    assert found.size == 10
    assert [listed.name for listed in store.list("a/")] == ["a/b%2F"]
    assert store.writable is False
    for change in (
        lambda: store.write("c", b"x"),
        lambda: store.write_if_absent("c", b"x"),
        lambda: store.delete("a/b%2F"),
        lambda: store.copy("a/b%2F", "c"),
    ):
        with pytest.raises(StoreDeniedError, match="read only"):
            change()
    store.sweep()


def test_url_is_told_without_what_is_not_of_the_place() -> None:
    store = FsspecStore("memory://a/b/", some_option=3)
    assert store.url == "memory://a/b"
    assert repr(store) == "FsspecStore('memory://a/b')"


# ------------------------------------------------------------------------------------- opening


def test_any_scheme_that_fsspec_knows_is_opened(tmp_path: Path) -> None:
    store = open_store(f"local://{tmp_path}/cache")
    store.write("a", b"x")
    assert (tmp_path / "cache" / "a").read_bytes() == b"x"
    assert "remote" not in store.capabilities


def test_places_of_this_package_stay_its_own(tmp_path: Path) -> None:
    assert isinstance(open_store("memory://of-ours"), MemoryStore)
    assert isinstance(open_store(tmp_path.as_uri()), LocalStore)


def test_registered_scheme_wins(tmp_path: Path) -> None:
    class Mine(MemoryStore):
        pass

    fsspec.register_implementation("jobtuitest", type(fsspec.filesystem("memory")), clobber=True)
    opened = open_store("jobtuitest://a/b")
    # It might be far away: patience is put around it.
    assert isinstance(opened, PatientStore)
    assert isinstance(opened.inner, FsspecStore)
    register_store_backend("jobtuitest", Mine)
    assert isinstance(open_store("jobtuitest://a/b"), Mine)


def test_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "class": "not_installed_at_all.fs.FileSystem",
        "err": "Please install not-installed-at-all to access it",
    }
    monkeypatch.setitem(known_implementations, "jobtuimissing", known)
    with pytest.raises(StoreError) as caught:
        open_store("jobtuimissing://bucket/a")
    assert str(caught.value) == (
        "jobtuimissing: URLs need a package 'not_installed_at_all' that is not installed: "
        "Please install not-installed-at-all to access it"
    )
    assert caught.value.package == "not_installed_at_all"


def test_location_with_the_scheme_beside_it_is_opened(tmp_path: Path) -> None:
    store = open_backend("local", f"{tmp_path}/cache")
    store.write("a", b"x")
    assert (tmp_path / "cache" / "a").read_bytes() == b"x"


def test_memory_keeps_its_results_there(tmp_path: Path) -> None:
    memory = Memory(f"local://{tmp_path}/cache", verbose=0)
    calls = []

    def double(x):
        calls.append(x)
        return 2 * x

    cached = memory.cache(double)
    assert [cached(3), cached(3)] == [6, 6]
    assert calls == [3]
    assert list((tmp_path / "cache").rglob("*.entry"))


def test_opening_loads_fsspec_only_for_its_own() -> None:
    code = (
        "import sys\n"
        "from jobtui_core.stores import open_store\n"
        "open_store('/nowhere'); open_store('memory://x'); open_store('s3://bucket/x')\n"
        "print('fsspec' in sys.modules, 'boto3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False False\n", "")


# -------------------------------------------------------------------------------------- errors


def driver_errors() -> list[BaseException]:
    """One of each kind of exception that the drivers here have, made without their arguments."""
    import importlib

    import aiohttp
    import botocore.exceptions
    import paramiko

    modules = [
        aiohttp,
        botocore.exceptions,
        ftplib,
        paramiko,
        importlib.import_module("fsspec.exceptions"),
        builtins,
    ]
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Exception)
        and not issubclass(kind, Warning | BaseExceptionGroup)
    }
    return [kind.__new__(kind) for kind in sorted(kinds, key=lambda kind: kind.__qualname__)]


def test_only_store_errors_leave_whatever_a_driver_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = driver_errors()
    assert len(errors) > 150
    store = FsspecStore(f"memory://{uuid.uuid4().hex}")
    raised: list[BaseException] = []

    def fail(*args: object, **options: object) -> None:
        raise raised[-1]

    fs = store._files._connected().fs
    for name in ("cat_file", "info", "find", "ls", "pipe_file", "rm_file", "mv", "isdir", "size"):
        monkeypatch.setattr(fs, name, fail, raising=False)
    monkeypatch.setattr(store._files, "_forget", lambda: None)
    looks: list[Callable[[], object]] = [
        lambda: store.read("a"),
        lambda: store.read("a", 3, 4),
        lambda: store.stat("a"),
        lambda: list(store.list()),
        lambda: store.copy("a", "b"),
        lambda: store.delete("a"),
    ]
    for error in errors:
        raised.append(error)
        for look in looks:
            with suppress(StoreError):
                # What is not there is no error.
                assert not look()
        with pytest.raises(StoreError):
            store.write("a", b"x")
        with pytest.raises(StoreError):
            store.write_if_absent("a", b"x")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError(2, "gone"), "missing"),
        (PermissionError(13, "no"), "denied"),
        (NotImplementedError(), "denied"),
        (TimeoutError(), "unavailable"),
        (ConnectionRefusedError(111, "refused"), "unavailable"),
        (OSError(113, "no route"), "unavailable"),
        (OSError(28, "no space"), "other"),
        (OSError("Socket is closed"), "unavailable"),
        (socket.gaierror(-2, "unknown name"), "unavailable"),
        (EOFError(), "unavailable"),
        (ftplib.error_perm("530 Login incorrect"), "denied"),
        (ftplib.error_temp("421 Too many"), "unavailable"),
        (ValueError("what"), "other"),
    ],
)
def test_kinds_of_failure(error: BaseException, kind: str) -> None:
    assert kind_of(error) == kind


class HttpError(Exception):
    def __init__(self, code: int | str) -> None:
        super().__init__("https://signed/?token=abcdef")
        self.code = code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (404, "missing"),
        ("403", "denied"),
        (401, "denied"),
        (429, "unavailable"),
        (503, "unavailable"),
    ],
)
def test_status_codes_tell_the_kind(code: int | str, kind: str) -> None:
    assert kind_of(HttpError(code)) == kind


def test_what_a_driver_says_is_not_repeated() -> None:
    error = failure("read", "gs://bucket/a", HttpError(503))
    assert str(error) == "gs://bucket/a does not answer, to be read: HttpError (503)"
    assert "abcdef" not in repr(vars(error))


def test_waiting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FsspecStore(f"memory://{uuid.uuid4().hex}")
    monkeypatch.setattr(store._files, "is_remote", True)
    monkeypatch.setattr(filesystems, "WAITING", 0.05)
    hanging = threading.Event()
    monkeypatch.setattr(store._files._connected().fs, "info", lambda path: hanging.wait())
    begun = time.monotonic()
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        store._files.ask("looked at", store.url, lambda fs: fs.info("a"))
    assert time.monotonic() - begun < 5
    hanging.set()
    # The next one has a new connection.
    monkeypatch.setattr(filesystems, "WAITING", 10.0)
    assert store.stat("a") is None


# ---------------------------------------------------------------------------------------- facts


@pytest.mark.parametrize(
    "said",
    [
        {"mtime": 1700000000.0},
        {"mtime": 1700000000},
        {"LastModified": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)},
        {"created": datetime(2023, 11, 14, 22, 13, 20)},
        {"updated": "2023-11-14T22:13:20Z"},
        {"modify": "20231114221320"},
        {"modify": "20231114221320.000"},
        {"modificationTime": 1700000000000},
        {"last_modified": "Tue, 14 Nov 2023 22:13:20 GMT"},
    ],
)
def test_times_are_read_in_every_spelling(said: dict[str, object]) -> None:
    assert time_of(said) == 1700000000.0


@pytest.mark.parametrize("said", [{}, {"mtime": None}, {"modify": "yesterday"}, {"mtime": True}])
def test_time_that_is_not_told_is_none(said: dict[str, object]) -> None:
    assert time_of(said) is None


# ------------------------------------------------------------------------------------ leftovers


def test_what_killed_writers_left_is_swept(tmp_path: Path) -> None:
    store = FsspecStore(f"local://{tmp_path}/cache")
    store.write("a", b"x")
    old, new = (tmp_path / "cache" / ".tmp" / name for name in ("~old", "~new"))
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.sweep()
    assert not old.exists()
    assert new.exists()
    assert store.read("a") == b"x"


def test_failed_write_leaves_nothing_on_its_way(tmp_path: Path) -> None:
    store = FsspecStore(f"local://{tmp_path}/cache")
    store.write("a/b", b"x")
    with pytest.raises(StoreError):
        store.write("a", b"y")
    assert store.read("a/b") == b"x"
    assert list((tmp_path / "cache" / ".tmp").iterdir()) == []


def test_child_of_a_process_that_was_connecting_can_connect(tmp_path: Path) -> None:
    store = FsspecStore(f"local://{tmp_path}/cache")
    with store._files._making[1]:
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            fine = False
            try:
                store.write("a", b"x")
                fine = store.read("a") == b"x"
            finally:
                os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.read("a") == b"x"


@pytest.mark.parametrize("scheme", ["reference", "simplecache", "filecache", "generic", "dask"])
def test_file_systems_that_lead_to_any_other_are_none(scheme: str, tmp_path: Path) -> None:
    (tmp_path / "jobtui.toml").write_text(
        f'[stores."{scheme}://"]\nfo = "templates.json"\nsimple_templates = false\n'
    )
    with pytest.raises(StoreError, match=f"no store is known for {scheme}: URLs"):
        open_store(f"{scheme}://x", base=tmp_path)
    with pytest.raises(StoreError, match=f"nothing is known of {scheme}: URLs"):
        filesystems.file_system(f"{scheme}://x/y", {})


def test_what_cannot_be_written_waits_in_no_spool(served: tuple[Path, int], tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{served[1]}/"
    store = open_store(url, spool=tmp_path / "spool")
    with pytest.raises(StoreDeniedError, match="read only"):
        store.write("a", b"x")
    assert not (tmp_path / "spool").exists()
