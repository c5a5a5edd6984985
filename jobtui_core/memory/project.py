"""What the project that this process runs in says about stores and outputs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from jobtui_core import tracing
from jobtui_core.errors import ConfigurationError, JobtuiError
from jobtui_core.limits import Limits, limits_of
from jobtui_core.memory.notices import warn_once
from jobtui_core.packages import missing_packages
from jobtui_core.root import STATE_FOLDER, Config, load_config, relative_name
from jobtui_core.stores import LocalStore, Store, open_backend, open_store
from jobtui_core.tracing.protocol import REPLAY
from jobtui_core.tracing.sharing.used import note_store

__all__ = [
    "inputs_check",
    "name_elsewhere",
    "open_for_scripts",
    "outputs_mode",
    "project_limits",
    "project_store",
    "replays",
    "store_named",
]

_MODES = ("keep", "restore", "recompute")


def project_store() -> Store:
    """Give the store of the project: ``JOBTUI_STORE``, or the setting ``store``.

    Raises
    ------
    ConfigurationError, StoreError
        If the project's settings cannot be read, or no such store is known.
    """
    root = tracing.project_root()
    return _store(root, os.environ.get("JOBTUI_STORE") or _config(root).store)


def name_elsewhere(store: Store) -> str | None:
    """Name a store as records do; ``None`` for the project's."""
    name = _name_elsewhere(store)
    # In the end the run's record is put there, if others use it too.
    note_store(store, name)
    return name


def _name_elsewhere(store: Store) -> str | None:
    try:
        if store.url == project_store().url:
            return None
    except JobtuiError:
        # The project's own store cannot be named: so this is another one.
        pass
    if isinstance(store, LocalStore):
        return relative_name(store.path, tracing.project_root())
    return store.url


def store_named(name: str | None) -> Store:
    """Give the store that `name_elsewhere` named."""
    if name is None:
        return project_store()
    # One that was opened with options of its own, which records do not tell.
    return _opened.get(name) or _store(tracing.project_root(), name)


_opened: WeakValueDictionary[str, Store] = WeakValueDictionary()
"""Stores that `Memory` opened, by URL."""


def open_for_scripts(
    location: str,
    options: Mapping[str, Any] | None = None,
    *,
    backend: str | None = None,
    verbose: int = 0,
) -> Store:
    """Open a store as scripts use it: with the project's settings, and what they write spooled.

    Parameters
    ----------
    location : str
        A URL; or a location of ``backend``.
    options : mapping, optional
        They outweigh the settings.
    backend : str, optional
        A name that was given to ``register_store_backend``.
    verbose : int
        For such a backend.

    Raises
    ------
    ConfigurationError, StoreError, TypeError, ValueError
        As `open_store` and `open_backend` do.
    """
    root = tracing.project_root()
    spool = root / STATE_FOLDER / "spool"
    if backend is None:
        store = open_store(location, root, options, spool=spool)
    else:
        store = open_backend(backend, location, options, verbose, base=root, spool=spool)
    _hold_tier_to_size(store)
    _opened[store.url] = store
    return store


def _hold_tier_to_size(store: Store) -> None:
    if "remote" not in store.capabilities:
        return
    from jobtui_core.stores.tiered import tier_of

    tier = tier_of(store)
    if tier is not None and tier.size is not None:
        # Not at import: few stores have copies elsewhere.
        from jobtui_core.upkeep.keeper import keeper_of

        keeper = keeper_of(tier.near, Limits(size=tier.size), copies=True)
        tier.grew = None if keeper is None else keeper.grew


def outputs_mode() -> str:
    """Tell what a hit does with an output that was edited: ``JOBTUI_OUTPUTS``, or the setting.

    Raises
    ------
    ConfigurationError
        If it is neither ``keep``, ``restore`` nor ``recompute``.
    """
    mode = os.environ.get("JOBTUI_OUTPUTS") or _config(tracing.project_root()).outputs
    if mode not in _MODES:
        raise ConfigurationError(f"JOBTUI_OUTPUTS must be one of {', '.join(_MODES)}, not {mode!r}")
    return mode


def inputs_check() -> str:
    """Tell what a new process goes by for inputs: the setting, ``content`` or ``stat``.

    Raises
    ------
    ConfigurationError
        If the project's settings cannot be read.
    """
    return _config(tracing.project_root()).inputs_check


def replays() -> bool:
    """Tell whether hits show what their calls put out: ``JOBTUI_REPLAY``, or the setting."""
    told = os.environ.get(REPLAY)
    if told:
        return told != "0"
    try:
        return _config(tracing.project_root()).replay
    except ConfigurationError:
        # Whoever needs the settings says so.
        return False


def project_limits() -> Limits | None:
    """Give what the project's store is held to: the settings ``max_size`` and ``max_age``.

    Raises
    ------
    ConfigurationError
        If the project's settings cannot be read.
    """
    config = _config(tracing.project_root())
    if config.max_size is None and config.max_age is None:
        return None
    return limits_of(config.max_size, None, config.max_age)


@lru_cache(maxsize=16)
def _store(root: Path, location: str) -> Store:
    store = open_store(location, root, spool=root / STATE_FOLDER / "spool")
    _hold_tier_to_size(store)
    return store


@lru_cache(maxsize=16)
def _config(root: Path) -> Config:
    config = load_config(root)
    for sentence in missing_packages(config.follow, config.track_packages):
        warn_once(("settings", sentence), sentence)
    return config
