"""Old runs go, and every verdict, of today's sources and of others, is what it was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.errors import ConfigurationError
from jobtui_core.project.pruning import prune_runs
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import RunState
from jobtui_core.root import load_config
from jobtui_core.tracing import removing
from jobtui_core.tracing.notes import CHANGES
from jobtui_core.tracing.removing import remove_run, remove_unseen
from jobtui_core.tracing.traces import CallError

Change = Callable[[], None]


def told(lab: Any, **overrides: Any) -> list[dict[str, Any]]:
    """Give all that is said of the steps, without the run that said it."""
    return [
        {
            "step": row.name,
            "verdict": row.verdict,
            "reasons": [(one.kind, one.subject, one.summary) for one in row.reasons],
            "notes": row.notes,
            "calls": row.calls,
            "last": row.last_run,
        }
        for row in lab.status(**overrides).steps
    ]


def all_told(lab: Any, edits: list[tuple[str, str, str]]) -> list[Any]:
    """Give what is said of today's sources, of each edit of them, and of other parameters."""
    found = [told(lab), told(lab, window=7), told(lab, window=8)]
    for name, old, new in edits:
        lab.edit(name, old, new)
        found.append(told(lab))
        lab.edit(name, new, old)
    return found


EDITS = [
    ("helpers.py", "value - SCALE", "value + SCALE"),
    ("helpers.py", "SCALE = 3", "SCALE = 4"),
    ("co2.py", "return max(values)", "return min(values)"),
    ("data/co2.csv", "1\n2\n", "9\n2\n"),
]


@pytest.fixture
def lived(lab: Any) -> Any:
    """A project with a past: edits that were run and undone, parameters, failures, repetitions."""
    lab.write("jobtui.toml", "keep_runs = 2\n")
    lab.run(fail="report", error=CallError(type="ValueError", message="no such month"))
    lab.run(change=lambda call: replace(call, notes=(f"trend {CHANGES}",)))
    for edit in EDITS[:3]:
        lab.edit(*edit)
        lab.run()
        lab.run()
        lab.edit(edit[0], edit[2], edit[1])
    for _ in range(5):
        lab.run()
    lab.run(overrides={"window": 7})
    lab.run(until="report", state=RunState.FAILED, code=1)
    for _ in range(6):
        lab.run()
    return lab


def test_verdicts_are_the_same_without_the_runs_that_went(lived: Any) -> None:
    before = all_told(lived, EDITS)
    count = len(runs_there(lived))
    gone = prune_runs(lived.project)
    assert len(gone) >= 10
    assert len(runs_there(lived)) == count - len(gone)
    assert all_told(lived, EDITS) == before
    forget_readers()
    assert all_told(lived, EDITS) == before
    assert {row["verdict"].value for row in before[0]} != {"new"}


def test_what_an_old_run_alone_has_shown_stays(lab: Any) -> None:
    lab.write("jobtui.toml", "keep_runs = 1\n")
    lab.edit(*EDITS[0])
    alone = lab.run()
    lab.edit(EDITS[0][0], EDITS[0][2], EDITS[0][1])
    for _ in range(5):
        last = lab.run()
    assert len(prune_runs(lab.project)) == 4
    assert runs_there(lab) == [alone, last]
    assert prune_runs(lab.project) == ()
    lab.edit(*EDITS[0])
    assert set(lab.verdicts().values()) == {"fresh"}


def runs_there(lab: Any) -> list[str]:
    return sorted(os.listdir(lab.root / ".jobtui/runs"))


def test_the_newest_runs_stay_whatever_they_show(lab: Any) -> None:
    lab.write("jobtui.toml", "keep_runs = 4\n")
    ids = [lab.run() for _ in range(9)]
    assert prune_runs(lab.project) == tuple(ids[:5])
    assert runs_there(lab) == ids[5:]


def test_nothing_goes_before_there_is_a_tenth_too_much(lab: Any) -> None:
    lab.write("jobtui.toml", "keep_runs = 10\n")
    ids = [lab.run() for _ in range(11)]
    assert prune_runs(lab.project) == ()
    lab.run()
    assert prune_runs(lab.project) == tuple(ids[:2])


def test_a_number_that_is_named_is_kept_to_and_tried_without_removing_anything(lab: Any) -> None:
    ids = [lab.run() for _ in range(5)]
    assert prune_runs(lab.project, keep=2, dry_run=True) == tuple(ids[:3])
    assert runs_there(lab) == ids
    assert prune_runs(lab.project, keep=2) == tuple(ids[:3])
    assert runs_there(lab) == ids[3:]


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.SILENT, RunState.QUEUED])
def test_runs_that_go_on_stay(lab: Any, state: RunState) -> None:
    lab.write("jobtui.toml", "keep_runs = 1\n")
    first = lab.run(state=state)
    for _ in range(4):
        last = lab.run()
    prune_runs(lab.project)
    assert runs_there(lab) == [first, last]


