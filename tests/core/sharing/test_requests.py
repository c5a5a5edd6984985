"""How often a store on another machine is asked, and what is said while it does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui_core.aliases import write_alias
from jobtui_core.errors import StoreUnavailableError
from jobtui_core.project import is_shared, look_again, open_project, status
from jobtui_core.project.evidence import presence as presence_module
from jobtui_core.project.evidence import stores as stores_module
from jobtui_core.project.evidence.acceptances import Accepted
from jobtui_core.project.evidence.presence import Presence
from jobtui_core.project.evidence.stores import Stores
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import Acceptance, ProjectStatus, Verdict
from jobtui_core.stores import CountingStore, Fault, FaultyStore, MemoryStore, SigningKey, patience
from tests.core.sharing.conftest import Machine
from tests.core.sharing.remote import RemoteStore, counted

STEPS = 200


def _name(function: str, number: int) -> str:
    key = f"{number:032x}"[::-1]
    return f"{function}/{key[:2]}/{key}.entry"


def _filled(functions: int, entries: int) -> CountingStore:
    store = CountingStore(MemoryStore())
    for function in range(functions):
        for number in range(entries):
            store.write(_name(f"m%3Af{function}", number), b"")
    store.reset()
    return store


def _requests(store: CountingStore) -> int:
    return store.calls["pages"] + store.calls["stat"] + store.calls["read"] + store.calls["list"]


# Presence ---------------------------------------------------------------------------------------


def test_a_few_functions_are_listed_one_by_one_and_each_once() -> None:
    store = _filled(20, 50)
    presence = Presence(store)
    for _ in range(2):
        for function in range(3):
            assert presence.has(_name(f"m%3Af{function}", 7))
            assert not presence.has(_name(f"m%3Af{function}", 77))
    assert store.total == store.calls["pages"] == 3


def test_many_functions_are_answered_by_one_listing_of_all() -> None:
    store = _filled(500, 2)
    presence = Presence(store)
    for function in range(500):
        assert presence.has(_name(f"m%3Af{function}", 1))
    assert not presence.has(_name("m%3Aother", 1))
    assert store.total == store.calls["pages"] <= 8 + 1


def test_a_store_that_is_too_much_to_list_is_asked_by_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence_module, "_PAGES", 1)
    store = _filled(30, 50)
    presence = Presence(store)
    for function in range(30):
        assert presence.has(_name(f"m%3Af{function}", 1))
    assert store.total <= 30 + 2


def test_of_a_function_with_very_many_entries_only_parts_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence_module, "_PAGES_OF_ONE", 1)
    store = _filled(1, 1_500)
    presence = Presence(store)
    for number in range(1_500):
        assert presence.has(_name("m%3Af0", number))
    assert not presence.has(_name("m%3Af0", 1_501))
    assert store.total <= 2 + 256


def test_what_may_have_become_more_is_listed_again_by_itself() -> None:
    store = _filled(20, 1)
    presence = Presence(store)
    for function in range(20):
        assert not presence.has(_name(f"m%3Af{function}", 1))
    store.write(_name("m%3Af3", 1), b"")
    store.write(_name("m%3Af4", 1), b"")
    presence.forget("m%3Af3/")
    store.reset()
    assert presence.has(_name("m%3Af3", 1))
    assert not presence.has(_name("m%3Af4", 1))
    assert _requests(store) == 1
    presence.clear()
    assert presence.has(_name("m%3Af4", 1))


def test_what_could_not_be_listed_again_is_not_taken_to_be_gone() -> None:
    store = FaultyStore(_filled(20, 1))
    presence = Presence(store)
    for function in range(20):
        assert presence.has(_name(f"m%3Af{function}", 0))
    presence.forget("m%3Af3/")
    store.fail(Fault("unavailable"))
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            presence.has(_name("m%3Af3", 0))
    store.fail()
    assert presence.has(_name("m%3Af3", 0))


@pytest.mark.parametrize("method", ["list", "read"])
def test_what_was_accepted_stays_accepted_while_the_store_does_not_answer(method: str) -> None:
    store = FaultyStore(MemoryStore())
    new, old, older = "2" * 32, "1" * 32, "0" * 32
    write_alias(store, Acceptance(function="m:f", code=new, old=old, time=1.0))
    accepted = Accepted(lambda place: store)
    assert list(accepted.older("m:f", None, new)) == [old]
    write_alias(store, Acceptance(function="m:f", code=old, old=older, time=0.0))
    store.fail(Fault("unavailable", method))
    accepted.refresh()
    store.fail()
    accepted.refresh()
    assert list(accepted.older("m:f", None, new)) == [old, older]
    store.fail(Fault("unavailable"))
    assert not accepted.refresh()
    assert list(accepted.older("m:f", None, new)) == [old, older]


# A project --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A script of many steps, and the store of somebody who ran it."""
    folder = tmp_path_factory.mktemp("computed")
    lines = ["from jobtui_core import make"]
    for number in range(STEPS):
        lines += ["@make", f"def step{number}(value):", f"    return value + {number}"]
    lines += [f"step{number}({number})" for number in range(STEPS)]
    ada = Machine(folder, "ada", {})
    script = ada.write("many.py", "\n".join(lines) + "\n")
    ada.write("jobtui.toml", f'store = "{folder / "store"}"\n')
    ada.run("many.py")
    return script, folder / "store"


