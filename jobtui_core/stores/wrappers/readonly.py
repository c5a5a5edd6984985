"""A store that may be read and refuses to be changed."""

from __future__ import annotations

from jobtui_core.errors import StoreDeniedError
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Data, check_name
from jobtui_core.stores.locks import FileLocks

__all__ = ["ReadOnlyStore"]


class ReadOnlyStore(StoreAround):
    """Another store, to be read only.

    Parameters
    ----------
    store : Store

    Notes
    -----
    Whatever would change it raises `StoreDeniedError`, also where nothing would come of it: to
    write an object unless it is there, to delete one that is not there.  A `UnchangedStore`, on
    the other hand, leaves changes undone without a word.
    """

    @property
    def writable(self) -> bool:
        """Never."""
        return False

    @property
    def locks(self) -> FileLocks | None:
        """None: the file of locks would be made for them."""
        return None

    def _refusal(self, what: str, name: str) -> StoreDeniedError:
        check_name(name)
        return StoreDeniedError(
            f"{name} cannot be {what}: {self.url} was opened to be read only",
            url=self.url,
            name=name,
        )

    def write(self, name: str, data: Data) -> None:
        """Refuse."""
        raise self._refusal("written", name)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Refuse."""
        raise self._refusal("written", name)

    def delete(self, name: str) -> None:
        """Refuse."""
        raise self._refusal("deleted", name)

    def copy(self, source: str, target: str) -> None:
        """Refuse."""
        check_name(source)
        raise self._refusal("written", target)

    def sweep(self) -> None:
        """Leave everything as it is: what is left of writers is theirs who may write."""
