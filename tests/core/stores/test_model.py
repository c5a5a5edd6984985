"""Stores beside a dictionary that does the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from jobtui_core.stores import LocalStore, MemoryStore, Store

# Names in which none is the beginning of another, as those of entries are.
NAMES = st.builds(
    lambda folder, name: f"{folder}/{name}.entry",
    st.sampled_from(["a", "b", "b/c", "ab"]),
    st.sampled_from(["0", "1", "01"]),
)
DATA = st.binary(max_size=40)


class StoreModel(RuleBasedStateMachine):
    """Random calls on a store and on a dictionary, compared after each."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, bytes] = {}

    @initialize(local=st.booleans())
    def open(self, local: bool) -> None:
        self.store = LocalStore(self.folder / "cache") if local else MemoryStore()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(name=NAMES, data=DATA)
    def write(self, name: str, data: bytes) -> None:
        self.store.write(name, data)
        self.model[name] = data

    @rule(name=NAMES, data=DATA, cut=st.integers(0, 40))
    def write_pieces(self, name: str, data: bytes, cut: int) -> None:
        self.store.write(name, [data[:cut], data[cut:]])
        self.model[name] = data

    @rule(name=NAMES, data=DATA)
    def write_if_absent(self, name: str, data: bytes) -> None:
        assert self.store.write_if_absent(name, data) == (name not in self.model)
        self.model.setdefault(name, data)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.store.delete(name)
        self.model.pop(name, None)

    @rule(name=NAMES, start=st.integers(0, 50), length=st.none() | st.integers(0, 50))
    def read(self, name: str, start: int, length: int | None) -> None:
        expected = self.model.get(name)
        if expected is not None:
            expected = expected[start : None if length is None else start + length]
        assert self.store.read(name, start, length) == expected

    @rule(prefix=st.sampled_from(["", "a", "a/", "b", "b/c", "b/c/0", "x"]))
    def list(self, prefix: str) -> None:
        found = {listed.name: listed.size for listed in self.store.list(prefix)}
        model = self.model.items()
        assert found == {name: len(data) for name, data in model if name.startswith(prefix)}

    @invariant()
    def same_objects(self) -> None:
        if hasattr(self, "store"):
            for name, data in self.model.items():
                listed = self.store.stat(name)
                assert listed is not None
                assert listed.size == len(data)


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
