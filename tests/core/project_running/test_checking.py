"""``check``: a step computed again, beside what is stored of it, with nothing changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from jobtui_core.checks import CheckState
from jobtui_core.errors import RunError, UnknownNameError
from jobtui_core.project import check, open_project, status
from tests.support import wait_until

REPOSITORY = Path(__file__).parents[3]

SCRIPT = """
import os
from jobtui_core import JsonFile, Memory, default_param, make

count = default_param("count", 3)
memory = Memory("own", verbose=0)

def outside(name):
    # What has no part in any key: the world outside of the project.
    with open(os.environ["OUTSIDE"] + "/" + name) as file:
        return file.read().strip()

@make
def read():
    return [1, 2, 3]

@make(output=JsonFile("results/out.json"))
def scale(values, factor):
    return {"values": [v * factor for v in values], "rate": float(outside("rate"))}

@memory.cache
def inner(x):
    return x + float(outside("rate"))

@make
def around(n):
    return [inner(i) for i in range(n)]

@make
def after(x):
    raise SystemExit("it is never asked for this")

values = read()
scaled = scale(values, 2)
print(around(count))
"""


class Bench:
    """A project whose one script ran once."""

    def __init__(self, root: Path, outside: Path) -> None:
        self.root = root
        self.outside = outside

    @property
    def project(self):
        return open_project(self.root)

    def write(self, text: str) -> None:
        (self.root / "script.py").write_text(textwrap.dedent(text))

    def edit(self, old: str, new: str) -> None:
        text = (self.root / "script.py").read_text()
        assert old in text
        self.write(text.replace(old, new))

    def tell(self, name: str, text: str) -> None:
        (self.outside / name).write_text(text)

    def run(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        subprocess.run(
            [sys.executable, "script.py"], cwd=self.root, env=environment, check=True, timeout=60
        )

    def check(self, step: str, **options):
        (report,) = check(self.project, step, **options)
        return report

    def everything(self) -> dict[str, tuple[bytes, int]]:
        """All files of the project but the derived ones, with their times."""
        return {
            str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not {"index", "__pycache__"} & set(path.parts)
        }

    def verdicts(self) -> dict[str, str]:
        return {row.name: row.verdict.value for row in status(self.project).steps}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The project after its first run, for each test to have a copy of."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "outside").mkdir()
    (folder / "project").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        _environment(patch, folder)
        bench = Bench(folder / "project", folder / "outside")
        (bench.root / "jobtui.toml").touch()
        bench.write(SCRIPT)
        bench.tell("rate", "0.5")
        bench.run()
    return folder


def _environment(patch, folder):
    for name in [name for name in os.environ if name.startswith("JOBTUI")]:
        patch.delenv(name)
    patch.setenv("OUTSIDE", str(folder / "outside"))
    patch.setenv("PYTHONPATH", str(REPOSITORY))


@pytest.fixture
def bench(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    _environment(monkeypatch, tmp_path)
    return Bench(tmp_path / "project", tmp_path / "outside")


def test_a_step_that_gives_the_same_again_is_the_same(bench):
    report = bench.check("scale")
    assert report.problem == ""
    (call,) = report.calls
    assert call.state is report.state is CheckState.SAME
    assert call.arguments == {"values": "[1, 2, 3]", "factor": "2"}
    assert call.seconds is not None
    assert call.stored_seconds is not None


def test_a_step_that_gives_something_else_differs_by_path_and_amount(bench):
    bench.tell("rate", "0.75")
    report = bench.check("scale")
    (call,) = report.calls
    assert report.state is call.state is CheckState.DIFFERS
    assert (call.where, call.old, call.new) == ("['rate']", "0.5", "0.75")
    assert (call.largest, call.relative) == (0.25, 0.5)
    assert call.files == ("results/out.json",)


@pytest.mark.parametrize("step", ["scale", "around", "inner"])
def test_a_check_changes_nothing(bench, step):
    bench.tell("rate", "0.75")
    before, verdicts = bench.everything(), bench.verdicts()
    assert bench.check(step).calls
    assert bench.everything() == before
    assert bench.verdicts() == verdicts
    assert verdicts[step] == "fresh"


def test_what_is_called_in_the_course_of_a_step_is_checked_through_it(bench):
    bench.tell("rate", "0.75")
    report = bench.check("inner")
    assert [call.arguments for call in report.calls] == [{"x": "0"}, {"x": "1"}, {"x": "2"}]
    assert {call.state for call in report.calls} == {CheckState.DIFFERS}


def test_inner_calls_of_a_step_that_is_checked_come_from_the_store(bench):
    bench.tell("rate", "0.75")
    assert bench.check("scale").state is CheckState.DIFFERS
    bench.edit("return [inner(i) for i in range(n)]", "return [inner(i) for i in range(n)] + [0]")
    bench.run()
    assert bench.check("around").state is CheckState.SAME


def test_the_script_goes_no_further_than_the_step(bench):
    bench.edit("print(around(count))", "after(scaled)")
    assert bench.check("scale").problem == ""


def test_a_step_that_raises_could_not_be_checked_and_says_why(bench):
    bench.tell("rate", "much")
    report = bench.check("inner")
    assert report.state is CheckState.COULD_NOT
    assert "ValueError" in report.calls[0].why
    # The script had the stored result, and went on to the other calls.
    assert len(report.calls) == 3


def test_a_step_that_is_not_fresh_is_not_checked(bench):
    bench.edit("v * factor", "v + factor")
    report = bench.check("scale")
    assert report.state is CheckState.COULD_NOT
    assert report.problem.startswith("scale is stale (scale changed): there is no stored result")
    assert report.calls == ()
    assert bench.check("after").problem.startswith("no call of after is reached")


def test_a_step_that_nobody_knows_is_an_error(bench):
    with pytest.raises(UnknownNameError, match="scale"):
        check(bench.project, "scalw")


def test_other_values_are_checked_with_what_is_stored_for_them(bench):
    assert "is stale" in bench.check("around", overrides={"count": 2}).problem
    bench.edit('"count", 3', '"count", 2')
    bench.run()
    bench.edit('"count", 2', '"count", 3')
    report = bench.check("around", overrides={"count": 2})
    assert [call.arguments for call in report.calls] == [{"n": "2"}]
    assert report.state is CheckState.SAME


def test_a_script_that_fails_before_the_step_says_how_it_ended(bench):
    bench.edit("values = read()", "values = read()\nif outside('rate') == '9':\n    1 / 0")
    bench.run()
    bench.tell("rate", "9")
    report = bench.check("scale")
    assert report.state is CheckState.COULD_NOT
    assert report.problem == (
        "script.py failed before it was done: ZeroDivisionError: division by zero"
    )
    assert "Traceback" in report.log


def test_an_output_that_was_edited_is_left_alone(bench):
    (bench.root / "results/out.json").write_text("mine")
    assert bench.check("scale").state is CheckState.SAME
    assert (bench.root / "results/out.json").read_text() == "mine"


def test_what_the_script_does_to_its_stores_is_left_undone(bench):
    bench.edit("values = read()", "memory.clear()\ninner.clear()\nvalues = read()")
    bench.run()
    before = bench.everything()
    assert bench.check("around").state is CheckState.SAME
    assert bench.everything() == before


def test_a_check_that_goes_on_tells_what_it_computes_and_can_be_stopped(bench):
    bench.edit(
        "return x +", "if outside('rate') == 'wait': import time; time.sleep(600)\n    return x +"
    )
    bench.run()
    bench.tell("rate", "wait")
    asked = threading.Event()
    seen = []

    def told(report):
        seen.append(report)
        if report.computing is not None:
            asked.set()

    report = bench.check("inner", told=told, stopped=asked.is_set)
    assert seen[-1].computing == {"x": "0"}
    assert report.problem == "the check was stopped"
    assert report.state is CheckState.COULD_NOT
    assert not list((bench.root / ".jobtui").glob("check-*"))


def test_an_interpreter_that_cannot_be_used_is_an_error(bench):
    (bench.root / "jobtui.toml").write_text("python = 'no-such-python'")
    with pytest.raises(RunError, match="no-such-python"):
        check(bench.project, "scale")


def test_processes_that_a_script_starts_store_nothing_either(bench):
    bench.write(
        """
        import os, subprocess, sys
        from jobtui_core import make

        @make
        def one(x):
            return x

        if len(sys.argv) == 1:
            subprocess.run([sys.executable, "other.py"], check=True)
        print(one(1))
        """
    )
    (bench.root / "other.py").write_text(
        "import os\nfrom jobtui_core import make\n\n"
        "@make\ndef two(x):\n    return x, os.environ['OUTSIDE']\n\ntwo(os.getpid())\n"
    )
    bench.run()
    before = bench.everything()
    assert bench.check("one").state is CheckState.SAME
    assert bench.everything() == before


def test_a_report_of_any_shape_is_read(tmp_path):
    from jobtui_core.project.checkreport import ReportReader

    path = tmp_path / "report.jsonl"
    reader = ReportReader(path, "a", "m:a", "a.py")
    assert not reader.update()
    path.write_text(
        '[]\n{}\nnull\n{"event": "start", "key": 3, "arguments": []}\n\x00\n'
        '{"event": "end", "state": "better", "difference": [1], "files": 1, "seconds": true}\n'
        '{"event": "end", "state": "differs", "difference": {"largest": 1e999, "count": "a"}, '
        '"files": [1, "\\u001b[2J"]}\n{"event": "end", "state": "sa'
    )
    assert wait_until(reader.update)
    first, second = reader.calls
    assert first.state is CheckState.COULD_NOT
    assert second.state is CheckState.DIFFERS
    assert second.files == ("", "\\x1b[2J")


def test_a_file_that_the_function_writes_itself_is_written_aside(bench):
    bench.write("""
        import os
        from jobtui_core import PathOutput, make, output_path

        @make(output=PathOutput("results/table.txt"))
        def table():
            with open(os.environ["OUTSIDE"] + "/rate") as file:
                output_path().write_text(file.read())
            return output_path()

        table()
        """)
    bench.run()
    before = bench.everything()
    assert bench.check("table").state is CheckState.SAME
    bench.tell("rate", "0.75")
    (call,) = bench.check("table").calls
    assert call.state is CheckState.DIFFERS
    assert call.files == ("results/table.txt",)
    left = {name: one for name, one in bench.everything().items() if name.startswith("results/")}
    assert left == {name: one for name, one in before.items() if name.startswith("results/")}
