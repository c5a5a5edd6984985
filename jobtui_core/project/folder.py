"""The project that everything else is asked about: its root, its settings, its folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import UnknownNameError
from jobtui_core.root import STATE_FOLDER, Config, find_root, load_config

if TYPE_CHECKING:
    from jobtui_core.stores import Store

__all__ = ["Project", "open_project"]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of scripts.

    Opening one reads its settings and nothing else; nothing is written before a run is started.
    """

    root: Path
    """Absolute."""
    config: Config

    @property
    def state_folder(self) -> Path:
        """``.jobtui`` in the root, which may not exist yet."""
        return self.root / STATE_FOLDER

    @property
    def runs_folder(self) -> Path:
        """Where every run has a folder named by its id."""
        return self.state_folder / "runs"

    @property
    def queues_folder(self) -> Path:
        """Where every queue of runs has a folder named by its id."""
        return self.state_folder / "queues"

    @property
    def index_folder(self) -> Path:
        """Derived files that may be deleted at any time."""
        return self.state_folder / "index"

    @property
    def store_location(self) -> str:
        """Where results are kept: ``JOBTUI_STORE``, else the project's setting."""
        return os.environ.get("JOBTUI_STORE") or self.config.store

    def open_store(self) -> Store:
        """Open the store of the project's results.

        Raises
        ------
        StoreError
            If its location has a scheme that nobody knows.
        """
        from jobtui_core.stores import open_store

        return open_store(self.store_location, base=self.root)


def open_project(path: str | Path = ".") -> Project:
    """Give the project that a folder or a script belongs to.

    Parameters
    ----------
    path : str or Path
        A folder or a script of the project.

    Raises
    ------
    UnknownNameError
        If there is no such folder or file.
    ConfigurationError
        If the project's settings cannot be used.
    """
    place = Path(os.path.abspath(Path(path).expanduser()))
    if not place.exists():
        raise UnknownNameError(
            f"There is no folder or script {os.fspath(path)!r}.", name=os.fspath(path), nearest=()
        )
    root = find_root(place)
    return Project(root, load_config(root))