@pytest.fixture
def far(
    computed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Machine, CountingStore, RemoteStore]]:
    """Another machine, with that store far away."""
    for name in ("JOBTUI_STORE", "JOBTUI_ROOT", "JOBTUI_TRACE"):
        monkeypatch.delenv(name, raising=False)
    script, folder = computed
    bob = Machine(tmp_path, "bob", {})
    bob.write("many.py", script.read_text())
    with counted(folder) as (url, store, remote):
        bob.write("jobtui.toml", f'store = "{url}"\n')
        forget_readers()
        yield bob, store, remote
    patience._states.clear()
    forget_readers()


def _look(machine: Machine) -> ProjectStatus:
    return status(open_project(machine.root))


def _verdicts(found: ProjectStatus) -> set[Verdict]:
    return {step.verdict for step in found.steps}


@pytest.mark.slow
def test_a_cold_look_at_many_steps_takes_few_requests_and_the_next_ones_none(
    far: tuple[Machine, CountingStore, RemoteStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, store, _ = far
    found = _look(machine)
    assert len(found.steps) == STEPS
    assert _verdicts(found) == {Verdict.FRESH}
    # Records, one record, its analysis, accepted edits, eight functions and everything.
    assert store.total == _requests(store) <= 16
    assert is_shared(open_project(machine.root))
    store.reset()
    for _ in range(3):
        assert _verdicts(_look(machine)) == {Verdict.FRESH}
    assert store.total == 0
    # Somebody wants to know.
    look_again(open_project(machine.root))
    assert _verdicts(_look(machine)) == {Verdict.FRESH}
    assert 0 < store.total <= 16
    # After a while it is asked without that.
    store.reset()
    monkeypatch.setattr(stores_module, "REST", 0.0)
    _look(machine)
    assert 0 < store.total <= 16


@pytest.mark.slow
def test_signatures_on_a_remote_store_are_looked_at_once(
    far: tuple[Machine, CountingStore, RemoteStore],
) -> None:
    machine, store, _ = far
    entries = [item.name for item in store.list() if item.name.endswith(".entry")]
    stores = Stores(open_project(machine.root))
    assert all(stores.is_signed(name, None) for name in entries)
    store.signing_key = SigningKey("a secret")
    stores = Stores(open_project(machine.root))
    store.reset()
    assert not any(stores.is_signed(name, None) for name in entries)
    assert store.calls["read"] == len(entries)
    stores.look_again()
    stores.begin()
    assert not any(stores.is_signed(name, None) for name in entries)
    assert store.calls["read"] == len(entries)


@pytest.mark.slow
def test_of_a_store_that_does_not_answer_the_last_state_stands_and_nothing_is_fresh(
    far: tuple[Machine, CountingStore, RemoteStore],
) -> None:
    machine, _, remote = far
    (machine.root / ".jobtui").mkdir()
    assert _verdicts(_look(machine)) == {Verdict.FRESH}
    remote.away = True
    forget_readers()
    found = _look(machine)
    # What others ran is known from the index; whether their results are there is not.
    assert _verdicts(found) == {Verdict.UNSURE}
    assert {step.reasons[0].summary for step in found.steps} == {
        "whether its results are kept is not known: their store is silent"
    }
    assert any("nobody answers at the other end" in text for text in found.warnings)
    remote.away = False
    # As another process has it, which was not told to leave the store alone.
    patience._states.clear()
    forget_readers()
    assert _verdicts(_look(machine)) == {Verdict.FRESH}
