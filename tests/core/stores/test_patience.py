"""A store that does not answer is left alone for a while; one that refuses, for what it refused."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores import CountingStore, Fault, FaultyStore, MemoryStore, Store
from jobtui_core.stores.patience import PatientStore, destination, patient
from jobtui_core.testing import StoreConformance


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Trial:
    """A patient store, what is behind it, and the clock that it goes by."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.faulty = FaultyStore(MemoryStore("m"))
        self.counting = CountingStore(self.faulty)
        self.store = PatientStore(self.counting, clock=self.clock)

    def refused(self, call: Callable[[], object], error: type[StoreError]) -> StoreError:
        with pytest.raises(error) as caught:
            call()
        return caught.value


@pytest.fixture
def trial() -> Trial:
    return Trial()


def test_a_store_that_does_not_answer_is_asked_once_and_then_left_alone(trial: Trial) -> None:
    trial.faulty.fail(Fault("unavailable"))
    first = trial.refused(lambda: trial.store.read("a"), StoreUnavailableError)
    calls: list[Callable[[], object]] = [
        lambda: trial.store.read("b"),
        lambda: trial.store.stat("b"),
        lambda: trial.store.write("b", b"x"),
        lambda: trial.store.write_if_absent("b", b"x"),
        lambda: trial.store.delete("b"),
        lambda: trial.store.copy("a", "b"),
        lambda: list(trial.store.list()),
        lambda: list(trial.store.pages()),
    ]
    for call in calls:
        again = trial.refused(call, StoreUnavailableError)
        assert str(again) == str(first)
        assert again.facts == first.facts
    assert len(trial.faulty.struck) == 1


def test_pauses_double_up_to_the_longest(trial: Trial) -> None:
    trial.faulty.fail(Fault("unavailable"))
    asked = []
    for second in range(1200):
        trial.clock.now = 1000.0 + second
        before = len(trial.faulty.struck)
        trial.refused(lambda: trial.store.read("a"), StoreUnavailableError)
        if len(trial.faulty.struck) > before:
            asked.append(second)
    assert asked == [0, 30, 90, 210, 450, 750, 1050]


def test_an_answer_ends_the_pause_and_the_next_failure_begins_with_a_short_one(
    trial: Trial,
) -> None:
    trial.faulty.fail(Fault("unavailable", times=2))
    for second in (0, 30):
        trial.clock.now = 1000.0 + second
        trial.refused(lambda: trial.store.read("a"), StoreUnavailableError)
    trial.clock.now += 60
    assert trial.store.read("a") is None
    assert trial.store.read("b") is None
    trial.faulty.fail(Fault("unavailable"))
    trial.refused(lambda: trial.store.read("a"), StoreUnavailableError)
    trial.faulty.fail()
    trial.clock.now += 30
    assert trial.store.read("a") is None


def test_one_call_tries_again_and_the_others_do_not_wait_for_it() -> None:
    answer, asked = threading.Event(), threading.Event()

    class Slow(MemoryStore):
        def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
            if name == "slow":
                asked.set()
                assert answer.wait(10)
            return super().read(name, start, length)

    faulty, clock = FaultyStore(Slow(), Fault("unavailable", times=1)), Clock()
    store = PatientStore(faulty, clock=clock)
    with pytest.raises(StoreUnavailableError):
        store.read("a")
    clock.now += 30
    found: list[bytes | None] = []
    thread = threading.Thread(target=lambda: found.append(store.read("slow")))
    thread.start()
    assert asked.wait(10)
    with pytest.raises(StoreUnavailableError):
        store.read("a")
    answer.set()
    thread.join()
    assert found == [None]
    assert store.read("a") is None


def test_a_call_that_was_given_up_leaves_its_turn_to_the_next(trial: Trial) -> None:
    trial.faulty.fail(Fault("unavailable", times=1))
    trial.refused(lambda: trial.store.read("a"), StoreUnavailableError)
    trial.clock.now += 30
    with pytest.raises(TypeError):
        trial.store.write("a", None)  # type: ignore[arg-type]  # on purpose
    assert trial.store.read("a") is None


