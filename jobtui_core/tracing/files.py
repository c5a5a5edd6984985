"""Files that code opens on its way, seen through Python's audit hook.

Within a step they are inputs that nobody declared; outside of steps they belong to the statement
of the script that opened them.  Files opened by C libraries on their own (HDF5, netCDF, Arrow)
raise no audit event and are not seen.

The hook runs at every ``open`` of the process, so it does next to nothing: no content is read
before the call ends.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from jobtui_core.root import is_library, relative_name
from jobtui_core.tracing.frames import is_project_file
from jobtui_core.trees import Tree, is_tree

__all__ = ["FilesMet", "Opened", "install", "quiet"]

_State = tuple[int, int, int]
"""Size, modification time in nanoseconds, inode: what tells one content from another."""

_SYSTEM = (
    "/dev", "/proc", "/sys", "/run", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/boot",
    "/System", "/Library", "/private/etc", "/opt/homebrew", "/nix",
)  # fmt: skip
_EVENTS = frozenset(
    {"open", "os.rename", "os.fork", "os.posix_spawn", "os.system", "subprocess.Popen", "import"}
)
_STARTERS = ("popen_spawn_posix", "popen_spawn_win32", "popen_forkserver", "popen_loky_posix")
"""Modules of multiprocessing, and of loky, that are imported when the first worker is started."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC

_OWN_FOLDER = str(Path(__file__).parent.parent) + os.sep
_RUNS_USER_CODE = tuple(_OWN_FOLDER + name + os.sep for name in ("memory", "steps", "scripts"))
"""Our own packages below whose frames the user's functions run."""

_STORES = frozenset(
    _OWN_FOLDER + os.path.join(*parts)  # noqa: PTH118  # as code objects name them
    for parts in (("stores", "local.py"), ("stores", "locks.py"), ("entry", "mapping.py"))
)
"""Our own files that open entries."""


class FilesMet:
    """Files that one call opened.

    Parameters
    ----------
    root : Path
        The project root; paths are told relative to it.
    declared : iterable of str
        Relative to the root, or absolute.
    """

    def __init__(self, root: Path, declared: Iterable[str] = ()) -> None:
        self._root = root
        self._declared: set[str] = set()
        self._trees: list[Tree] = []
        self._read: dict[str, _State] = {}
        self._written: set[str] = set()
        self._inherited: dict[str, str] = {}
        self._digests: dict[str, str | None] = {}
        self.started_process = False
        """Whether the call started processes: what those open is not seen here."""
        self.declare(declared)

    def declare(self, paths: Iterable[str]) -> None:
        """Take files out of the account."""
        for path in paths:
            if is_tree(path):
                self._trees.append(Tree.of(path))
            else:
                self._declared.add(os.path.abspath(os.path.join(self._root, path)))  # noqa: PTH118

    def opened(self, path: str, state: _State | None, *, writing: bool) -> None:
        """Note one opening; ``state`` is that of the content before it."""
        if writing:
            # A file read first and written later counts as read: the result depended on it.
            self._written.add(path)
        elif state is not None and path not in self._written and path not in self._declared:
            self._read.setdefault(path, state)

    def inherit(self, files: Iterable[tuple[str, str]]) -> None:
        """Take over what an inner call depends on, by relative path and digest."""
        for path, digest in files:
            self._inherited.setdefault(path, digest)

    def met(self) -> tuple[tuple[str, str], ...]:
        """Give paths and digests, sorted.  Files that are gone by now are left out."""
        found: dict[str, str] = {}
        # Threads that the call left behind may go on.
        for path, known in list(self._inherited.items()):
            place = os.path.abspath(os.path.join(self._root, path))  # noqa: PTH118
            if is_tree(path):
                # Though some of it may be the call's own work: that, too, may be other work now.
                if Tree.of(path) not in self._trees:
                    found[path] = known
            elif not self._is_declared(place) and place not in self._written:
                found[path] = known
        for path in list(self._read):
            # A step that writes its output and reads it back (see `declare`) may say so late.
            if not self._is_declared(path):
                digest = self._digest(path)
                if digest is not None:
                    found[relative_name(Path(path), self._root)] = digest
        return tuple(sorted(found.items()))

    def moved(self) -> tuple[str, ...]:
        """Give relative paths of files that are not any more what was opened."""
        return tuple(
            relative_name(Path(path), self._root)
            for path, state in sorted(self._read.items())
            if not self._is_declared(path) and state_of(path) != state
        )

    def _is_declared(self, path: str) -> bool:
        return path in self._declared or any(one.matches(path, self._root) for one in self._trees)

    def _digest(self, path: str) -> str | None:
        if path not in self._digests:
            self._digests[path] = digest_of(path)
        return self._digests[path]


class Opened:
    """An opening outside of steps, with the statement that did it."""

    __slots__ = ("file", "line", "path", "state", "writing")

    def __init__(
        self, path: str, state: _State | None, writing: bool, file: str, line: int
    ) -> None:
        self.path = path
        self.state = state
        self.writing = writing
        self.file = file
        self.line = line


def state_of(path: str) -> _State | None:
    """Give what tells a regular file's content apart; ``None`` for anything else."""
    try:
        found = os.stat(path)  # noqa: PTH116  # at every open: half the cost of Path.stat
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino)


def digest_of(path: str, largest: int | None = None) -> str | None:
    """Give a file's content digest, or ``None`` if it is gone, unreadable or too large."""
    from jobtui_core.hashing import digest_file

    try:
        with quiet():
            if largest is not None and os.stat(path).st_size > largest:  # noqa: PTH116
                return None
            return digest_file(path)
    except OSError:
        return None


