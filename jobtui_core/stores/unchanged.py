"""A store that is read and never changed, for as long as a check goes on."""

from __future__ import annotations

import os

from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Data
from jobtui_core.stores.locks import FileLocks

__all__ = ["CHECK", "UnchangedStore", "is_checking"]

CHECK = "JOBTUI_CHECK"
"""Set for a script that a check runs, and for all that it starts."""


def is_checking() -> bool:
    """Tell whether this process must leave what is stored as it is."""
    return CHECK in os.environ


class UnchangedStore(StoreAround):
    """Another store, with every change left undone and unsaid.

    Parameters
    ----------
    store : Store
    """

    @property
    def locks(self) -> FileLocks | None:
        """None: the file of locks would be made for them."""
        return None

    def write(self, name: str, data: Data) -> None:
        """Leave things as they are."""

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Leave things as they are."""
        return False

    def delete(self, name: str) -> None:
        """Leave things as they are."""

    def copy(self, source: str, target: str) -> None:
        """Leave things as they are."""

    def sweep(self) -> None:
        """Leave things as they are."""
