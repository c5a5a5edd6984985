"""When a run begins: at the first call of a process that runs project code, not before."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from jobtui_core.root import STATE_FOLDER, process_root
from jobtui_core.tracing import files, protocol
from jobtui_core.tracing.dropped import OldTrend
from jobtui_core.tracing.observers import observe
from jobtui_core.tracing.run import NullRun, listeners, scope
from jobtui_core.tracing.sites import ScriptSites
from jobtui_core.tracing.trouble import complain
from jobtui_core.tracing.written import Run

__all__ = [
    "current",
    "enable_for_tests",
    "going",
    "parameter",
    "prepare",
    "project_root",
    "script_scope",
]

FORMAT_VERSION = 1

MOST_EARLY = 10_000
"""Openings remembered before the run begins."""


class _Process:
    """What this process knows of its run; one a process."""

    def __init__(self) -> None:
        self.run: Run | NullRun | None = None
        self.lock = threading.RLock()
        self.heir: Run | NullRun | None = None
        """Who is told what happens from now on; nobody until the run begins."""
        self.handing = threading.RLock()
        """Held where something is kept for the run, or given to it."""
        self.prepared = False
        self.argv: tuple[str, ...] = ()
        self.opened: list[files.Opened] = []
        self.parameters: list[tuple[str, object, object]] = []
        self.at_fork = False


_process = _Process()


def prepare() -> None:
    """Begin to notice which files the script opens, for the run that may follow.

    Called when ``make``, ``Memory`` or ``default_param`` is imported: a script reads its
    configuration before its first step.  Writes nothing; cheap; any number of times.
    """
    if _process.prepared:
        return
    _process.prepared = True
    # The script may change it, or the working directory, before its first step.
    _process.argv = tuple(sys.argv[1:])
    try:
        protocol.freeze()
        protocol.forget_foreign_root()
        if os.environ.get(protocol.TRACE) != "0" and protocol.main_script() is not None:
            files.install(project_root(), listeners, _early)
            files.watch.workers = _before_workers
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(before=_before_fork)
    except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
        complain(f"Files that the script opens are not seen: {error}")


def _before_fork() -> None:
    if "multiprocessing.process" in sys.modules:
        _before_workers()


def _before_workers() -> None:
    """Open the run before workers are started: each would open one of its own, or none."""
    if _process.run is None:
        current()


def _early(opened: files.Opened) -> None:
    with _process.handing:
        if isinstance(_process.heir, Run):
            _process.heir.opened(opened)
        elif len(_process.opened) < MOST_EARLY:
            _process.opened.append(opened)


def parameter(name: str, value: object, default: object) -> None:
    """Say which value a parameter has; told to the run once there is one.

    Declaring a parameter opens no run.
    """
    with _process.handing:
        if _process.heir is None:
            _process.parameters.append((name, value, default))
            return
    _process.heir.parameter(name, value, default)


def project_root() -> Path:
    """Give the root of the project that this process runs in; absolute.

    ``JOBTUI_ROOT``, else that of the main script, else that of the working directory.
    """
    if isinstance(_process.run, Run):
        return _process.run.root
    return process_root()


def current() -> Run | NullRun:
    """Give the run of this process, and open it if this is its first call."""
    run = _process.run
    if run is None:
        with _process.lock:
            if _process.run is None:
                _process.run = _open()
            return _process.run
    if type(run) is NullRun and protocol.main_script() is None and run.root != project_root():
        # Notebooks and tests have no script to belong to, and move about.
        run = _process.run = _null(project_root())
    return run


def going() -> Run | None:
    """Give the run of this process, if it has begun and is written down."""
    run = _process.run
    return run if isinstance(run, Run) else None


def _open() -> Run | NullRun:
    prepare()
    try:
        root = project_root()
    except OSError:
        # The working directory was deleted.
        root = Path(os.sep)
    try:
        settings = protocol.settings()
        if settings.script is None or not _wanted(settings):
            return _null(root)
        return _begin(root, settings.script, settings)
    except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
        complain(f"This run is not recorded: {error}")
        return _null(root)


def _null(root: Path) -> NullRun:
    files.install(root, listeners, None)
    run = NullRun(root)
    with _process.handing:
        _process.heir = run
        _process.opened.clear()
        _process.parameters.clear()
    return run


def _wanted(settings: protocol.Settings) -> bool:
    told = os.environ.get(protocol.TRACE)
    if told == "0":
        return False
    if told == "1" or settings.run is not None:
        return True
    # A program that runs pytest by itself; pytest's own commands are no scripts anyway.
    return not ("_pytest" in sys.modules and "PYTEST_CURRENT_TEST" in os.environ)


def _begin(root: Path, script: Path, settings: protocol.Settings) -> Run:
    from jobtui_core.tracing.lifetime import Lifetime, worker_path

    runs = Path(os.environ.get(protocol.RUNS) or root / STATE_FOLDER / "runs")
    joined = settings.run is not None and _is_run_name(settings.run)
    worker = joined and _is_worker_of(str(settings.run))
    if joined:
        folder = runs / str(settings.run)
        folder.mkdir(parents=True, exist_ok=True)
    else:
        folder = _new_folder(root, runs)
        if folder.name.endswith("0"):
            # One of sixteen.
            from jobtui_core.tracing.removing import remove_unseen

            remove_unseen(root, runs)
    life = Lifetime(folder, worker=worker, by_hand=not joined)
    journal_path = worker_path(folder) if worker else folder / "events.jsonl"
    journal = life.journal(journal_path)
    journal.open()

    def tell(event: str, **fields: Any) -> None:
        journal.write(event, **fields)

    sites = ScriptSites(root, script, settings.overrides, _process.argv, tell)
    run = Run(
        root,
        folder,
        journal,
        sites,
        only=() if worker else settings.only,
        old=OldTrend(folder, journal_path) if settings.dropped else None,
        output=life.capture(),
    )
    if not worker:
        facts = life.start_facts(root, script, _process.argv, settings.overrides)
        journal.write("run_start", version=FORMAT_VERSION, **facts)
    if not worker:
        _announce(folder.name, script, joined=joined)
    observe(run, worker=worker)
    _hand_over(run)
    life.begin(run, _script_frame(sys._getframe(1), str(script)))
    _watch_forks()
    return run


def _is_run_name(name: str) -> bool:
    return bool(name) and "/" not in name and os.sep not in name and not name.startswith(".")


def _is_worker_of(run: str) -> bool:
    """Tell whether another process of this run is its main one."""
    from jobtui_core.tracing.liveness import host_name

    main = os.environ.get(protocol.MAIN, "")
    told, _, process = main.partition(" ")
    if told == run and process:
        return process != f"{host_name()}:{os.getpid()}"
    return protocol.is_worker()


def _new_folder(root: Path, runs: Path) -> Path:
    runs.mkdir(parents=True, exist_ok=True)
    ignore = root / STATE_FOLDER / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
    while True:
        now = datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
        folder = runs / f"{now}-{os.urandom(2).hex()}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def _announce(run: str, script: Path, *, joined: bool) -> None:
    """Tell the processes that the script starts which run they belong to."""
    from jobtui_core.tracing.liveness import host_name

    if not joined:
        # What another script was told is not meant for the workers of this one.
        for name in protocol.FOR_ONE_SCRIPT:
            os.environ.pop(name, None)
    os.environ[protocol.RUN] = run
    os.environ[protocol.SCRIPT] = str(script)
    os.environ[protocol.MAIN] = f"{run} {host_name()}:{os.getpid()}"


def _hand_over(run: Run) -> None:
    """Give the run what was noticed before it began."""
    with _process.handing:
        for opened in _process.opened:
            run.opened(opened)
        for name, value, default in _process.parameters:
            run.parameter(name, value, default)
        _process.opened.clear()
        _process.parameters.clear()
        _process.heir = run
    if "jobtui_core.tracing.innerscripts" in sys.modules:
        sys.modules["jobtui_core.tracing.innerscripts"].hand_over(run)
    files.install(run.root, listeners, run.opened)


def _script_frame(frame: FrameType | None, script: str) -> FrameType | None:
    while frame is not None:
        code = frame.f_code
        if code.co_name == "<module>" and os.path.abspath(code.co_filename) == script:
            return frame
        frame = frame.f_back
    return None


def _watch_forks() -> None:
    if _process.at_fork or not hasattr(os, "register_at_fork"):
        return
    _process.at_fork = True
    os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    # Whoever held it does not exist here.
    _process.lock = threading.RLock()
    _process.handing = threading.RLock()


@contextmanager
def script_scope(
    path: Path | str, params: Mapping[str, Any] | None = None, argv: Sequence[str] = ()
) -> Iterator[None]:
    """Run another script inside this one: call sites are found in its own analysis meanwhile.

    Parameters
    ----------
    path : Path or str
        The inner script, as its code object names it.
    params : mapping, optional
        Overrides of its parameters.
    argv : sequence of str
        Its ``sys.argv[1:]``.
    """
    script = Path(os.path.abspath(path))

    def tell(event: str, **fields: Any) -> None:
        if isinstance(_process.run, Run):
            _process.run.journal.write(event, **fields)

    sites = ScriptSites(project_root(), script, params or {}, argv, tell)
    token = scope.set(sites)
    try:
        yield
    finally:
        scope.reset(token)
        if isinstance(_process.run, Run):
            _process.run.add_scope(sites)


@contextmanager
def enable_for_tests(root: Path, script: Path | None = None) -> Iterator[Run]:
    """Write a run of this very process although it is a test's, and end it on leaving.

    Parameters
    ----------
    root : Path
        The project root.
    script : Path, optional
        What counts as the main script; default ``script.py`` in the root, which need not exist.

    Notes
    -----
    Neither output nor exit is watched.
    """
    from jobtui_core.tracing.lifetime import Lifetime

    script = script or root / "script.py"
    before, outside = (_process.run, _process.heir), files.watch.outside
    folder = _new_folder(root, root / STATE_FOLDER / "runs")
    life = Lifetime(folder, worker=False, by_hand=True)
    journal = life.journal(folder / "events.jsonl")

    def tell(event: str, **fields: Any) -> None:
        journal.write(event, **fields)

    run = Run(root, folder, journal, ScriptSites(root, script, {}, (), tell))
    journal.write("run_start", version=FORMAT_VERSION, **life.start_facts(root, script, (), {}))
    _process.run = _process.heir = run
    files.install(root, listeners, run.opened)
    try:
        yield run
    finally:
        run.write_files()
        run.write_counts()
        journal.write("run_end", code=0, signal=None, state="done")
        journal.close()
        _process.run, _process.heir = before
        files.watch.outside = outside
