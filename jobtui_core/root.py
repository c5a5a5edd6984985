"""Where a project begins, and what its configuration says.

A project is the nearest folder, upwards from a script, that holds ``.jobtui``, ``jobtui.toml`` or
a ``pyproject.toml`` with a ``[tool.jobtui]`` table; without one, the script's own folder.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jobtui_core.errors import ConfigurationError
from jobtui_core.limits import seconds_of, size_of
from jobtui_core.packages import follow, is_followed, places_of, present_versions

__all__ = [
    "DIGEST_NOTES",
    "STATE_FOLDER",
    "Config",
    "find_root",
    "is_library",
    "load_config",
    "named_packages",
    "process_root",
    "relative_name",
]

STATE_FOLDER = ".jobtui"
"""Name of the folder in the project root that holds everything this package writes."""

DIGEST_NOTES = f"{STATE_FOLDER}/index/digests.jsonl"
"""Where digests of inputs are noted that are trusted by size and times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a project: ``jobtui.toml``, or ``[tool.jobtui]`` in ``pyproject.toml``."""

    store: str = f"{STATE_FOLDER}/cache"
    """Where ``make`` and ``memoize`` keep results; relative to the root.  ``JOBTUI_STORE`` wins."""
    python: str | None = None
    """Interpreter for the scripts; relative to the root when it contains a ``/``."""
    launch: str = "{command}"
    """Command line that wraps a script's, such as ``srun --mem=32G {command}``."""
    scripts: tuple[str, ...] = ()
    """Glob patterns, relative to the root, that limit which files are looked at; empty = all."""
    exclude: tuple[str, ...] = ()
    """Glob patterns of files and folders that are never looked at."""
    follow: tuple[str, ...] = ()
    """Import names of installed packages that count as code of the project."""
    track_packages: tuple[str, ...] = ()
    """Installed packages whose versions count for the functions that use them."""
    outputs: str = "keep"
    """What a hit does with an output edited by hand: ``keep``, ``restore`` or ``recompute``."""
    inputs_check: str = "content"
    """What tells in a new process that an input is as it was: its ``content``, or its ``stat``."""
    keep_inputs: bool = True
    """Whether small input texts are kept in ``.jobtui``, for showing which lines changed."""
    keep_runs: int = 1000
    """Runs whose records stay; older ones go where younger ones show the same."""
    keep_runs_size: str = "1G"
    """Bytes of all records that stay likewise."""
    keep_arguments: str = "64M"
    """Bytes up to which the arguments of a failed call are kept for calling it again; 0: never."""
    keep_figures: bool = True
    """Whether figures of matplotlib are kept with the runs and results that drew them."""
    keep_logs: bool = True
    """Whether results are stored with what their calls put out."""
    replay: bool = False
    """Whether a hit shows what its call put out when it was computed."""
    share_runs: bool = True
    """Whether records of runs are put into stores that others use too."""
    max_size: str | None = None
    """What the store may grow to, such as ``20G``; unbounded by default."""
    max_age: str | None = None
    """How long a result may go unused before it is deleted, such as ``90d``."""
    stores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Options of stores by the beginnings of their URLs, such as ``s3://lab-bucket``."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Tables of other parts of the program, such as ``keys`` of the app."""


_CHOICES = {"outputs": ("keep", "restore", "recompute"), "inputs_check": ("content", "stat")}
_LISTS = ("scripts", "exclude", "follow", "track_packages")
_NAMES = {
    "follow": re.compile(r"[^\W\d]\w*"),
    "track_packages": re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"),
}
_SWITCHES = ("keep_figures", "keep_inputs", "keep_logs", "replay", "share_runs")
_LIMITS: dict[str, Callable[[str], object]] = {"max_size": size_of, "max_age": seconds_of}
_COUNTS = ("keep_runs",)
_SIZES = ("keep_arguments", "keep_runs_size")
_is_size = re.compile(r"\d+(\.\d+)?\s*[KMGT]?(i?B)?", re.IGNORECASE).fullmatch
_TABLES = ("keys", "app")


def find_root(start: Path) -> Path:
    """Give the root of the project that a script or folder belongs to.

    Parameters
    ----------
    start : Path
        A script, or a folder (the working directory, for notebooks).

    Returns
    -------
    Path
        Absolute.  Never the home folder, ``/``, a site-packages folder or a folder for
        everybody's files such as ``/tmp``, unless the script lies directly in it.
    """
    start = start.absolute()
    folder = start if start.is_dir() else start.parent
    home = Path.home()
    for parent in (folder, *folder.parents):
        if parent == home or parent.parent == parent or is_library(parent) or _is_shared(parent):
            break
        if _marks_root(parent):
            return parent
    return folder


def _is_shared(folder: Path) -> bool:
    """Tell whether anybody may put files into a folder, each their own: a temporary folder.

    Settings and stored results that somebody left there would be taken for the project's, and
    both can run programs.
    """
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISVTX and mode & stat.S_IWOTH)


def process_root() -> Path:
    """Give the root of the project that this process runs in; absolute.

    ``JOBTUI_ROOT`` where it is set, else that of the main script, else (notebooks, ``python -c``,
    test runners) that of the working directory.
    """
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    folder = str(Path.cwd()) if main is None or _is_command(main) else ""
    return _root_of_process(os.environ.get("JOBTUI_ROOT", ""), str(main or ""), folder)


