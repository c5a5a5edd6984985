"""What a backend gives, so that the tests can be made of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import pytest

from jobtui_core.stores import Store

__all__ = ["StoreHooks"]

ARRIVAL = 30.0
"""Seconds that a store may take until what was written has arrived."""


class StoreHooks(ABC):
    """A store under test, and ways around it."""

    coherent: ClassVar[bool] = True
    """Whether the store sees at once that others wrote in place of an object that it has read.

    One that keeps what it read, because objects are not to change, says ``False``.
    """

    deepest: ClassVar[int] = 600
    """Characters of the longest name that is tried; some backends add to names, and have limits."""

    examples: ClassVar[int] = 15
    """How often what depends on chance is tried: sequences of random calls, threads that meet.

    A slow store says fewer.
    """

    @abstractmethod
    def create(self, folder: Path) -> Store:
        """Give a store that is empty, and another one each time; ``folder`` is there for it."""

    @abstractmethod
    def read_raw(self, store: Store, name: str) -> bytes | None:
        """Read an object without the store; ``None`` if there is none."""

    @abstractmethod
    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        """Write an object without the store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """The store under test."""
        return self.create(tmp_path)

    def arrived(self, store: Store, name: str) -> bytes | None:
        """Give what others see of an object once all that was written has arrived."""
        assert store.flush(ARRIVAL) == 0
        return self.read_raw(store, name)

    def names(self, store: Store, prefix: str = "") -> set[str]:
        """Names that the store lists, each once."""
        found = [listed.name for listed in store.list(prefix)]
        assert len(found) == len(set(found))
        return set(found)