def test_logs_go_where_room_is_short(lab: Any) -> None:
    lab.write("jobtui.toml", 'keep_runs_size = "10K"\n')
    folder = lab.root / ".jobtui/runs"
    unique = lab.run(overrides={"window": 7})
    common = lab.run()
    last = lab.run()
    for run in (unique, common, last):
        (folder / run / "output.log").write_bytes(bytes(6000))
        (folder / run / "marks.jsonl").write_bytes(bytes(10))
        (folder / run / "events.jsonl").write_bytes(b"{}\n")
    assert prune_runs(lab.project) == (common,)
    assert os.listdir(folder / unique) == ["events.jsonl"]
    assert sorted(os.listdir(folder / last)) == ["events.jsonl", "marks.jsonl", "output.log"]


@pytest.mark.parametrize(
    "text", ["keep_runs = 0", "keep_runs = true", 'keep_runs = "9"', "keep_runs_size = 5",
             'keep_runs_size = "much"'],
)  # fmt: skip
def test_settings_that_say_nothing_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "jobtui.toml").write_text(text + "\n")
    with pytest.raises(ConfigurationError, match="keep_runs"):
        load_config(tmp_path)


def test_a_removal_that_was_interrupted_is_finished_by_the_next(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in ("a", "b"):
        (runs / name).mkdir(parents=True)
        (runs / name / "events.jsonl").write_text("")
    (tmp_path / ".gone-x").mkdir()
    (tmp_path / ".gone-x" / "output.log").write_text("")
    assert remove_run(runs / "a")
    assert not remove_run(runs / "nowhere")
    assert os.listdir(tmp_path) == ["runs"]
    assert os.listdir(runs) == ["b"]


class TestRunsThatNobodyLooksAt:
    @pytest.fixture
    def many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(removing, "_FEW", 10)
        (tmp_path / "jobtui.toml").write_text("keep_runs = 2\n")
        folder = tmp_path / ".jobtui/runs"
        for number in range(30):
            self.write(folder, number, {"event": "run_end", "time": 2.0, "state": "done"})
        return folder

    @staticmethod
    def write(folder: Path, number: int, *more: dict[str, Any], **start: Any) -> None:
        run = folder / f"2026-11-22T10-14-{number:02d}-ab12"
        run.mkdir(parents=True, exist_ok=True)
        first = {"event": "run_start", "time": 1.0, "script": "a.py", **start}
        lines = [json.dumps(event) + "\n" for event in (first, *more)]
        (run / "events.jsonl").write_text("".join(lines))

    def test_the_oldest_go_once_there_are_ten_times_too_many(
        self, tmp_path: Path, many: Path
    ) -> None:
        remove_unseen(tmp_path, many)
        assert min(os.listdir(many)) == "2026-11-22T10-14-10-ab12"
        assert len(os.listdir(many)) == 20

    def test_few_are_left_alone(self, tmp_path: Path, many: Path) -> None:
        (tmp_path / "jobtui.toml").write_text("keep_runs = 3\n")
        remove_unseen(tmp_path, many)
        assert len(os.listdir(many)) == 30

    def test_what_goes_on_or_is_to_be_known_stays(self, tmp_path: Path, many: Path) -> None:
        from jobtui_core.project.running.processes import identify

        mine = identify()
        self.write(many, 0, host=mine.host, boot=mine.boot, pid=mine.pid, pid_start=mine.start)
        call = {"event": "call_end", "call": "1-1", "function": "a:f", "state": "computed",
                "time": 1.5, "notes": [f"f {CHANGES}"]}  # fmt: skip
        self.write(many, 1, call, {"event": "run_end", "time": 2.0, "state": "done"})
        remove_unseen(tmp_path, many)
        assert sorted(os.listdir(many))[:3] == [
            f"2026-11-22T10-14-{number:02d}-ab12" for number in (0, 1, 10)
        ]

    def test_whatever_is_wrong_the_script_goes_on(self, tmp_path: Path, many: Path) -> None:
        (tmp_path / "jobtui.toml").write_text("not toml")
        remove_unseen(tmp_path, many)
        remove_unseen(tmp_path, tmp_path / "nowhere")
        assert len(os.listdir(many)) == 30
