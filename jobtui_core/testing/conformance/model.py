"""A store beside a dictionary: random calls on both, compared after each.

Needs hypothesis.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jobtui_core.testing.conformance.hooks import ARRIVAL

if TYPE_CHECKING:
    from jobtui_core.stores import Store
    from jobtui_core.testing.conformance.hooks import StoreHooks

__all__ = ["StoreModel", "check_by_model"]

# Names in which none is the beginning of another, as those of entries are.
NAMES = st.builds(
    lambda folder, name: f"{folder}/{name}.entry",
    st.sampled_from(["a", "b", "b/c", "ab"]),
    st.sampled_from(["0", "1", "01"]),
)
PREFIXES = st.sampled_from(["", "a", "a/", "b", "b/", "b/c", "b/c/0", "x", "a/0.entry"])
DATA = st.binary(max_size=40)


class StoreModel(RuleBasedStateMachine):
    """Random calls on a store and on a dictionary.

    Parameters
    ----------
    hooks : StoreHooks
        Makes the store, and goes around it.
    new_folder : callable
        Gives a folder for another store.
    """

    def __init__(self, hooks: StoreHooks, new_folder: Callable[[], Path]) -> None:
        super().__init__()
        self.hooks = hooks
        self.new_folder = new_folder
        self.model: dict[str, bytes] = {}
        self.store: Store

    @initialize()
    def open(self) -> None:
        """Begin with an empty store."""
        self.store = self.hooks.create(self.new_folder())

    def _is_coherent(self) -> bool:
        return self.hooks.coherent

    def _is_shared(self) -> bool:
        return "shared" in self.store.capabilities

    @rule(name=NAMES, data=DATA)
    def write(self, name: str, data: bytes) -> None:
        """Write an object."""
        self.store.write(name, data)
        self.model[name] = data

    @rule(name=NAMES, data=DATA, cut=st.integers(0, 40))
    def write_pieces(self, name: str, data: bytes, cut: int) -> None:
        """Write one in two pieces."""
        self.store.write(name, [data[:cut], data[cut:]])
        self.model[name] = data

    @rule(name=NAMES, data=DATA)
    def write_if_absent(self, name: str, data: bytes) -> None:
        """Write one unless it is there."""
        assert self.store.write_if_absent(name, data) == (name not in self.model)
        self.model.setdefault(name, data)

    @precondition(_is_coherent)
    @rule(name=NAMES, data=DATA)
    def others_write(self, name: str, data: bytes) -> None:
        """Write one around the store, once its own writes have arrived."""
        assert self.store.flush(ARRIVAL) == 0
        self.hooks.write_raw(self.store, name, data)
        self.model[name] = data

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        """Delete an object that may be there."""
        self.store.delete(name)
        self.model.pop(name, None)

    @rule(source=NAMES, into=NAMES)
    def copy(self, source: str, into: str) -> None:
        """Copy an object that may be there, onto itself too."""
        self.store.copy(source, into)
        if source in self.model:
            self.model[into] = self.model[source]

    @rule(name=NAMES, start=st.integers(0, 50), length=st.none() | st.integers(0, 50))
    def read(self, name: str, start: int, length: int | None) -> None:
        """Read an object or a part of it."""
        expected = self.model.get(name)
        if expected is not None:
            expected = expected[start : None if length is None else start + length]
        assert self.store.read(name, start, length) == expected

    @rule(name=NAMES)
    def arrive(self, name: str) -> None:
        """Read an object around the store, once all has arrived."""
        assert self.store.flush(ARRIVAL) == 0
        assert self.hooks.read_raw(self.store, name) == self.model.get(name)

    @rule(prefix=PREFIXES)
    def listing(self, prefix: str) -> None:
        """List what is there."""
        found = [(listed.name, listed.size) for listed in self.store.list(prefix)]
        assert sorted(found) == self._expected(prefix)

    @rule(prefix=PREFIXES, size=st.integers(1, 5))
    def paging(self, prefix: str, size: int) -> None:
        """List it in pages."""
        pages = [*self.store.pages(prefix, size)]
        assert all(1 <= len(page) <= size for page in pages)
        found = [(listed.name, listed.size) for page in pages for listed in page]
        assert sorted(found) == self._expected(prefix)

    def _expected(self, prefix: str) -> list[tuple[str, int]]:
        model = self.model.items()
        return sorted((name, len(data)) for name, data in model if name.startswith(prefix))

    @precondition(_is_shared)
    @rule()
    def go_on_in_another_process(self) -> None:
        """Go on with what another process would be sent."""
        assert self.store.flush(ARRIVAL) == 0
        self.store = pickle.loads(pickle.dumps(self.store))

    @rule()
    def sweep(self) -> None:
        """Clean up."""
        self.store.sweep()

    @rule()
    def compare(self) -> None:
        """Compare all that is known."""
        for name, data in self.model.items():
            assert self.store.read(name) == data
            listed = self.store.stat(name)
            assert listed is not None
            assert listed.size == len(data)


def check_by_model(hooks: StoreHooks, folder: Path, *, shrink: bool = True) -> None:
    """Compare a store with a dictionary, in ``hooks.examples`` sequences of random calls.

    Parameters
    ----------
    hooks : StoreHooks
    folder : Path
        Where the folders are made that `StoreHooks.create` is given.
    shrink : bool
        Whether to look for a shorter sequence when one fails.
    """
    made = 0

    def new_folder() -> Path:
        nonlocal made
        made += 1
        place = folder / f"model-{made}"
        place.mkdir()
        return place

    class Machine(StoreModel):
        def __init__(self) -> None:
            super().__init__(hooks, new_folder)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=hooks.examples,
            stateful_step_count=25,
            deadline=None,
            phases=[phase for phase in Phase if shrink or phase is not Phase.shrink],
        ),
    )
