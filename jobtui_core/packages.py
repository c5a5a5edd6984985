"""Installed packages that a project's settings name: followed as its own code, or by version."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution

__all__ = [
    "follow",
    "followed_places",
    "import_names",
    "is_followed",
    "look_in",
    "looked_in",
    "missing_packages",
    "places_of",
    "present_versions",
    "tracked_versions",
]

_followed: dict[str, tuple[str, ...]] = {}
"""Folders and files of the packages that count as code of the project."""


_folders: tuple[str, ...] | None = None
"""Where packages are looked up; ``None`` is where this process imports from."""


def look_in(folders: tuple[str, ...] | None) -> None:
    """Have packages be those that another interpreter would find, from now on in this process.

    Parameters
    ----------
    folders : tuple of str, optional
        In which its packages are installed; ``None`` for this interpreter's own.
    """
    global _folders, _followed
    changed = folders != _folders
    if changed:
        _folders = folders
        _version.cache_clear()
        import_names.cache_clear()
    if _followed and (changed or folders is not None):
        # In another environment somebody may have installed something since.
        _followed = {name: _real_places(name) for name in _followed}


def looked_in() -> tuple[str, ...]:
    """Give the folders of another interpreter in which packages are looked up."""
    return _folders or ()


def follow(names: Iterable[str]) -> None:
    """Count installed packages as code of the project, from now on in this process.

    Parameters
    ----------
    names : iterable of str
        Import names of the top level.
    """
    global _followed
    for name in names:
        # One that was missing may have been installed since.
        if not _followed.get(name):
            # A new one, since other threads may be going through the old one.
            _followed = {**_followed, name: _real_places(name)}


def is_followed(real: str) -> bool:
    """Tell whether a file, by its real path, belongs to a package that is followed."""
    return any(
        real.rstrip(os.sep) == place or real.startswith(place + os.sep)
        for places in _followed.values()
        for place in places
    )


def places_of(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give where packages that are followed were found."""
    return {name: _followed.get(name, ()) for name in names}


def followed_places() -> tuple[Path, ...]:
    """Give the folders in which the packages that are followed lie."""
    parents = (Path(place).parent for places in _followed.values() for place in places)
    return tuple(dict.fromkeys(parents))


def _real_places(name: str) -> tuple[str, ...]:
    return tuple(os.path.realpath(place) for place in _places(name))


def _places(name: str) -> list[str]:
    if _folders is not None:
        return _places_in(_search_path(_folders), name)
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return list(spec.submodule_search_locations)
    return [spec.origin] if spec.origin and spec.has_location else []


def _search_path(folders: Iterable[str]) -> Iterator[Path]:
    """Give where another interpreter looks for packages, as `site` puts it together."""
    for item in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if item:
            yield Path(item)
    for folder in map(Path, folders):
        yield folder
        for file in sorted(folder.glob("*.pth")):
            try:
                lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                continue
            for line in map(str.strip, lines):
                # Others are code, which editable installs of some tools come with.
                if line and not line.startswith(("#", "import ", "import\t")):
                    yield folder / line


def _places_in(folders: Iterable[Path], name: str) -> list[str]:
    """Find a module in folders, as an import does: without running anything."""
    portions = []
    for folder in folders:
        package, module = folder / name, folder / f"{name}.py"
        if (package / "__init__.py").is_file():
            return [str(package)]
        if module.is_file():
            return [str(module)]
        if package.is_dir():
            portions.append(str(package))
    return portions


def missing_packages(followed: Iterable[str], tracked: Iterable[str]) -> tuple[str, ...]:
    """Say which packages in the settings are not installed, a sentence for each."""
    found = [
        f"follow names {name!r}, which cannot be imported here"
        for name in followed
        if not _places(name)
    ]
    found += [
        f"track_packages names {name!r}, which is not installed here"
        for name in tracked
        if _version(name) is None
    ]
    return tuple(found)


def tracked_versions(tracked: Iterable[str], libraries: Iterable[str]) -> dict[str, str]:
    """Give the versions of those packages that code uses and whose version counts.

    Parameters
    ----------
    tracked : iterable of str
        Names under which they are installed: ``scikit-learn``.
    libraries : iterable of str
        Dotted names that the code uses: ``sklearn.svm.SVC``.
    """
    used = {name.partition(".")[0] for name in libraries}
    found: dict[str, str] = {}
    for name in tracked:
        version = _version(name)
        if version is not None and used & import_names(name):
            found[name] = version
    return found


def present_versions(tracked: Iterable[str]) -> dict[str, str | None]:
    """Give the versions of packages as they are installed by now."""
    _version.cache_clear()
    return {name: _version(name) for name in tracked}


@lru_cache(maxsize=256)
def _version(name: str) -> str | None:
    # Not above: it takes as long to load as everything else that a hit needs.
    try:
        return _distribution(name).version
    except (ImportError, ValueError):
        return None


def _distribution(name: str) -> Distribution:
    from importlib import metadata

    if _folders is None:
        return metadata.distribution(name)
    for found in metadata.distributions(name=name, path=list(_folders)):
        return found
    raise metadata.PackageNotFoundError(name)


@lru_cache(maxsize=256)
def import_names(name: str) -> frozenset[str]:
    """Give the modules that an installed package brings, which may be named otherwise."""
    found = {name.replace("-", "_"), name.lower().replace("-", "_")}
    distribution = _distribution(name)
    found |= set((distribution.read_text("top_level.txt") or "").split())
    for file in distribution.files or ():
        first = file.parts[0]
        if len(file.parts) > 1 or first.endswith(".py"):
            found.add(first.removesuffix(".py"))
    return frozenset(found)
