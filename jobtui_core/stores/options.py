"""Options that a store is opened with: what a URL does not tell.

They come as ``backend_options`` of a ``Memory``, or from the project's settings by the beginning
of a URL.  Their names are the keyword arguments of the store's class, which are looked at without
loading what the store needs.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jobtui_core.errors import ConfigurationError
from jobtui_core.limits import Size, size_of
from jobtui_core.root import load_config
from jobtui_core.stores.addresses import is_below
from jobtui_core.storesettings import has_password, is_secret_option

__all__ = ["LayerOptions", "check_options", "portable", "settings_for", "split_options"]

_LAYERS = ("tier", "tier_size")
"""Options of what lies around a remote store, whatever its kind."""

_TIER_SIZE = 10 << 30
"""Bytes that a tier may take if nothing else is said."""


class LayerOptions(NamedTuple):
    """What is put around a remote store."""

    tier: Path | None = None
    """Folder for copies of what was read and written; ``None`` has none."""
    tier_size: int = _TIER_SIZE
    """Bytes that they may take."""


def settings_for(url: str, root: Path) -> dict[str, Any]:
    """Give the options that a project's settings have for a URL: the longest beginning wins.

    Raises
    ------
    ConfigurationError
        If the settings cannot be read.
    """
    tables = load_config(root).stores
    found: dict[str, Any] = {}
    for prefix in sorted(tables, key=len):
        if is_below(url, prefix):
            found.update(tables[prefix])
    return found


def split_options(
    options: Mapping[str, Any], base: Path | None
) -> tuple[dict[str, Any], LayerOptions]:
    """Part the options of a store from those of what is put around it.

    Raises
    ------
    ConfigurationError
        If one of the latter cannot be used.
    """
    rest = {name: value for name, value in options.items() if name not in _LAYERS}
    tier, size = options.get("tier"), options.get("tier_size", _TIER_SIZE)
    if tier is not None and not (isinstance(tier, str | Path) and str(tier)):
        raise ConfigurationError(f"tier is a folder, not {tier!r:.80}")
    folder = None if tier is None else (base or Path.cwd()) / Path(tier).expanduser()
    return rest, LayerOptions(folder, _bytes(size))


def _bytes(size: Size) -> int:
    try:
        return size_of(size)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"tier_size: {error}") from error


def check_options(backend: Callable[..., Any], options: Mapping[str, Any], url: str) -> None:
    """Refuse options that a kind of store does not know, and values that it cannot mean.

    Raises
    ------
    ConfigurationError
        It names the option.
    """
    if not options:
        return
    known, any_name = _arguments(backend)
    for name, value in options.items():
        if name in known:
            kinds = known[name]
            if kinds and not _fits(value, kinds):
                words = " or ".join("None" if kind is None else kind.__name__ for kind in kinds)
                what = "a secret" if is_secret_option(name) else f"{value!r:.80}"
                raise ConfigurationError(f"option {name!r} of {url} is {words}, not {what}")
        elif not any_name:
            from difflib import get_close_matches

            near = get_close_matches(name, [*known, *_LAYERS], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigurationError(f"{url} has no option {name!r:.80}{hint}")


def _fits(value: Any, kinds: tuple[type | None, ...]) -> bool:
    if value is None:
        return None in kinds
    if isinstance(value, bool):
        return bool in kinds
    plain = tuple(kind for kind in kinds if kind is not None)
    return isinstance(value, plain) or (float in kinds and isinstance(value, int))


@lru_cache(maxsize=64)
def _arguments(
    backend: Callable[..., Any],
) -> tuple[dict[str, tuple[type | None, ...]], bool]:
    """Give the options of a kind of store with their types, and whether it takes any others."""
    try:
        found = list(inspect.signature(backend).parameters.values())
    except (TypeError, ValueError):
        return {}, True
    written = backend.__init__ if inspect.isclass(backend) else backend
    try:
        hints = typing.get_type_hints(written)
    except Exception:  # noqa: BLE001  names that only the type checker knows: they are not checked
        hints = {}
    # The first one is the URL.
    usual = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = [one.name for one in found[1:] if one.kind in usual]
    any_name = any(one.kind is one.VAR_KEYWORD for one in found)
    return {name: _plain(hints.get(name)) for name in names}, any_name


def _plain(hint: Any) -> tuple[type | None, ...]:
    """Give the plain types that an annotation allows; none where it says anything else."""
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    parts = typing.get_args(hint) if union else (hint,)
    kinds = tuple(None if part is type(None) else part for part in parts)
    return kinds if all(kind in (None, str, int, float, bool) for kind in kinds) and hint else ()


def portable(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options that may be pickled, and written down: neither secrets nor sessions.

    Who unpickles them has credentials of its own, by the profile or from its environment.
    """
    return {
        name: kept
        for name, value in options.items()
        if not is_secret_option(name) and (kept := _portable(value)) is not None
    }


def _portable(value: Any) -> Any:
    if isinstance(value, str) and has_password(value):
        # Such as a proxy's address.
        return None
    if isinstance(value, str | int | float | Path):
        return value
    if isinstance(value, Mapping):
        return portable(value)
    if isinstance(value, list | tuple) and all(_portable(one) is not None for one in value):
        return value
    return None
