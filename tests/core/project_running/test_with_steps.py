"""Scripts with steps: their order, their calls and each step's part of the log."""

from __future__ import annotations

import pytest

from jobtui_core.project import calls, cancel, read_log, run_info, start
from jobtui_core.records import CallState, RunRequest, RunState

ONE = """
from jobtui_core import JsonFile, default_param, make

scale = default_param("scale", 2, help="factor")

@make(output=JsonFile("results/one.json"))
def first(n):
    print("in first")
    return {"n": n}

@make
def second(value, scale):
    print("in second")
    return value["n"] * scale

print("before")
print(second(first(3), scale))
"""

TWO = """
import json
from pathlib import Path
from jobtui_core import make

@make(inputs=["results/one.json"])
def third():
    print("in third")
    return json.loads(Path("results/one.json").read_text())

third()
"""


@pytest.fixture
def lab(desk):
    desk.plain("one.py", ONE)
    desk.plain("two.py", TWO)
    return desk


def run(lab, *scripts: str, **options: object) -> list:
    request = RunRequest(scripts=scripts, argv=(), **options)  # type: ignore[arg-type]
    queue = start(lab.project, request)
    lab.queues.append(queue)
    return lab.finish(queue)


def test_the_reader_of_a_file_runs_after_its_writer(lab) -> None:
    first, second = run(lab, "two.py", "one.py", jobs=2)
    assert [first.script, second.script] == ["one.py", "two.py"]
    assert first.state is second.state is RunState.DONE
    assert first.ended <= second.started


def test_the_reader_of_a_file_is_not_started_when_its_writer_failed(lab) -> None:
    lab.plain("one.py", ONE.replace('return {"n": n}', 'raise ValueError("no data")'))
    first, second = run(lab, "two.py", "one.py")
    assert (first.state, first.error) == (RunState.FAILED, "ValueError: no data")
    assert second.state is RunState.CANCELLED
    (call,) = calls(lab.project, first.id)
    assert (call.state, call.error) == (CallState.FAILED, "ValueError: no data")
    assert "raise ValueError" in call.traceback


def test_overrides_reach_the_steps_and_each_step_has_its_part_of_the_log(lab) -> None:
    (info,) = run(lab, "one.py", overrides={"scale": 5})
    assert info.parameters == {"scale": 5}
    assert (info.computed, info.hits) == (2, 0)
    assert [call.name for call in calls(lab.project, info.id)] == ["first", "second"]
    assert read_log(lab.project, info.id).text == "before\nin first\nin second\n15\n"
    assert read_log(lab.project, info.id, step="first").text == "in first\n"
    assert read_log(lab.project, info.id, step="one:second").text == "in second\n"
    (info,) = run(lab, "one.py", overrides={"scale": 5})
    assert (info.computed, info.hits) == (0, 2)


def test_a_script_that_cannot_be_parsed_holds_up_only_itself(lab) -> None:
    lab.plain("broken.py", "import jobtui_core\ndef x(:\n")
    broken, good = run(lab, "broken.py", "one.py")
    assert broken.state is RunState.FAILED
    assert good.state is RunState.DONE


def test_a_step_that_is_cancelled_leaves_what_was_finished(lab) -> None:
    lab.plain(
        "one.py",
        ONE.replace(
            'print("in second")',
            'from helper import reach, wait_for; reach("in-second"); wait_for("go")',
        ),
    )
    queue = lab.start("one.py")
    lab.reached("in-second")
    states = [call.state for call in calls(lab.project, queue.runs[0])]
    assert states == [CallState.COMPUTED, CallState.RUNNING]
    cancel(lab.project, queue.runs[0])
    (info,) = lab.finish(queue)
    assert info.state is RunState.CANCELLED
    lab.reach("go")
    (info,) = run(lab, "one.py")
    assert (info.state, info.hits, info.computed) == (RunState.DONE, 1, 1)
    assert run_info(lab.project, queue.runs[0]).state is RunState.CANCELLED