def test_refused_writing_is_left_alone_and_reading_goes_on(trial: Trial) -> None:
    trial.faulty.inner.write("a", b"x")
    trial.faulty.fail(Fault("denied", "write"))
    assert trial.store.writable is None
    for _ in range(10_000):
        trial.refused(lambda: trial.store.write("b", b"x"), StoreDeniedError)
    assert len(trial.faulty.struck) == 1
    assert trial.store.writable is False
    assert trial.store.read("a") == b"x"
    assert [one.name for one in trial.store.list()] == ["a"]
    trial.store.delete("a")
    trial.clock.now += 30
    assert trial.store.writable is None
    trial.refused(lambda: trial.store.write("b", b"x"), StoreDeniedError)
    assert len(trial.faulty.struck) == 2


def test_a_refusal_after_answers_is_that_objects_affair(trial: Trial) -> None:
    trial.faulty.inner.write("a", b"x")
    assert trial.store.read("a") == b"x"
    trial.faulty.fail(Fault("denied", "read", names="secret/*"))
    trial.refused(lambda: trial.store.read("secret/b"), StoreDeniedError)
    assert trial.store.read("a") == b"x"


def test_what_was_found_missing_does_not_show_that_reading_is_allowed(trial: Trial) -> None:
    assert trial.store.read("a") is None
    trial.faulty.fail(Fault("denied", "read"))
    for _ in range(3):
        trial.refused(lambda: trial.store.read("a"), StoreDeniedError)
    assert len(trial.faulty.struck) == 1


def test_listing_that_breaks_off_counts_as_no_answer(trial: Trial) -> None:
    for number in range(5):
        trial.store.write(f"a/{number}", b"x")
    trial.faulty.fail(Fault("torn", "list", keep=2))
    seen = []
    with pytest.raises(StoreUnavailableError):
        seen.extend(trial.store.list("a/"))
    trial.refused(lambda: trial.store.read("a/0"), StoreUnavailableError)
    trial.faulty.fail()
    trial.refused(lambda: trial.store.read("a/0"), StoreUnavailableError)


def test_who_insists_asks_anyway_and_its_answer_counts_for_all(trial: Trial) -> None:
    trial.faulty.fail(Fault("unavailable", times=2))
    trial.refused(lambda: trial.store.read("a"), StoreUnavailableError)
    insistent = trial.store.insistent()
    trial.refused(lambda: insistent.write("a", b"x"), StoreUnavailableError)
    assert trial.store.unanswered is not None
    insistent.write("a", b"x")
    assert trial.store.unanswered is None
    assert trial.store.read("a") == b"x"


def test_stores_of_one_place_and_options_are_left_alone_together() -> None:
    def opened(endpoint: str) -> tuple[FaultyStore, Store]:
        faulty = FaultyStore(MemoryStore("together"))
        faulty.options = {"endpoint_url": endpoint}
        return faulty, patient(faulty)

    faulty, first = opened("http://one")
    faulty.fail(Fault("unavailable"))
    with pytest.raises(StoreUnavailableError):
        first.read("a")
    with pytest.raises(StoreUnavailableError):
        opened("http://one")[1].read("a")
    assert opened("http://two")[1].read("a") is None
    with pytest.raises(StoreUnavailableError):
        pickle.loads(pickle.dumps(first)).read("a")


def test_a_store_that_is_opened_anew_is_asked_again_for_what_was_refused() -> None:
    faulty = FaultyStore(MemoryStore("anew"), Fault("denied"))
    with pytest.raises(StoreDeniedError):
        patient(faulty).read("a")
    faulty.fail()
    assert patient(faulty).read("a") is None


def test_how_a_server_is_asked_makes_no_other_destination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://one")
    near, far = MemoryStore("m"), MemoryStore("m")
    far.options = {"profile": "lab", "retries": 7}
    assert destination(near) == destination(far)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://two")
    there = destination(far)
    assert there != destination(MemoryStore("n"))
    far.options = {"endpoint_url": "http://one"}
    assert there != destination(far)


class TestPatient(StoreConformance):
    """Around a store that answers, nothing changes."""

    def create(self, folder: Path) -> Store:
        return PatientStore(MemoryStore())

    def read_raw(self, store: Store, name: str) -> bytes | None:
        assert isinstance(store, PatientStore)
        return store.inner.read(name)

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        assert isinstance(store, PatientStore)
        store.inner.write(name, data)
