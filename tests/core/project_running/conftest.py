"""A project in a temporary folder, whose runs never outlive their test."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui_core.errors import JobtuiError
from jobtui_core.project import (
    Project,
    Queue,
    cancel,
    open_project,
    queue_state,
    run_info,
    start,
)
from jobtui_core.records import RunInfo, RunRequest
from tests.support import wait_until

REPOSITORY = Path(__file__).parents[3]

HELPER = '''
"""What scripts of these tests do to be in step with them."""
import pathlib, time

def reach(name):
    pathlib.Path(name).touch()

def wait_for(name, seconds=60):
    deadline = time.monotonic() + seconds
    while not pathlib.Path(name).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(name)
        time.sleep(0.005)

def note(text):
    with open("notes.txt", "a") as file:
        file.write(text + "\\n")
'''


class Desk:
    """A project and what tests do with it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "jobtui.toml").touch()
        (root / "helper.py").write_text(HELPER)
        self.queues: list[Queue] = []

    @property
    def project(self) -> Project:
        return open_project(self.root)

    def script(self, name: str, text: str) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("from helper import *\n" + textwrap.dedent(text))
        return name

    def plain(self, name: str, text: str) -> str:
        (self.root / name).write_text(textwrap.dedent(text))
        return name

    def start(
        self,
        *scripts: str,
        jobs: int = 1,
        after: dict[str, tuple[str, ...]] | None = None,
        grace: float = 5.0,
        argv: tuple[str, ...] | None = (),
        **overrides: object,
    ) -> Queue:
        request = RunRequest(scripts=scripts, jobs=jobs, argv=argv, overrides=overrides)
        queue = start(self.project, request, after=after or {}, grace=grace)
        self.queues.append(queue)
        return queue

    def finish(self, queue: Queue, timeout: float = 60.0) -> list[RunInfo]:
        """Wait for the end of a queue and of its supervisor; give its runs."""
        wait_until(lambda: queue_state(self.project, queue.id).state in ("done", "died"), timeout)
        return [run_info(self.project, run) for run in queue.runs]

    def run(self, *scripts: str, **options: object) -> list[RunInfo]:
        return self.finish(self.start(*scripts, **options))  # type: ignore[arg-type]

    def output(self, run: str) -> str:
        return (self.root / ".jobtui/runs" / run / "output.log").read_text(errors="replace")

    def reach(self, name: str) -> None:
        (self.root / name).touch()

    def reached(self, name: str, timeout: float = 60.0) -> None:
        wait_until((self.root / name).exists, timeout)

    def notes(self) -> list[str]:
        path = self.root / "notes.txt"
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        for queue in self.queues:
            with contextlib.suppress(JobtuiError):
                cancel(self.project, queue=queue.id, grace=0.1)
                wait_until(
                    lambda queue=queue: (
                        queue_state(self.project, queue.id).state  # type: ignore[misc]
                        in ("done", "died")
                    )
                )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    for name in ("VIRTUAL_ENV", "JOBTUI_STORE", "JOBTUI_TRACE", "JOBTUI_RUN", "MPLBACKEND"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "lab"
    root.mkdir()
    desk = Desk(root)
    yield desk
    desk.close()