class _Quiet(threading.local):
    depth = 0


_quiet = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """Open files in this thread without anybody being told: they are our own business."""
    _quiet.depth += 1
    try:
        yield
    finally:
        _quiet.depth -= 1


class _Watch:
    """Where the hook reports to.  A hook cannot be taken away, so that it looks here."""

    def __init__(self) -> None:
        self.installed = False
        self.root: str | None = None
        self.listeners: Callable[[], list[FilesMet]] = list
        self.outside: Callable[[Opened], None] | None = None
        self.workers: Callable[[], None] | None = None
        """Told before the first worker process is started, other than by a fork."""
        self.imports: Callable[[str], None] | None = None
        """Told before a module is imported that was not."""
        self.relevant: dict[str, bool] = {}


watch = _Watch()


def install(
    root: Path,
    listeners: Callable[[], list[FilesMet]],
    outside: Callable[[Opened], None] | None,
) -> None:
    """Begin to watch.

    Parameters
    ----------
    root : Path
        The project root.
    listeners : callable
        Gives who is told of an opening now: the calls that are going on in this thread or task.
    outside : callable, optional
        Told of an opening by project code while there are none.
    """
    if watch.root != str(root):
        watch.root = str(root)
        watch.relevant = {}
    watch.listeners = listeners
    watch.outside = outside
    if not watch.installed:
        watch.installed = True
        sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event not in _EVENTS:  # runs at every audit event
        return
    if _quiet.depth or watch.root is None:
        return
    caller = sys._getframe().f_back
    if caller is None:
        return  # Python's own opening, as of a source whose line it prints in a traceback
    if caller.f_code.co_filename in _STORES:
        # A part of every hit and miss: what follows would take longer than the opening itself.
        return
    _quiet.depth += 1
    try:
        if event == "import":
            if watch.workers is not None and args[0].endswith(_STARTERS):
                watch.workers()
            if watch.imports is not None:
                watch.imports(args[0])
        elif event == "open":
            _on_open(*args[:3])
        elif event == "os.rename":
            _on_rename(*args[:2])
        else:
            for listener in watch.listeners():
                listener.started_process = True
    except Exception:  # noqa: BLE001  # raising here would make the user's open() fail
        return
    finally:
        _quiet.depth -= 1


def _on_open(path: Any, mode: Any, flags: Any) -> None:
    if isinstance(path, int):
        return
    name = os.path.abspath(os.fsdecode(path))
    writing = bool(flags & _WRITES) if isinstance(flags, int) else str(mode)[:1] != "r"
    if not _is_relevant(name):
        return
    listeners = watch.listeners()
    if not listeners and watch.outside is None:
        return
    frame = _opener(sys._getframe(2), bool(listeners))
    if frame is None:
        return
    if listeners:
        state = None if writing else state_of(name)
        for listener in listeners:
            listener.opened(name, state, writing=writing)
    elif watch.outside is not None and frame is not _NO_FRAME:
        file, line = frame.f_code.co_filename, frame.f_lineno
        state = None if writing else state_of(name)
        if writing or state is not None:
            watch.outside(Opened(name, state, writing, os.path.abspath(file), line))


def _on_rename(source: Any, target: Any) -> None:
    """What is written beside its place and renamed was written by the call as well."""
    name = os.path.abspath(os.fsdecode(target))
    for listener in watch.listeners():
        listener.opened(name, None, writing=True)


class _NoFrame:
    """Stands for an opening by a library in a thread of its own: nobody's statement."""


_NO_FRAME: Any = _NoFrame()


def _opener(frame: FrameType | None, within_call: bool) -> Any:
    """Give the frame of project code that opens; ``None`` if it is Python's or our own doing."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_OWN_FOLDER):
            # A library's function may be a step: then our frame is all that is below it.
            if not (within_call and name.startswith(_RUNS_USER_CODE)):
                return None
        elif name.startswith("<frozen importlib") or name.endswith(("linecache.py", "runpy.py")):
            # Source code is the fingerprint's business.
            return None
        elif is_project_file(name):
            return frame
        frame = frame.f_back
    return _NO_FRAME


def _is_relevant(name: str) -> bool:
    known = watch.relevant.get(name)
    if known is None:
        if len(watch.relevant) > 100_000:
            watch.relevant.clear()
        known = watch.relevant[name] = _decide(name, watch.root or os.sep)
    return known


def _decide(name: str, root: str) -> bool:
    """Tell whether a file may be data of the project's."""
    inside = name.startswith(root + os.sep)
    local = name[len(root) + 1 :] if inside else name
    if any(part.startswith(".") or part == "__pycache__" for part in Path(local).parts):
        return False
    if inside and is_library(root):
        return True
    environments = [sys.prefix, sys.base_prefix]
    if is_library(name) or any(
        name.startswith(place + os.sep) and not root.startswith(place + os.sep)
        for place in environments
    ):
        return False
    if inside:
        return True
    outside = [*_SYSTEM, *_temporary_folders()]
    return not any(name.startswith(place + os.sep) for place in outside)


def _temporary_folders() -> set[str]:
    places = {"/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp"}  # noqa: S108  # not used
    for variable in ("TMPDIR", "TEMP", "TMP"):
        if os.environ.get(variable):
            places.add(os.path.abspath(os.environ[variable]))
    return places
