"""What every store must do, as tests.

A backend joins by subclassing::

    class TestMyStore(StoreConformance):
        def create(self, folder):
            return MyStore(folder)

        def read_raw(self, store, name): ...
        def write_raw(self, store, name, data): ...

The two raw hooks go around the store, so that its reading and its writing cannot hide each
other's mistakes.  A store around another one goes on asking the other one::

    class TestMyWrapper(AroundConformance):
        def around(self, store):
            return MyWrapper(store)

What a store does not offer, by its `Store.capabilities`, is not asked of it.  With hypothesis
installed, random sequences of calls are compared with what a dictionary does.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

import pytest

from jobtui_core.stores import Store
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.local import LocalStore
from jobtui_core.testing.conformance.deleting import Deleting
from jobtui_core.testing.conformance.listing import Listing
from jobtui_core.testing.conformance.many import ManyAtOnce
from jobtui_core.testing.conformance.reading import BAD_NAMES, Reading
from jobtui_core.testing.conformance.refusing import Refusing
from jobtui_core.testing.conformance.writing import Writing

__all__ = ["BAD_NAMES", "AroundConformance", "ReadOnlyConformance", "StoreConformance"]


class StoreConformance(Reading, Listing, Writing, Deleting, ManyAtOnce):
    """Tests of one store; subclass it under a name that begins with ``Test``."""

    def test_random_calls_do_what_a_dictionary_does(self, tmp_path: Path) -> None:
        pytest.importorskip("hypothesis", exc_type=ImportError)
        from jobtui_core.testing.conformance.model import check_by_model

        check_by_model(self, tmp_path)


class ReadOnlyConformance(Reading, Listing, Refusing):
    """Tests of a store that may only be read; subclass it likewise.

    ``write_raw`` puts there what is read.
    """


class AroundConformance(StoreConformance):
    """Tests of a store around another one; subclass it likewise."""

    @abstractmethod
    def around(self, store: Store) -> Store:
        """Put the store under test around another one."""

    def inner(self, folder: Path) -> Store:
        """Give the other one; by default in a folder."""
        return LocalStore(folder / "inner")

    def create(self, folder: Path) -> Store:
        """Give one around an empty store."""
        return self.around(self.inner(folder))

    def read_raw(self, store: Store, name: str) -> bytes | None:
        """Read from the other one."""
        assert isinstance(store, StoreAround)
        return store.inner.read(name)

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        """Write into the other one."""
        assert isinstance(store, StoreAround)
        store.inner.write(name, data)
