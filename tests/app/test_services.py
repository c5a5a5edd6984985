"""Between the screens and the project: threads, memory of the last state, command lines."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from jobtui.screens.command_lines import load_snippet, open_command, run_command
from jobtui.screens.editor import editor_command
from jobtui.services.lane import Lane
from jobtui.services.remember import recall, remember
from jobtui_core.records import RunRequest, Verdict
from tests.app.fakes import step, usual_status


async def test_lane_answers_in_order_in_one_thread() -> None:
    lane = Lane("test")
    names: list[str] = []

    def answer(number: int) -> int:
        names.append(threading.current_thread().name)
        return number

    assert await asyncio.gather(*(lane.ask(answer, number) for number in range(5))) == [*range(5)]
    assert set(names) == {"jobtui-test"}
    lane.close()


async def test_lane_raises_where_it_was_asked() -> None:
    lane = Lane("test")
    with pytest.raises(ZeroDivisionError):
        await lane.ask(lambda: 1 / 0)
    assert await lane.ask(lambda: 1) == 1
    lane.close()


async def test_question_cancelled_before_its_turn_is_never_asked() -> None:
    lane = Lane("test")
    gate = threading.Event()
    asked: list[str] = []
    first = asyncio.create_task(lane.ask(gate.wait))
    second = asyncio.create_task(lane.ask(asked.append, "second"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    await first
    assert await lane.ask(lambda: list(asked)) == []
    lane.close()


async def test_late_answer_to_a_cancelled_question_harms_nobody() -> None:
    lane = Lane("test")
    gate = threading.Event()
    started = threading.Event()

    def slow() -> None:
        started.set()
        gate.wait()

    task = asyncio.create_task(lane.ask(slow))
    await asyncio.to_thread(started.wait)
    task.cancel()
    gate.set()
    assert await lane.ask(lambda: "next") == "next"
    lane.close()


def test_remembered_state_says_in_its_rows_what_it_said(tmp_path: Path) -> None:
    (tmp_path / ".jobtui").mkdir()
    index = tmp_path / ".jobtui" / "index"
    status = usual_status()
    remember(index, status)
    found = recall(index, tmp_path)
    assert found is not None
    for before, after in zip(status.steps, found.steps, strict=True):
        assert (after.name, after.verdict, after.duration) == (
            before.name,
            before.verdict,
            before.duration,
        )
        assert [one.summary for one in after.reasons] == [one.summary for one in before.reasons]
    assert found.scripts[1].error == status.scripts[1].error


def test_what_ran_then_is_not_claimed_to_run_now(tmp_path: Path) -> None:
    index = tmp_path / "index"
    status = usual_status()
    script = replace(status.scripts[0], steps=(step("fit", Verdict.RUNNING),))
    remember(index, replace(status, scripts=(script,)))
    found = recall(index, tmp_path)
    assert found is not None
    assert found.steps[0].verdict is Verdict.UNSURE


def test_nothing_is_written_where_the_project_has_no_folder_yet(tmp_path: Path) -> None:
    remember(tmp_path / ".jobtui" / "index", usual_status())
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    remember(tmp_path / "index", usual_status())
    assert recall(tmp_path / "index", tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 2, "scripts": []}',
        '{"format": 1}',
        '{"format": 1, "scripts": [{"path": "a", "error": 3, "steps": []}]}',
        '{"format": 1, "scripts": [{"path": "a", "error": null, "steps": [{"name": "x"}]}]}',
    ],
)
def test_damaged_memory_is_no_memory(tmp_path: Path, text: str) -> None:
    (tmp_path / "shown.json").write_text(text)
    assert recall(tmp_path, tmp_path) is None


def test_memory_of_wrong_types_is_no_memory(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    remember(tmp_path / "index", usual_status())
    path = tmp_path / "index" / "shown.json"
    data = json.loads(path.read_text())
    for name in data["scripts"][0]["steps"][0]:
        spoilt = json.loads(path.read_text())
        spoilt["scripts"][0]["steps"][0][name] = {"not": "this"}
        path.write_text(json.dumps(spoilt))
        assert recall(tmp_path / "index", tmp_path) is None, name
        path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (None, "jobtui run"),
        (RunRequest(scripts=("a b.py",)), "jobtui run 'a b.py'"),
        (
            RunRequest(scripts=("a.py",), only="fit", recompute=("fit",)),
            "jobtui run a.py --only fit --recompute fit",
        ),
        (
            RunRequest(scripts=("a.py",), overrides={"window": 26}, argv=("--fast",)),
            "jobtui run a.py window=26 -- --fast",
        ),
    ],
)
def test_command_line_does_the_same(request_: RunRequest | None, line: str) -> None:
    assert run_command(request_) == line


def test_title_is_the_command_that_opens_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_command(tmp_path) == "jobtui"
    assert open_command(tmp_path / "demo") == "jobtui ./demo"
    assert open_command(tmp_path / "a b") == "jobtui './a b'"
    assert open_command(tmp_path.parent) == f"jobtui {tmp_path.parent}"


def test_there_is_nothing_to_load_before_a_result() -> None:
    assert load_snippet(Path("/p"), step("fit", Verdict.NEW)) == ""


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({"EDITOR": "vim"}, ["vim", "+7", "/p/a.py"]),
        ({"EDITOR": "/usr/bin/nano -w"}, ["/usr/bin/nano", "-w", "+7", "/p/a.py"]),
        ({"EDITOR": "hx"}, ["hx", "/p/a.py:7"]),
        ({"EDITOR": "code"}, ["code", "--wait", "--goto", "/p/a.py:7"]),
        ({"EDITOR": "code -w"}, ["code", "-w", "--goto", "/p/a.py:7"]),
        ({"EDITOR": "my-editor"}, ["my-editor", "/p/a.py"]),
        ({"EDITOR": "ed", "VISUAL": "emacs"}, ["emacs", "+7", "/p/a.py"]),
        ({"EDITOR": "vi", "VISUAL": "'"}, ["vi", "+7", "/p/a.py"]),
        ({"EDITOR": " "}, None),
        ({}, None),
    ],
)
def test_editor_opens_at_the_line(environment: dict[str, str], command: list[str] | None) -> None:
    assert editor_command(environment, Path("/p/a.py"), 7) == command
