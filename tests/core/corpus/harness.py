"""Runs a case of the corpus and holds the verdicts against what really ran.

The functions of the projects note their own executions through a small library outside of the
project, so that truth is what ran, not what a trace says.  What a run prints is compared with
what the same sources print without any stored results.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import jobtui_core
from jobtui_core.project import open_project, overview, status
from jobtui_core.project.kept.columns import without_detail
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import ProjectStatus, ReasonKind, StepStatus, Verdict

CODE = Path(jobtui_core.__file__).parent.parent

NOTING = '''
"""Lets functions note that they ran, where their project does not see it."""
import os

def note(name):
    file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{name}\\n".encode())
    os.close(file)
'''

Action = Callable[["Trial"], None]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A small project.

    Attributes
    ----------
    files : mapping of str to str
        Texts by path.
    scripts : tuple of str
        In the order in which they are run.
    """

    name: str
    files: Mapping[str, str]
    scripts: tuple[str, ...] = ("script.py",)
    argv: tuple[str, ...] = ()
    code: int = 0
    """Exit code of its first run."""
    alarms: Mapping[str, str] = field(default_factory=dict)
    """Steps that may be called not fresh in any case, each with the reason."""


@dataclass(frozen=True)
class Case:
    """One edit, and what it must lead to.

    Attributes
    ----------
    name : str
    actions : sequence of callable
        What happens after the project ran once: edits, and further runs.
    runs : str
        Names of the steps that must be executed by the run that follows; none if nothing that
        was done can matter.
    alarms : mapping
        Steps that may be called not fresh although they then hit, each with the reason.
    """

    name: str
    actions: Sequence[Action]
    runs: str = ""
    argv: tuple[str, ...] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    only: str | None = None
    scripts: tuple[str, ...] | None = None
    code: int = 0
    alarms: Mapping[str, str] = field(default_factory=dict)
    warns: str = ""
    """What the run must warn of."""
    unsure: str = ""
    """Steps that must not be called fresh, whatever happens."""
    limit: str = ""
    """Why the hit gives an old result: a known limit, of which the verdict must warn."""


@dataclass(frozen=True)
class Ran:
    """What a run did."""

    executed: tuple[str, ...]
    output: str
    errors: str


