"""Edits that somebody accepted, as of the last look at the stores that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jobtui_core.aliases import older_codes, read_aliases
from jobtui_core.errors import JobtuiError, StoreUnavailableError

if TYPE_CHECKING:
    from jobtui_core.records import Acceptance
    from jobtui_core.stores import Listed, Store
    from jobtui_core.tracing.calls import AcceptedCode

__all__ = ["Accepted"]

Way = tuple["Acceptance", ...]
"""Acceptances that lead from a function's code to an older one, from edit to edit."""


class Accepted:
    """Reads aliases, store by store, and follows them.

    Parameters
    ----------
    store_at : callable
        Gives a store by the name that records give it; ``None`` means the project's.
    """

    def __init__(self, store_at: Callable[[str | None], Store]) -> None:
        self._store_at = store_at
        self._listed: dict[str | None, list[Listed]] = {}
        self._by_function: dict[str | None, dict[str, list[Acceptance]]] = {}
        self._supposed: tuple[Acceptance, ...] = ()

    def refresh(self, *, anew: bool = True) -> bool:
        """Look at the stores again; tell whether anything was accepted or taken back.

        Parameters
        ----------
        anew : bool
            Whether those on other machines are to be asked, too.
        """
        asked = [place for place in self._listed if anew or not self._is_remote(place)]
        changed = [place for place in asked if self._list(place) != self._listed[place]]
        for place in changed:
            self._read(place)
        return bool(changed)

    def _is_remote(self, place: str | None) -> bool:
        try:
            return "remote" in self._store_at(place).capabilities
        except (JobtuiError, OSError):
            return False

    def _list(self, place: str | None) -> list[Listed]:
        try:
            found = self._store_at(place).list("alias/")
            return sorted(found, key=lambda item: item.name)
        except StoreUnavailableError:
            # What it said last counts, as it does of everything else in there.
            return self._listed.get(place, [])
        except (JobtuiError, OSError):
            # A store that is away has nothing to say; look-ups there find nothing either.
            return []

    def _read(self, place: str | None) -> None:
        self._listed[place] = self._list(place)
        found = self._by_function[place] = {}
        if not self._listed[place]:
            return
        try:
            aliases = read_aliases(self._store_at(place))
        except (JobtuiError, OSError):
            # The next look is to find that something changed, and read them.
            self._listed[place] = []
            return
        for alias in aliases:
            found.setdefault(alias.function, []).append(alias)

    def at(self, place: str | None) -> dict[str, list[Acceptance]]:
        """Give all acceptances that a store holds, by function, the oldest first."""
        if place not in self._listed:
            self._read(place)
        return self._by_function[place]

    def older(self, function: str, place: str | None, code: str) -> dict[str, Way]:
        """Give the codes whose results may answer for a function's, nearest first.

        Parameters
        ----------
        function : str
        place : str or None
            Where the function's entries are.
        code : str
            The function's code.
        """
        aliases = self.at(place).get(function, [])
        if self._supposed:
            aliases = [*aliases, *(one for one in self._supposed if one.function == function)]
        return older_codes(aliases, code) if aliases else {}

    @contextmanager
    def supposing(self, acceptances: Sequence[Acceptance]) -> Iterator[None]:
        """Take acceptances for given that nobody wrote down."""
        self._supposed = tuple(acceptances)
        try:
            yield
        finally:
            self._supposed = ()

    def way(self, code: AcceptedCode) -> Way:
        """Give the acceptances by which an older result was taken; empty if they are gone."""
        function, new, old, place = code
        return self.older(function, place or None, new).get(old, ())
