"""A project made of records, so that the command line is tested without running anything."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jobtui_core.project
from jobtui_core.errors import UnknownNameError
from jobtui_core.records import (
    ParameterInfo,
    Plan,
    ProjectStatus,
    Reason,
    ReasonKind,
    ScriptStatus,
    SourceProblem,
    StepStatus,
    Verdict,
)


def make_step(name: str, verdict: Verdict = Verdict.FRESH, **fields: Any) -> StepStatus:
    fields.setdefault("script", "co2.py")
    return StepStatus(name=name, function=f"co2:{name}", kind="step", verdict=verdict, **fields)


EDITED = Reason(
    kind=ReasonKind.CODE_CHANGED,
    subject="helpers:running_mean",
    summary="helpers:running_mean was edited",
    path=("trend", "helpers.running_mean"),
    diff="@@ -1 +1 @@\n-weights = 1\n+weights = 2\n",
)
UPSTREAM = Reason(kind=ReasonKind.UPSTREAM, subject="trend", summary="takes what trend gives")
WINDOW = Reason(
    kind=ReasonKind.PARAMETER_CHANGED,
    subject="window",
    summary="window: 52 → 26",
    old="52",
    new="26",
)


def make_status() -> ProjectStatus:
    """One script with three steps, the second of them edited, and one that cannot be read."""
    return ProjectStatus(
        root="/project",
        scripts=(
            ScriptStatus(
                path="co2.py",
                argv=("--fast",),
                parameters=(
                    ParameterInfo(name="window", type="int", default=52, value=26),
                    ParameterInfo(name="span", type="int", default=260, value=260),
                ),
                steps=(
                    make_step("read", duration=0.012),
                    make_step("trend", Verdict.STALE, reasons=(EDITED, WINDOW), duration=3.21),
                    make_step("figure", Verdict.UNSURE, reasons=(UPSTREAM,)),
                ),
            ),
            ScriptStatus(
                path="broken.py",
                error=SourceProblem(
                    message="'(' was never closed", line=3, column=11, text="    print(("
                ),
            ),
        ),
    )


class FakeProject:
    """What ``open_project`` gives in these tests."""

    root = Path("/project")


class Facade:
    """Stands in for the functions of ``jobtui_core.project`` and remembers how they were called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.status_now = make_status()
        self.plan_now = Plan()
        self.asked: dict[str, Any] = {}
        # Set in the module itself: its names are resolved on first use, and none is needed here.
        for name in (
            "discover",
            "find_scripts",
            "open_project",
            "overview",
            "overview_answer",
            "parse_overrides",
            "plan",
            "status",
        ):
            monkeypatch.setitem(vars(jobtui_core.project), name, getattr(self, name))

    def open_project(self, path: object = ".") -> FakeProject:
        return FakeProject()

    def discover(self, project: FakeProject) -> tuple[str, ...]:
        return tuple(script.path for script in self.status_now.scripts)

    def status(self, project: FakeProject, scripts: object = None, **asked: Any) -> ProjectStatus:
        self.asked = {"scripts": scripts, **asked}
        return self.status_now

    def overview(self, project: FakeProject, scripts: object = None) -> ProjectStatus:
        return self.status(project, scripts)

    def overview_answer(
        self,
        project: FakeProject,
        question: str,
        answer: Callable[[ProjectStatus], tuple[int, str]],
        *,
        colours: bool,
    ) -> tuple[int, str]:
        return answer(self.overview(project))

    def plan(self, project: FakeProject, scripts: object = None, **asked: Any) -> Plan:
        self.asked = {"scripts": scripts, **asked}
        return self.plan_now

    def find_scripts(self, project: FakeProject, names: list[str]) -> tuple[str, ...]:
        for name in names:
            if name not in self.discover(project):
                raise UnknownNameError(
                    f"There is no script {name!r}; did you mean 'co2.py'?", name=name
                )
        return tuple(names)

    def parse_overrides(
        self, project: FakeProject, scripts: object, words: list[str]
    ) -> dict[str, Any]:
        return {name: int(value) for name, _, value in (word.partition("=") for word in words)}


@pytest.fixture
def step() -> Any:
    """Makes a step of ``co2.py``."""
    return make_step


@pytest.fixture
def some_status() -> ProjectStatus:
    return make_status()


@pytest.fixture
def facade(monkeypatch: pytest.MonkeyPatch) -> Facade:
    return Facade(monkeypatch)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where other processes keep compiled modules: neither beside the sources nor not at all."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(scope="session")
def repository(bytecode: Path) -> dict[str, str]:
    """An environment in which other processes import this very package, installed or not."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("JOBTUI_") and name not in ("NO_COLOR", "FORCE_COLOR")
    }
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent.parent)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
    return environment