@lru_cache(maxsize=64)
def _is_command(main: str) -> bool:
    """Tell whether the main script is an installed command rather than somebody's script."""
    folder = str(Path(os.path.abspath(main)).parent)
    prefixes = {os.path.abspath(prefix) for prefix in (sys.prefix, sys.exec_prefix)}
    places = {str(Path(prefix) / name) for prefix in prefixes for name in ("bin", "Scripts")}
    return folder in places or is_library(main)


@lru_cache(maxsize=64)
def _root_of_process(given: str, main: str, folder: str) -> Path:
    if given:
        return Path(os.path.abspath(given))
    return find_root(Path(folder or os.path.abspath(main)))


def _marks_root(folder: Path) -> bool:
    if (folder / STATE_FOLDER).is_dir() or (folder / "jobtui.toml").is_file():
        return True
    pyproject = folder / "pyproject.toml"
    try:
        return pyproject.is_file() and "jobtui" in _read_toml(pyproject).get("tool", {})
    except ConfigurationError:
        # Its owner hears of it from load_config; a broken file is no reason to move the root.
        return False


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode()
        if not text.strip():
            # It only marks the root.
            return {}
        import tomllib

        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}", path=str(path)) from error


def load_config(root: Path) -> Config:
    """Read the settings of the project at ``root``.

    The packages that they tell to follow count as code of the project from then on.

    Raises
    ------
    ConfigurationError
        If a file cannot be parsed, a setting is unknown (the nearest known one is named) or has
        a value of the wrong type.
    """
    own, shared = root / "jobtui.toml", root / "pyproject.toml"
    config = Config()
    if own.is_file():
        config = _config(_read_toml(own), own)
    elif shared.is_file():
        config = _config(_read_toml(shared).get("tool", {}).get("jobtui", {}), shared)
    follow(config.follow)
    return config


def named_packages(root: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, str | None]]:
    """Give where the packages lie that the settings follow, and the versions of those tracked."""
    try:
        config = load_config(root)
    except ConfigurationError:
        return {}, {}
    return places_of(config.follow), present_versions(config.track_packages)


def _config(table: dict[str, Any], source: Path) -> Config:
    known = {name: name.replace("_", "-") for name in Config.__dataclass_fields__}
    settings: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for raw, value in table.items():
        name = raw.replace("-", "_")
        if name in _TABLES:
            extra[name] = value
        elif name in known and name != "extra":
            settings[name] = _setting(name, value, source)
        else:
            from difflib import get_close_matches

            near = get_close_matches(name, [*known, *_TABLES], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigurationError(f"{source}: unknown setting {raw!r}{hint}", path=str(source))
    return Config(**settings, extra=extra)


def _setting(name: str, value: Any, source: Path) -> Any:
    if name == "stores":
        # Not at import: most projects keep their results in a folder.
        from jobtui_core.storesettings import store_tables

        return store_tables(value, source)
    if name in _LISTS:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            for item in value:
                if name in _NAMES and not _NAMES[name].fullmatch(item):
                    text = f"{source}: {name} cannot hold {item!r}, which is no package's name"
                    raise ConfigurationError(text, path=str(source))
            return tuple(value)
        raise ConfigurationError(f"{source}: {name} must be a list of strings", path=str(source))
    if name in _SWITCHES:
        if isinstance(value, bool):
            return value
        raise ConfigurationError(f"{source}: {name} must be true or false", path=str(source))
    if name in _COUNTS:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        text = f"{source}: {name} must be a whole number above 0"
        raise ConfigurationError(text, path=str(source))
    if name in _SIZES and not (isinstance(value, str) and _is_size(value)):
        text = f"{source}: {name} must be a text such as '500 MB'"
        raise ConfigurationError(text, path=str(source))
    if not isinstance(value, str):
        raise ConfigurationError(f"{source}: {name} must be a string", path=str(source))
    if name in _CHOICES and value not in _CHOICES[name]:
        options = ", ".join(_CHOICES[name])
        raise ConfigurationError(f"{source}: {name} must be one of {options}", path=str(source))
    if name in _LIMITS:
        try:
            _LIMITS[name](value)
        except ValueError as error:
            raise ConfigurationError(f"{source}: {name}: {error}", path=str(source)) from error
    return value


@lru_cache(maxsize=1)
def _library_folders() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {os.path.realpath(path) for name in names if (path := sysconfig.get_path(name))}
    folders |= {os.path.realpath(str(Path(os.__file__).parent))}
    folders |= {os.path.realpath(str(Path(sys.base_prefix) / "lib"))}
    # This package is nobody's project code, even as an editable install.
    folders |= {os.path.realpath(str(Path(__file__).parent))}
    folders |= {os.path.realpath(str(Path(__file__).parent.parent / "jobtui"))}
    return tuple(folder + os.sep for folder in sorted(folders))


def is_library(path: Path | str) -> bool:
    """Tell whether a file belongs to the standard library, to site-packages or to this package.

    Packages that the settings tell to follow do not.
    """
    real = os.path.realpath(path) + os.sep
    if is_followed(real):
        return False
    if f"{os.sep}site-packages{os.sep}" in real or f"{os.sep}dist-packages{os.sep}" in real:
        return True
    demo = os.path.realpath(str(Path(__file__).parent.parent / "jobtui" / "demo" / "project"))
    if real.startswith(demo + os.sep):
        return False
    return real.startswith(_library_folders())


def relative_name(path: Path, root: Path) -> str:
    """Name a file as records do: relative to the root with ``/``, absolute outside of it."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()