class Trial:
    """A copy of a project in which one case happens."""

    def __init__(
        self, root: Path, shape: Shape, environment: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        self.shape = shape
        self.environment = environment or {}

    # -- what actions do -------------------------------------------------------------------------

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(
        self,
        *,
        argv: Iterable[str] | None = None,
        params: Mapping[str, Any] | None = None,
        only: str | None = None,
        scripts: Iterable[str] | None = None,
        code: int = 0,
    ) -> Ran:
        """Run the scripts, one after the other, each in a process of its own."""
        return self.wait(self.start(argv, params, only, scripts), code)

    def start(
        self,
        argv: Iterable[str] | None = None,
        params: Mapping[str, Any] | None = None,
        only: str | None = None,
        scripts: Iterable[str] | None = None,
    ) -> subprocess.Popen[str]:
        notes = self.root.parent / f"{self.root.name}-notes"
        notes.unlink(missing_ok=True)
        names = [str(self.root / name) for name in scripts or self.shape.scripts]
        words = list(self.shape.argv if argv is None else argv)
        environment = clean_environment()
        environment |= {
            "NOTES": str(notes),
            "PYTHONPATH": f"{self.root.parent.parent / 'site-packages'}{os.pathsep}{CODE}",
        }
        environment |= self.environment
        if params or only:
            environment |= {
                "JOBTUI_SCRIPT": names[0],
                "JOBTUI_PARAMS": json.dumps(dict(params or {})),
                "JOBTUI_ONLY": json.dumps([only] if only else []),
            }
        return subprocess.Popen(
            ["sh", "-c", " && ".join(f'"$PYTHON" "{name}" "$@"' for name in names), "sh", *words],
            cwd=self.root,
            env={**environment, "PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self, process: subprocess.Popen[str], code: int | None = 0) -> Ran:
        out, err = process.communicate(timeout=60)
        assert code is None or process.returncode == code, f"{process.returncode}: {out}{err}"
        notes = self.root.parent / f"{self.root.name}-notes"
        noted = notes.read_text().split() if notes.exists() else []
        return Ran(tuple(noted), out, err)

    # -- the end of a case -----------------------------------------------------------------------

    def verdicts(self, case: Case) -> dict[str, StepStatus]:
        """Give the verdicts, by name of the step."""
        found = self.look(case)
        assert found.warnings == ()
        return {row.name: row for row in found.steps}

    def look(self, case: Case) -> ProjectStatus:
        """Give the status of what a case asks about."""
        scripts = case.scripts or self.shape.scripts
        argv = self.shape.argv if case.argv is None else case.argv
        return status(open_project(self.root), scripts, overrides=dict(case.params), argv=argv)

    def remembers_wrongly(self, case: Case) -> list[str]:
        """Say where a process that looked before tells something else than one that did not.

        The plain status is asked for as well: it is the one that is kept on disk.
        """
        project = open_project(self.root)
        warm = [_comparable(self.look(case)), _comparable(status(project))]
        forget_readers()
        again = [_comparable(self.look(case)), _comparable(overview(project))]
        forget_readers()
        again[1] = _comparable(overview(project))
        shutil.rmtree(self.root / ".jobtui" / "index", ignore_errors=True)
        cold = [_comparable(self.look(case)), _comparable(status(project))]
        found = [] if warm == cold else [f"a process remembers wrongly: {warm} is not {cold}"]
        cold[1] = without_detail(cold[1])
        if again != cold:
            found.append(f"the index remembers wrongly: {again} is not {cold}")
        return found

    def cold(self) -> Trial:
        """Give a copy without any stored results."""
        root = self.root.with_name(f"{self.root.name}-cold")
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns(".jobtui", "results"))
        (root / ".jobtui").mkdir()
        return Trial(root, self.shape, {"JOBTUI_TRACE": "0", "JOBTUI_STORE": "memory://cold"})


@dataclass(slots=True)
class Findings:
    """What a case showed."""

    wrong: list[str] = field(default_factory=list)
    """False fresh, missed, wasted, vague: none may be."""
    alarms: dict[str, str] = field(default_factory=dict)
    """Steps called not fresh which then hit, with what was said."""
    rows: int = 0


def examine(case: Case, trial: Trial, before: str) -> Findings:
    """Let a case happen, and compare.

    Parameters
    ----------
    before : str
        What the project's first run printed.
    """
    # What a process or the index remembers of this look must never show in a later one.
    trial.look(case)
    status(open_project(trial.root))
    for action in case.actions:
        action(trial)
    rows = trial.verdicts(case)
    wrong = trial.remembers_wrongly(case)
    options: dict[str, Any] = {
        "argv": case.argv, "params": case.params, "only": case.only, "scripts": case.scripts
    }  # fmt: skip
    process = None
    if case.runs or case.code or case.only or _asks_otherwise(case):
        cold = trial.cold()
        if case.only:
            # To stop there is a matter of the run's record.
            cold.environment = {}
        if case.scripts:
            # The others make what these take.
            cold.run(scripts=[name for name in trial.shape.scripts if name not in case.scripts])
        process = cold.start(**options)
    try:
        ran = trial.run(**options, code=case.code)
    except BaseException:
        if process is not None:
            cold.wait(process, None)
        raise
    anew = before if process is None else cold.wait(process, None).output
    if ran.output != anew and process is None:
        # The edit leads to other output although no step has to run.
        cold = trial.cold()
        anew = cold.wait(cold.start(**options), None).output
    found = Findings(wrong, rows=len(rows))
    executed, wanted = set(ran.executed), set(case.runs.split())
    if ran.output != anew and not case.limit:
        found.wrong.append(f"old results: {ran.output!r}, not {anew!r}")
    if case.limit and wanted <= executed:
        found.wrong.append(f"it is no limit any more: {case.limit}")
    elif not case.limit:
        found.wrong += [f"missed: {name} did not run" for name in sorted(wanted - executed)]
    found.wrong += [f"wasted: {name} ran" for name in sorted(executed - wanted)]
    found.wrong += [f"unknown step: {name}" for name in sorted(executed - set(rows))]
    allowed = {*case.alarms, *trial.shape.alarms}
    downstream = _downstream(rows, executed | allowed)
    for name, row in rows.items():
        found.wrong += _vague(row)
        good = row.verdict in (Verdict.FRESH, Verdict.UNUSED)
        if good and name in executed:
            found.wrong.append(f"false fresh: {name} is {row.verdict}, and ran")
        if good and name in case.unsure.split():
            found.wrong.append(f"{name} must not be {row.verdict}")
        complete = not case.code and case.only is None
        waits = name in downstream and name not in allowed
        if complete and not good and not waits and name not in executed:
            found.alarms[name] = f"{row.verdict}: " + "; ".join(
                f"{reason.kind} {reason.summary}" for reason in row.reasons
            )
    if case.warns not in ran.errors:
        found.wrong.append(f"no warning of {case.warns!r}: {ran.errors!r}")
    return found


def _comparable(found: ProjectStatus) -> ProjectStatus:
    """Leave out which sources were read: one more than needed does no harm."""
    return replace(found, scripts=tuple(replace(one, sources=()) for one in found.scripts))


def _asks_otherwise(case: Case) -> bool:
    return bool(case.params) or case.argv is not None or case.scripts is not None


def _vague(row: StepStatus) -> list[str]:
    if row.verdict in (Verdict.FRESH, Verdict.UNUSED):
        return []
    found = [] if row.reasons else [f"vague: {row.name} is {row.verdict} without a reason"]
    for reason in row.reasons:
        if not reason.subject or not reason.summary:
            found.append(f"vague: {row.name}: {reason}")
        elif reason.kind is ReasonKind.CODE_CHANGED and not reason.diff:
            found.append(f"vague: {row.name}: code-changed of {reason.subject} without a diff")
    return found


def _downstream(rows: Mapping[str, StepStatus], executed: set[str]) -> set[str]:
    """Give the steps that only wait for one that ran, or for one that waits itself."""
    found = set(executed)
    for _ in rows:
        for name, row in rows.items():
            if row.reasons and all(
                reason.kind is ReasonKind.UPSTREAM and reason.subject.rpartition(":")[2] in found
                for reason in row.reasons
            ):
                found.add(name)
    return found


def clean_environment() -> dict[str, str]:
    """Give the environment without anything that is meant for other runs."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JOBTUI_", "PYTHON", "PYTEST"))
    }


# -- actions ---------------------------------------------------------------------------------------


def edit(name: str, old: str, new: str) -> Action:
    """Replace a text that occurs once."""
    return partial(_edit, name=name, old=old, new=new)


def _edit(trial: Trial, name: str, old: str, new: str) -> None:
    text = trial.read(name)
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {name}"
    trial.write(name, text.replace(old, new))


def undo(name: str) -> Action:
    """Put a file back to what it was at first."""
    return lambda trial: trial.write(name, trial.shape.files[name])


def write(name: str, text: str) -> Action:
    return lambda trial: trial.write(name, text)


def delete(name: str) -> Action:
    return lambda trial: (trial.root / name).unlink()


def touch(name: str) -> Action:
    return lambda trial: os.utime(trial.root / name)


def run(**options: Any) -> Action:
    """Run in between; the options of `Trial.run`."""
    return lambda trial: (trial.run(**options), None)[1]


# -- projects --------------------------------------------------------------------------------------


class Bases:
    """Projects that ran once, to be copied for each case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "site-packages").mkdir()
        (folder / "site-packages" / "noting.py").write_text(NOTING)
        self._made: dict[str, tuple[Path, str]] = {}
        self._copies = 0

    def copy(self, shape: Shape) -> tuple[Trial, str]:
        """Give a copy of a project that ran, elsewhere, and what it printed."""
        if shape.name not in self._made:
            self._made[shape.name] = self._make(shape)
        base, printed = self._made[shape.name]
        self._copies += 1
        root = self.folder / f"case-{self._copies}" / shape.name
        shutil.copytree(base, root)
        return Trial(root, shape), printed

    def _make(self, shape: Shape) -> tuple[Path, str]:
        root = self.folder / "bases" / shape.name
        trial = Trial(root, shape)
        (root / ".jobtui").mkdir(parents=True)
        for name, text in shape.files.items():
            trial.write(name, text)
        ran = trial.run(code=shape.code)
        assert ran.executed
        return root, ran.output
