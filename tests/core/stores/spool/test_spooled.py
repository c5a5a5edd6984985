"""Writing to a store that is far away: at once here, there when it has arrived."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores import (
    CountingStore,
    Fault,
    FaultyStore,
    LatencyStore,
    LocalStore,
    MemoryStore,
    Store,
)
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Data
from jobtui_core.stores.patience import PatientStore
from jobtui_core.stores.spool import Bounds, SpooledStore, outbox, spooled
from jobtui_core.stores.spool import bounds as bounds_module
from jobtui_core.stores.spool.folders import Folder
from jobtui_core.stores.spool.store import take_arrivals
from jobtui_core.testing import AroundConformance
from tests.support import wait_until

DOWN = Fault("unavailable", ("read", "write", "list", "pages", "stat", "delete"))
FULL = Fault("denied", "write")


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Attempts follow one another at once, and no test leaves the exit something to wait for."""
    monkeypatch.setattr(outbox, "_FIRST_REST", 0.01)
    monkeypatch.setattr(outbox, "_LONGEST_REST", 0.05)
    monkeypatch.setattr(outbox, "_WITHOUT_PROGRESS", 10.0)
    yield
    from jobtui_core.stores.spool import store

    store._boxes.clear()
    store._opened.clear()


class Gate(StoreAround):
    """Holds up every write until it is opened."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.open = threading.Event()
        self.asked = threading.Event()

    def write(self, name: str, data: Data) -> None:
        self.asked.set()
        assert self.open.wait(30)
        super().write(name, data)


def folder_of(tmp_path: Path) -> Path:
    return tmp_path / ".jobtui" / "spool"


def files_in(tmp_path: Path) -> list[Path]:
    """Objects that lie in the spool."""
    return [path for path in folder_of(tmp_path).glob("*/1-*/*") if path.is_file()]


def gated(tmp_path: Path, bounds: Bounds | None = None) -> tuple[SpooledStore, Gate, MemoryStore]:
    far = MemoryStore("far")
    gate = Gate(far)
    return SpooledStore(gate, folder_of(tmp_path), bounds=bounds), gate, far


# What is seen ---------------------------------------------------------------------------------


def test_writing_does_not_wait_and_reading_sees_it_at_once(tmp_path: Path) -> None:
    store, gate, far = gated(tmp_path)
    far.write("a/there", b"old")
    store.write("a/b", [b"con", b"tent"])
    assert store.read("a/b") == b"content"
    assert store.read("a/b", 3) == b"tent"
    assert store.read("a/b", 1, 2) == b"on"
    assert store.read("a/b", 99) == b""
    found = store.stat("a/b")
    assert found is not None
    assert found.size == 7
    assert {one.name: one.size for one in store.list("a/")} == {"a/there": 3, "a/b": 7}
    assert [[one.name for one in page] for page in store.pages("a/", 1)] == [["a/b"], ["a/there"]]
    assert store.is_pending("a/b")
    assert not store.is_pending("a/there")
    assert far.read("a/b") is None
    gate.open.set()
    assert store.flush() == 0
    assert far.read("a/b") == b"content"
    assert not store.is_pending("a/b")
    assert files_in(tmp_path) == []
    assert store.read("a/b") == b"content"


def test_later_write_of_a_name_wins_while_the_earlier_one_is_being_sent(tmp_path: Path) -> None:
    store, gate, far = gated(tmp_path)
    store.write("a", b"first")
    assert gate.asked.wait(30)
    store.write("a", b"second")
    store.write("a", b"third")
    assert store.read("a") == b"third"
    gate.open.set()
    assert store.flush() == 0
    assert far.read("a") == b"third"
    assert files_in(tmp_path) == []


def test_deleting_takes_an_object_back_that_was_not_sent(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), Fault("unavailable", "write"))
    store = spooled(faulty, folder_of(tmp_path))
    store.write("a", b"x")
    store.delete("a")
    assert store.read("a") is None
    assert list(store.list()) == []
    faulty.fail()
    assert store.flush() == 0
    assert faulty.inner.read("a") is None


def test_deleting_waits_for_an_object_that_is_being_sent(tmp_path: Path) -> None:
    store, gate, far = gated(tmp_path)
    store.write("a", b"x")
    assert gate.asked.wait(30)
    thread = threading.Thread(target=store.delete, args=("a",))
    thread.start()
    gate.open.set()
    thread.join(30)
    assert not thread.is_alive()
    assert store.flush() == 0
    assert far.read("a") is None


def test_an_object_on_its_way_is_not_absent(tmp_path: Path) -> None:
    store, gate, far = gated(tmp_path)
    store.write("a", b"first")
    assert store.write_if_absent("a", b"second") is False
    assert store.write_if_absent("b", b"second") is True
    assert far.read("b") == b"second"
    gate.open.set()
    assert store.flush() == 0
    assert far.read("a") == b"first"


def test_objects_on_their_way_can_be_copied_and_copied_over(tmp_path: Path) -> None:
    store, gate, far = gated(tmp_path)
    far.write("there", b"there")
    store.write("a", b"a")
    store.copy("a", "b")
    assert store.read("b") == b"a"
    gate.open.set()
    store.copy("there", "a")
    store.copy("missing", "b")
    assert store.flush() == 0
    assert (far.read("a"), far.read("b")) == (b"there", b"a")


def test_who_only_looks_sees_what_waits_and_sends_nothing(tmp_path: Path) -> None:
    store, gate, far = gated(tmp_path)
    store.write("a", b"x")
    looking = spooled(far, folder_of(tmp_path), sends=False)
    looking.folder = store.folder
    assert looking.read("a") == b"x"
    assert [one.name for one in looking.list()] == ["a"]
    assert looking.flush() == 0
    looking.write("b", b"y")
    assert far.read("b") == b"y"
    gate.open.set()
    assert store.flush() == 0


# How it lies there ----------------------------------------------------------------------------


def test_the_spool_is_private_and_names_the_store_without_credentials(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), DOWN)
    faulty.options = {"endpoint_url": "http://user:secret@host"}
    store = spooled(faulty, folder_of(tmp_path))
    store.write("a", b"x")
    assert stat.S_IMODE(folder_of(tmp_path).stat().st_mode) == 0o700
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    told = json.loads((store.folder / "store.json").read_text())
    assert told == {"version": 1, "url": "memory://far"}
    assert (tmp_path / ".jobtui" / ".gitignore").read_text() == "*\n"
    assert not any(
        b"secret" in path.read_bytes() for path in store.folder.rglob("*") if path.is_file()
    )


def test_two_servers_with_buckets_of_one_name_have_a_spool_each(tmp_path: Path) -> None:
    stores = []
    for endpoint in ("http://one", "http://two"):
        far = MemoryStore("bucket")
        far.options = {"endpoint_url": endpoint}
        stores.append(spooled(far, folder_of(tmp_path)))
        stores[-1].write("a", endpoint.encode())
    assert [store.flush() for store in stores] == [0, 0]
    assert [store.inner.read("a") for store in stores] == [b"http://one", b"http://two"]


@pytest.mark.parametrize("size", [0, 10, outbox._MAPPED + 5])
def test_small_and_large_objects_arrive(tmp_path: Path, size: int) -> None:
    far = MemoryStore("far")
    store = spooled(far, folder_of(tmp_path))
    data = b"0123456789" * (size // 10) + b"x" * (size % 10)
    store.write("a", data)
    assert store.flush() == 0
    assert far.read("a") == data


@pytest.mark.parametrize("harm", ["cut", "flipped", "renamed", "empty"])
def test_a_damaged_file_is_dropped_and_never_sent(tmp_path: Path, harm: str) -> None:
    faulty = FaultyStore(MemoryStore("far"), Fault("unavailable", "write"))
    store = spooled(faulty, folder_of(tmp_path))
    store.write("a", b"content" * 100)
    store.write("b", b"whole")
    path = next(path for path in files_in(tmp_path) if path.stat().st_size > 700)
    data = bytearray(path.read_bytes())
    if harm == "cut":
        del data[-100:]
    elif harm == "flipped":
        data[50] ^= 1
    elif harm == "renamed":
        data[-37] ^= 1
    else:
        data.clear()
    path.write_bytes(data)
    faulty.fail()
    assert store.flush() == 0
    assert faulty.inner.read("a") is None
    assert faulty.inner.read("b") == b"whole"
    assert files_in(tmp_path) == []


# What goes wrong ------------------------------------------------------------------------------


def test_what_a_store_does_not_take_now_is_sent_when_it_answers_again(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), Fault("unavailable", "write", times=20))
    store = spooled(PatientStore(faulty), folder_of(tmp_path))
    for number in range(10):
        store.write(f"a/{number}", b"x")
    wait_until(lambda: not store.pending)
    assert len(list(faulty.inner.list("a/"))) == 10
    # The first answer ended the pause for reading, too.
    assert store.read("a/0") == b"x"
    assert store.trouble is None


def test_a_lost_answer_costs_another_attempt_and_no_result(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), Fault("lost", "write", times=1))
    store = spooled(faulty, folder_of(tmp_path))
    store.write("a", b"x")
    wait_until(lambda: not store.pending)
    assert faulty.inner.read("a") == b"x"


def test_waiting_for_a_store_that_does_not_answer_ends(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), DOWN)
    store = spooled(PatientStore(faulty), folder_of(tmp_path))
    store.write("a", b"x")
    store.write("b", b"x")
    assert store.flush() == 2
    assert store.flush(0.05) == 2
    assert isinstance(store.trouble, StoreUnavailableError)
    assert len(files_in(tmp_path)) == 2
    faulty.fail()
    assert store.flush() == 0


@pytest.mark.parametrize("before", ["took nothing yet", "could not be read"])
def test_nobody_waits_for_a_store_that_did_not_answer_yet_or_just_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    monkeypatch.setattr(outbox, "_WITHOUT_PROGRESS", 5.0)
    faulty = FaultyStore(MemoryStore("far"), DOWN)
    far = CountingStore(faulty)
    # The first attempt has not failed yet when somebody begins to wait.
    store = spooled(PatientStore(LatencyStore(far, 0.1)), folder_of(tmp_path))
    if before == "could not be read":
        faulty.fail()
        store.write("first", b"x")
        assert store.flush() == 0
        faulty.fail(DOWN)
        with pytest.raises(StoreUnavailableError):
            store.read("a")
    store.write("a", b"x")
    assert store.flush() == 1
    # In five seconds there would have been dozens.
    assert far.calls["write"] < 10


def test_while_nobody_answers_one_object_tries_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_FIRST_REST", 60.0)
    faulty = FaultyStore(LatencyStore(MemoryStore("far"), 0.0), DOWN)
    store = spooled(faulty, folder_of(tmp_path))
    for number in range(100):
        store.write(f"a/{number}", b"x")
    wait_until(lambda: faulty.struck)
    # Threads that had begun before the first one failed.
    assert len(faulty.struck) <= outbox._SENDERS
    faulty.fail()
    assert store.flush() == 0


def test_refused_writing_costs_few_requests_and_what_was_written_waits(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), FULL)
    store = spooled(PatientStore(faulty), folder_of(tmp_path))
    for number in range(200):
        store.write(f"a/{number}", b"x")
    wait_until(lambda: len(faulty.struck) >= outbox._REFUSALS)
    assert store.flush() == 200
    assert len(faulty.struck) <= 2 * (outbox._REFUSALS + outbox._SENDERS)
    assert type(store.trouble) is StoreDeniedError
    assert store.read("a/7") == b"x"
    faulty.fail()
    assert store.flush() == 0
    assert not store.trouble
    assert len(list(faulty.inner.list("a/"))) == 200


def test_a_store_that_is_opened_anew_sends_what_was_refused_before(tmp_path: Path) -> None:
    far = MemoryStore("far")
    store = spooled(FaultyStore(far, FULL), folder_of(tmp_path))
    for number in range(10):
        store.write(f"a/{number}", b"x")
    assert store.flush() == 10
    again = spooled(far, folder_of(tmp_path))
    wait_until(lambda: not again.pending)
    assert len(list(far.list("a/"))) == 10


def test_refusals_of_what_was_asked_before_do_not_count_once_it_is_asked_again(
    tmp_path: Path,
) -> None:
    together, answer = threading.Barrier(outbox._SENDERS + 1), threading.Event()

    class Slow(StoreAround):
        asked = count(1)

        def write(self, name: str, data: Data) -> None:
            if next(self.asked) <= outbox._SENDERS:
                together.wait(30)
                assert answer.wait(30)
                raise StoreDeniedError("not yet")
            super().write(name, data)

    store = spooled(Slow(MemoryStore("far")), folder_of(tmp_path))
    for number in range(10):
        store.write(f"a/{number}", b"x")
    together.wait(30)
    assert store.flush(0.0) == 10
    answer.set()
    wait_until(lambda: not store.pending)


def test_one_object_that_is_refused_does_not_hold_up_the_others(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), Fault("denied", "write", names="secret/*"))
    store = spooled(faulty, folder_of(tmp_path))
    store.write("secret/a", b"x")
    for number in range(20):
        store.write(f"a/{number}", b"x")
    assert store.flush() == 1
    assert store.pending == ("secret/a",)
    assert len(list(faulty.inner.list("a/"))) == 20


def test_waiting_goes_on_for_the_others_when_the_first_thing_that_happens_is_a_refusal(
    tmp_path: Path,
) -> None:
    class Choosy(StoreAround):
        def write(self, name: str, data: Data) -> None:
            if name == "secret":
                # A server takes its time; somebody waits for it by then.
                threading.Event().wait(0.2)
                raise StoreDeniedError("not this one")
            wait_until(lambda: store.trouble is not None)
            super().write(name, data)

    store = spooled(Choosy(MemoryStore("far")), folder_of(tmp_path))
    for name in ("secret", "a", "b"):
        store.write(name, b"x")
    assert store.flush() == 1
    assert store.pending == ("secret",)


def test_an_object_that_a_store_cannot_take_is_left_aside(tmp_path: Path) -> None:
    class Odd(StoreAround):
        tried = 0

        def write(self, name: str, data: Data) -> None:
            if name == "odd":
                self.tried += 1
                raise ValueError("of a kind nobody thought of")
            super().write(name, data)

    odd = Odd(MemoryStore("far"))
    store = spooled(odd, folder_of(tmp_path))
    store.write("odd", b"x")
    store.write("even", b"x")
    wait_until(lambda: odd.tried == outbox._ATTEMPTS)
    assert store.flush() == 1
    assert odd.inner.read("even") == b"x"
    assert "nobody thought of" in str(store.trouble)


# Bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bounds", [Bounds(most=10_000), Bounds(least_free=1 << 60)], ids=["spool", "disk"]
)
def test_a_full_spool_has_writers_wait_for_the_store(
    tmp_path: Path, bounds: Bounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bounds.least_free > 1 << 40:
        # A twentieth of what there is stays free at most: pretend that less is.
        monkeypatch.setattr(bounds_module, "_free_and_total", lambda path: (0, 1 << 62))
    faulty = FaultyStore(MemoryStore("far"), DOWN)
    store = SpooledStore(faulty, folder_of(tmp_path), bounds=bounds)
    taken = 0
    with suppress(StoreUnavailableError):
        for number in range(10):
            store.write(f"a/{number}", b"x" * 5000)
            taken += 1
    assert taken == (2 if bounds.most == 10_000 else 0)
    faulty.fail()
    store.write("direct", b"x" * 20_000)
    assert faulty.inner.read("direct") == b"x" * 20_000
    assert store.flush() == 0


def test_less_waits_for_a_store_that_refuses(tmp_path: Path) -> None:
    faulty = FaultyStore(MemoryStore("far"), FULL)
    store = SpooledStore(faulty, folder_of(tmp_path), bounds=Bounds(most_refused=50_000))
    store.write("a", b"x")
    wait_until(lambda: store.trouble)
    taken = 0
    with suppress(StoreDeniedError):
        for number in range(100):
            store.write(f"a/{number}", b"x")
            taken += 1
    assert 10 <= taken <= 13


def no_folder(folder: Folder) -> None:
    raise PermissionError(13, "Permission denied")


def disk_full(*args: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("fault", ["folder", "disk"])
def test_without_a_spool_writing_waits_for_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    far = MemoryStore("far")
    store = spooled(far, folder_of(tmp_path))
    if fault == "folder":
        monkeypatch.setattr(Folder, "_make_folder", no_folder)
    else:
        monkeypatch.setattr("os.writev", disk_full)
    store.write("a", b"x")
    assert far.read("a") == b"x"
    assert store.read("a") == b"x"
    assert store.pending == ()


def test_a_spool_that_is_removed_while_in_use_is_made_anew(tmp_path: Path) -> None:
    import shutil

    faulty = FaultyStore(MemoryStore("far"), Fault("unavailable", "write"))
    store = spooled(faulty, folder_of(tmp_path))
    store.write("a", b"x")
    shutil.rmtree(tmp_path / ".jobtui")
    assert store.read("a") is None
    store.write("b", b"y")
    assert store.read("b") == b"y"
    faulty.fail()
    assert store.flush() == 0
    assert faulty.inner.read("b") == b"y"


# What it costs --------------------------------------------------------------------------------


def test_one_request_for_each_object_and_none_for_what_is_on_its_way(tmp_path: Path) -> None:
    far = CountingStore(MemoryStore("far"))
    gate = Gate(far)
    store = spooled(gate, folder_of(tmp_path))
    for number in range(5):
        store.write(f"a/{number}", b"x")
        assert store.read(f"a/{number}") == b"x"
    assert far.total == 0
    gate.open.set()
    assert store.flush() == 0
    assert dict(far.calls) == {"write": 5, "flush": 1}


def test_several_objects_are_sent_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(outbox._SENDERS)

    class Meeting(StoreAround):
        def write(self, name: str, data: Data) -> None:
            together.wait(30)
            super().write(name, data)

    store = spooled(Meeting(MemoryStore("far")), folder_of(tmp_path))
    for number in range(outbox._SENDERS):
        store.write(f"a/{number}", b"x")
    assert store.flush() == 0


def test_arrivals_are_told_once(tmp_path: Path) -> None:
    take_arrivals()
    store = spooled(MemoryStore("far"), folder_of(tmp_path))
    store.write("a", b"x")
    assert store.flush() == 0
    assert take_arrivals() == [("memory://far", "a")]
    assert take_arrivals() == []


# The suite ------------------------------------------------------------------------------------


class TestSpooled(AroundConformance):
    """Around a store that takes what is sent."""

    def inner(self, folder: Path) -> Store:
        return LocalStore(folder / "inner")

    def around(self, store: Store) -> Store:
        assert isinstance(store, LocalStore)
        return spooled(store, store.path.parent / ".jobtui" / "spool")


class Away(SpooledStore):
    """Around a store that takes nothing but while it is waited for."""

    def flush(self, timeout: float | None = None) -> int:
        assert isinstance(self.inner, FaultyStore)
        self.inner.fail()
        try:
            return super().flush(timeout)
        finally:
            self.inner.fail(Fault("unavailable", "write"))


class TestSpooledAway(AroundConformance):
    """All of it is in the spool."""

    def around(self, store: Store) -> Store:
        assert isinstance(store, LocalStore)
        faulty = FaultyStore(store, Fault("unavailable", "write"))
        return Away(faulty, store.path.parent / ".jobtui" / "spool")

    def read_raw(self, store: Store, name: str) -> bytes | None:
        assert isinstance(store, Away)
        assert isinstance(store.inner, FaultyStore)
        return store.inner.inner.read(name)

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        assert isinstance(store, Away)
        assert isinstance(store.inner, FaultyStore)
        store.inner.inner.write(name, data)


def test_bad_names_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    store = spooled(MemoryStore("far"), folder_of(tmp_path))
    with pytest.raises(StoreError):
        store.write("../a", b"x")
    assert not folder_of(tmp_path).exists()
