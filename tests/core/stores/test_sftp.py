"""A store on a real SFTP server, by way of fsspec."""

from __future__ import annotations

import os
import pickle
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui_core import Memory
from jobtui_core.errors import StoreDeniedError, StoreUnavailableError
from jobtui_core.stores import Store
from jobtui_core.stores.fsspec import FsspecStore
from jobtui_core.testing import StoreConformance
from tests.core.stores.sftp_server import PASSWORD, USER, serve

pytest.importorskip("paramiko")
pytest.importorskip("asyncssh")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("sftp")
    with serve(folder) as (port, _):
        yield folder, port


class TestSftp(StoreConformance):
    examples = 5

    @pytest.fixture(autouse=True)
    def _server(self, served: tuple[Path, int]) -> None:
        self.folder, self.port = served

    def create(self, folder: Path) -> Store:
        url = f"sftp://{USER}@127.0.0.1:{self.port}/{uuid.uuid4().hex}/cache"
        return FsspecStore(url, key_filename=str(self.folder / "key"))

    def file(self, store: Store, name: str) -> Path:
        return self.folder / "files" / store.url.split("/", 3)[3] / name

    def read_raw(self, store: Store, name: str) -> bytes | None:
        path = self.file(store, name)
        return path.read_bytes() if path.is_file() else None

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        path = self.file(store, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_results_of_a_memory_are_kept_there(served: tuple[Path, int]) -> None:
    folder, port = served
    options = {"key_filename": str(folder / "key")}
    url = f"sftp://{USER}@127.0.0.1:{port}/results"
    calls = []

    def double(x):
        calls.append(x)
        return 2 * x

    first = Memory(url, verbose=0, backend_options=options)
    assert first.cache(double)(3) == 6
    deadline = time.monotonic() + 30
    while not list((folder / "files" / "results").rglob("*.entry")):
        assert time.monotonic() < deadline
    assert Memory(url, verbose=0, backend_options=options).cache(double)(3) == 6
    assert calls == [3]


def test_wrong_password_is_refused_in_a_sentence(served: tuple[Path, int]) -> None:
    url = f"sftp://{USER}@127.0.0.1:{served[1]}/cache"
    options = {"look_for_keys": False, "allow_agent": False}
    with pytest.raises(StoreDeniedError, match="cannot be read: AuthenticationException") as caught:
        FsspecStore(url, password="wrong-one", **options).read("a")
    assert "wrong-one" not in repr(vars(caught.value))
    with pytest.raises(StoreDeniedError, match="cannot be read"):
        FsspecStore(url, **options).read("a")


def test_password_is_not_pickled(served: tuple[Path, int]) -> None:
    store = FsspecStore(f"sftp://{USER}@127.0.0.1:{served[1]}/cache", password=PASSWORD)
    assert store.read("a") is None
    data = pickle.dumps(store)
    assert PASSWORD.encode() not in data
    assert PASSWORD not in repr(store)
    # In this process it is the same store still.
    assert store.with_key("a secret of thirty characters.").read("a") is None


def test_store_of_others_that_may_not_be_written_refuses(served: tuple[Path, int]) -> None:
    folder, port = served
    place = folder / "files" / "closed"
    place.mkdir(mode=0o555)
    if os.access(place, os.W_OK):
        pytest.skip("root may write everywhere")
    store = FsspecStore(f"sftp://{USER}@127.0.0.1:{port}/closed", password=PASSWORD)
    with pytest.raises(StoreDeniedError, match="cannot be written: Permission denied"):
        store.write("a", b"x")


def test_server_that_is_gone_does_not_answer_and_is_found_again(tmp_path: Path) -> None:
    with serve(tmp_path) as (port, server):
        store = FsspecStore(f"sftp://{USER}@127.0.0.1:{port}/cache", password=PASSWORD)
        store.write("a", b"x")
        server.kill()
        server.wait()
        with pytest.raises(StoreUnavailableError, match="does not answer"):
            store.read("a")
    with serve(tmp_path, port):
        assert store.read("a") == b"x"
        store.write("b", b"y")
    # A connection that the server closed while it was idle costs nobody an error.
    with serve(tmp_path, port):
        assert store.read("b") == b"y"


def test_waiting_for_a_server_that_says_nothing_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"sftp://{USER}@127.0.0.1:{silent.getsockname()[1]}/cache"
        store = FsspecStore(url, password=PASSWORD, banner_timeout=0.2)
        begun = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="does not answer"):
            store.read("a")
        assert time.monotonic() - begun < 8


def test_child_process_has_a_connection_of_its_own(served: tuple[Path, int]) -> None:
    store = FsspecStore(f"sftp://{USER}@127.0.0.1:{served[1]}/forked", password=PASSWORD)
    store.write("a", b"x")
    child = os.fork()
    if child == 0:
        fine = False
        try:
            fine = store.read("a") == b"x"
            store.write("b", b"y")
        finally:
            os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.read("a") == b"x"
    assert store.read("b") == b"y"
