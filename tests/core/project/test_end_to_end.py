"""Scripts that really run, in processes of their own, and what is said of them afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import jobtui_core
from jobtui_core.project import open_project, plan, result, status
from jobtui_core.records import ReasonKind, StepStatus, Verdict

CODE = Path(jobtui_core.__file__).parent.parent


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".jobtui").mkdir(parents=True)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def start(self, script: str, *argv: str, **environment: str) -> subprocess.Popen[str]:
        known = {k: v for k, v in os.environ.items() if not k.startswith("JOBTUI_")}
        return subprocess.Popen(
            [sys.executable, script, *argv],
            cwd=self.root,
            env={**known, "PYTHONPATH": str(CODE), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *argv: str, code: int = 0) -> str:
        with self.start(script, *argv) as process:
            try:
                out, err = process.communicate(timeout=180)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert process.returncode == code, err
        return out

    def rows(self, **overrides: object) -> dict[str, StepStatus]:
        found = status(open_project(self.root), overrides=overrides)
        assert found.warnings == ()
        return {row.name: row for row in found.steps}

    def verdicts(self, **overrides: object) -> dict[str, str]:
        return {name: row.verdict.value for name, row in self.rows(**overrides).items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            monkeypatch.delenv(name)
    return Folder(tmp_path / "project")


@pytest.fixture
def co2(folder: Folder) -> Folder:
    folder.write("helpers.py", "def detrend(x):\n    return [value - min(x) for value in x]\n")
    folder.write(
        "co2.py",
        """
        from jobtui_core import JsonFile, default_param, make
        import helpers

        window = default_param("window", 3, help="weeks")

        @make(inputs=["{path}"])
        def read(path):
            with open(path) as file:
                return [float(line) for line in file]

        @make(output=JsonFile("results/trend.json"))
        def trend(series, window):
            flat = helpers.detrend(series)
            return [sum(flat[i : i + window]) for i in range(len(flat))]

        @make
        def report(values):
            return max(values)

        print(report(trend(read("data/co2.csv"), window)))
        """,
    )
    folder.write("data/co2.csv", "3\n1\n4\n1\n5\n")
    return folder


def test_edits_inputs_parameters_and_undoing_them(co2: Folder) -> None:
    assert set(co2.verdicts().values()) == {"new"}
    co2.run("co2.py")
    assert set(co2.verdicts().values()) == {"fresh"}

    co2.edit("helpers.py", "value - min(x)", "value / min(x)")
    assert co2.verdicts() == {"read": "fresh", "trend": "stale", "report": "unsure"}
    reason = co2.rows()["trend"].reasons[0]
    assert reason.kind is ReasonKind.CODE_CHANGED
    assert reason.subject == "helpers:detrend"
    assert reason.path == ("trend", "helpers.detrend")
    assert "+    return [value / min(x) for value in x]" in reason.diff

    co2.edit("helpers.py", "value / min(x)", "value - min(x)")
    co2.edit("helpers.py", "def detrend", "# why not\n\n\ndef detrend")
    assert set(co2.verdicts().values()) == {"fresh"}

    rows = co2.rows(window=2)
    assert rows["trend"].verdict is Verdict.STALE
    assert rows["trend"].reasons[0].summary == "window: 3 → 2"
    assert rows["report"].verdict is Verdict.UNSURE

    co2.write("data/co2.csv", "3\n1\n4\n1\n5\n9\n2\n")
    rows = co2.rows()
    assert rows["read"].reasons[0].summary == "data/co2.csv changed: 2 lines added (5 → 7 lines)"
    assert rows["trend"].verdict is Verdict.UNSURE
    co2.run("co2.py")
    assert set(co2.verdicts().values()) == {"fresh"}


def test_a_fresh_verdict_is_a_hit_and_a_stale_one_is_not(co2: Folder) -> None:
    co2.run("co2.py")
    co2.edit("co2.py", '"window", 3', '"window", 2')
    co2.run("co2.py")
    co2.edit("co2.py", '"window", 2', '"window", 3')
    assert set(co2.verdicts().values()) == {"fresh"}
    co2.run("co2.py")
    with_hits = status(open_project(co2.root)).steps
    from jobtui_core.project import calls

    states = [call.state.value for call in calls(open_project(co2.root), with_hits[0].last_run)]
    assert states == ["hit", "hit", "hit"]


def test_inputs_of_memoized_functions_count_in_verdicts_as_in_calls(folder: Folder) -> None:
    folder.write(
        "memo.py",
        """
        from jobtui_core import Memory
        memory = Memory("cache", verbose=0)

        @memory.cache(inputs=["{path}"])
        def read(path):
            return open(path).read().split()

        @memory.cache(inputs="table.txt")
        def table():
            return open("table.txt").read()

        @memory.cache
        def outer(words):
            return words + [table()]

        print(outer(read("a.txt")))
        """,
    )
    folder.write("a.txt", "one\n")
    folder.write("table.txt", "x\n")
    folder.run("memo.py")
    assert set(folder.verdicts().values()) == {"fresh"}
    folder.write("a.txt", "one two\n")
    assert folder.verdicts() == {"read": "stale", "table": "unsure", "outer": "unsure"}
    assert folder.rows()["read"].reasons[0].kind is ReasonKind.INPUT_CHANGED
    folder.write("a.txt", "one\n")
    folder.write("table.txt", "y\n")
    assert folder.verdicts() == {"read": "fresh", "table": "unsure", "outer": "stale"}
    assert "y" in folder.run("memo.py")
    assert set(folder.verdicts().values()) == {"fresh"}


def test_a_second_script_waits_for_the_file_of_the_first(co2: Folder) -> None:
    co2.write(
        "a_plot.py",
        """
        import json
        from jobtui_core import make

        @make(inputs=["results/trend.json"])
        def draw():
            with open("results/trend.json") as file:
                return len(json.load(file))

        print(draw())
        """,
    )
    assert [s.path for s in status(open_project(co2.root)).scripts] == ["co2.py", "a_plot.py"]
    co2.run("co2.py")
    co2.run("a_plot.py")
    assert set(co2.verdicts().values()) == {"fresh"}
    co2.edit("helpers.py", "value - min(x)", "value / min(x)")
    rows = co2.rows()
    assert rows["draw"].verdict is Verdict.UNSURE
    assert rows["draw"].reasons[0].subject == "trend"
    assert plan(open_project(co2.root)).scripts == ("co2.py", "a_plot.py")
    co2.run("co2.py")
    assert co2.rows()["draw"].verdict is Verdict.STALE
    co2.run("a_plot.py")
    assert set(co2.verdicts().values()) == {"fresh"}


def test_a_failure_is_shown_until_it_is_repaired(co2: Folder) -> None:
    co2.edit("helpers.py", "return", "raise ValueError('no such month')\n    return")
    co2.run("co2.py", code=1)
    rows = co2.rows()
    assert rows["read"].verdict is Verdict.FRESH
    assert rows["trend"].verdict is Verdict.FAILED
    assert rows["trend"].reasons[0].summary == "ValueError: no such month"
    assert rows["report"].verdict is Verdict.NEW
    co2.edit("helpers.py", "raise ValueError('no such month')\n    ", "")
    assert co2.rows()["trend"].verdict is Verdict.STALE


def test_a_call_that_is_going_on_is_running(folder: Folder) -> None:
    fifo = folder.root / "fifo"
    os.mkfifo(fifo)
    folder.write(
        "job.py",
        """
        from jobtui_core import make

        @make(files="declared")
        def wait(n):
            with open("fifo") as file:
                return file.read()

        print(wait(1))
        """,
    )
    process = folder.start("job.py")
    try:
        deadline = time.monotonic() + 30
        while (row := folder.rows()["wait"]).verdict is not Verdict.RUNNING:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        assert row.started is not None
    finally:
        with fifo.open("w") as file:
            file.write("done")
        process.communicate(timeout=30)
    assert folder.rows()["wait"].verdict is Verdict.FRESH


def test_results_and_outputs_that_are_gone(co2: Folder) -> None:
    co2.run("co2.py")
    row = co2.rows()["trend"]
    (preview,) = result(open_project(co2.root), row)
    assert preview.kind == "sequence"
    (co2.root / "results/trend.json").unlink()
    row = co2.rows()["trend"]
    assert row.verdict is Verdict.FRESH
    assert "puts it back" in row.notes[0]
    co2.run("co2.py")
    assert (co2.root / "results/trend.json").exists()
    for entry in (co2.root / ".jobtui/cache").rglob("*.entry"):
        entry.unlink()
    rows = co2.rows()
    assert rows["read"].reasons[0].kind is ReasonKind.EVICTED


def test_functions_memoized_in_a_folder_of_their_own(folder: Folder) -> None:
    folder.write(
        "job.py",
        """
        from jobtui_core import Memory

        memory = Memory("mycache", verbose=0)

        @memory.cache
        def square(n):
            return n * n

        print([square(n) for n in range(3)], square(7))
        """,
    )
    folder.run("job.py")
    row = folder.rows()["square"]
    assert row.verdict is Verdict.FRESH, row.reasons
    assert row.kind == "memoized"
    assert row.calls == 4
    previews = result(open_project(folder.root), row)
    assert [preview.text for preview in previews] == ["0", "1", "4", "49"]
    for entry in (folder.root / "mycache").rglob("*.entry"):
        entry.unlink()
    assert folder.rows()["square"].reasons[0].kind is ReasonKind.EVICTED


def test_main_functions_modules_and_loops(folder: Folder) -> None:
    folder.write("lab/__init__.py", "")
    folder.write(
        "lab/steps.py",
        """
        from jobtui_core import make

        @make
        def prepare(name):
            return name.upper()

        @make
        def fit(name, power=1):
            return prepare(name) * power
        """,
    )
    folder.write(
        "job.py",
        """
        import sys
        from lab import steps

        def main():
            power = int(sys.argv[1]) if len(sys.argv) > 1 else 1
            for name in ["a", "b"]:
                print(steps.fit(name, power=power))

        if __name__ == "__main__":
            main()
        """,
    )
    assert folder.verdicts() == {"fit": "new", "prepare": "new"}
    folder.run("job.py", "2")
    rows = folder.rows()
    assert rows["fit"].verdict is Verdict.FRESH, rows["fit"].reasons
    assert rows["prepare"].verdict is Verdict.FRESH
    assert rows["fit"].calls == 2
    found = status(open_project(folder.root), argv=["3"])
    assert found.steps[0].verdict is Verdict.STALE
    folder.edit("lab/steps.py", "name.upper()", "name.lower()")
    rows = folder.rows()
    assert rows["fit"].verdict is Verdict.STALE
    assert rows["prepare"].verdict is Verdict.STALE
    assert rows["prepare"].reasons[0].kind is ReasonKind.CODE_CHANGED


def test_a_file_that_is_opened_without_being_declared(folder: Folder) -> None:
    folder.write("extra.txt", "1\n")
    folder.write(
        "job.py",
        """
        from jobtui_core import make

        @make
        def load(n):
            with open("extra.txt") as file:
                return int(file.read()) * n

        print(load(2))
        """,
    )
    folder.run("job.py")
    row = folder.rows()["load"]
    assert row.verdict is Verdict.FRESH
    assert row.notes == ("opened extra.txt, not declared as an input: add?",)
    folder.write("extra.txt", "2\n")
    assert folder.rows()["load"].reasons[0].kind is ReasonKind.UNDECLARED_FILE


def test_what_cannot_be_repeated_is_unsure(folder: Folder) -> None:
    folder.write(
        "job.py",
        """
        import random
        from jobtui_core import make

        @make
        def use(x):
            return x

        print(use(random.random()))
        """,
    )
    folder.run("job.py")
    row = folder.rows()["use"]
    assert row.verdict is Verdict.UNSURE
    assert row.reasons[0].kind is ReasonKind.CANNOT_FOLLOW


def test_a_step_that_changes_its_argument_is_unsure(folder: Folder) -> None:
    folder.write(
        "job.py",
        """
        from jobtui_core import make

        @make
        def grow(items):
            items.append(1)
            return len(items)

        print(grow([1, 2]))
        """,
    )
    folder.run("job.py")
    row = folder.rows()["grow"]
    assert row.verdict is Verdict.UNSURE
    assert "changes its argument" in row.reasons[0].summary


def test_a_result_that_cannot_be_kept_is_stale(folder: Folder) -> None:
    folder.write(
        "job.py",
        """
        import threading
        from jobtui_core import make

        @make
        def use(lock):
            return 1

        print(use(threading.Lock()))
        """,
    )
    folder.run("job.py")
    row = folder.rows()["use"]
    assert row.verdict is Verdict.STALE
    assert "uncached" in row.reasons[0].summary


def test_results_in_a_backend_that_only_the_script_knows_leave_a_verdict_unsure(
    folder: Folder,
) -> None:
    folder.write(
        "script.py",
        """
        from jobtui_core import Memory, register_store_backend
        from jobtui_core.memory import FileSystemStoreBackend

        register_store_backend("only-here", FileSystemStoreBackend)
        memory = Memory("data", backend="only-here", verbose=0)

        @memory.cache
        def f(x):
            print("ran")
            return x + 1

        print(f(1))
        """,
    )
    assert folder.run("script.py") == "ran\n2\n"
    row = folder.rows()["f"]
    assert row.verdict is Verdict.UNSURE
    assert "only-here://data/jobtui, which only the script can open" in row.reasons[0].summary
    assert folder.run("script.py") == "2\n"
    folder.edit("script.py", "x + 1", "x + 2")
    assert folder.rows()["f"].verdict is Verdict.STALE
