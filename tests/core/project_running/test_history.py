"""The run history is what the folders say, fast however many there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from jobtui_core.errors import UnknownNameError
from jobtui_core.project import active, calls, read_log, run_info, runs
from jobtui_core.records import CallState, RunState
from tests.core.project_running.traces import Trace

RUN = "2026-11-22T10-14-05-ab12"
OTHER = "2026-11-22T10-14-06-0000"


def index_files(desk) -> list:
    return list((desk.root / ".jobtui/index").glob("runs-*.json"))


def test_a_folder_without_runs_has_none_and_is_left_alone(desk) -> None:
    assert runs(desk.project) == ()
    assert active(desk.project) == ()
    assert not (desk.root / ".jobtui").exists()


def test_the_newest_runs_come_first(desk) -> None:
    for run in (OTHER, RUN):
        Trace(desk.root, run).start().end()
    assert [info.id for info in runs(desk.project)] == [OTHER, RUN]
    assert [info.id for info in runs(desk.project, limit=1)] == [OTHER]


def test_of_runs_of_one_second_the_one_that_began_last_is_the_newest(desk) -> None:
    for suffix, moment in (("ff00", 5.1), ("0001", 5.3), ("a000", 5.2)):
        Trace(desk.root, f"2026-11-22T10-14-05-{suffix}").start(time=moment)
    silent = desk.root / ".jobtui/runs/2026-11-22T10-14-05-0000"
    silent.mkdir()
    os.mkfifo(silent / "events.jsonl")
    assert [info.id[-4:] for info in runs(desk.project)] == ["0001", "a000", "ff00"]
    assert run_info(desk.project, "last~1").id.endswith("0001")


def test_a_run_is_found_by_the_beginning_of_its_id(desk) -> None:
    Trace(desk.root, RUN).start().end()
    Trace(desk.root, OTHER).start().end()
    assert run_info(desk.project, RUN).id == RUN
    assert run_info(desk.project, "2026-11-22T10:14:05").id == RUN
    with pytest.raises(UnknownNameError, match="the beginning of 2 runs"):
        run_info(desk.project, "2026-11-22")


@pytest.mark.parametrize("run", ["2026-11-22T10-14-05-ab13", "", "../runs", ".", "x"])
def test_unknown_runs_are_refused(desk, run: str) -> None:
    Trace(desk.root, RUN).start().end()
    with pytest.raises(UnknownNameError):
        run_info(desk.project, run)


def test_the_nearest_run_is_offered(desk) -> None:
    Trace(desk.root, RUN).start().end()
    with pytest.raises(UnknownNameError) as caught:
        calls(desk.project, "2026-11-22T10-14-05-ab13")
    assert caught.value.nearest == (RUN,)


def test_calls_are_told_in_order(desk) -> None:
    trace = Trace(desk.root, RUN).start()
    trace.call(1, "read")
    trace.called(1, "hit")
    trace.call(2, "trend")
    first, second = calls(desk.project, RUN)
    assert (first.name, first.state) == ("read", CallState.HIT)
    assert (second.name, second.state) == ("trend", CallState.RUNNING)


def test_ended_runs_are_read_once(desk, monkeypatch) -> None:
    Trace(desk.root, RUN).start(argv=["--x"], parameters={"window": [1, None]}).end(3, "failed")
    before = runs(desk.project)
    assert before[0].state is RunState.FAILED
    assert len(index_files(desk)) == 1
    monkeypatch.setattr("jobtui_core.project.running.history.RunReader", None)
    assert runs(desk.project) == before


def test_a_run_that_gets_more_events_is_read_again(desk) -> None:
    trace = Trace(desk.root, RUN).start().end()
    assert runs(desk.project)[0].computed == 0
    trace.call(1, "late")
    trace.called(1)
    assert runs(desk.project)[0].computed == 1


def test_active_runs_are_not_remembered(desk) -> None:
    trace = Trace(desk.root, RUN).start()
    assert [info.id for info in active(desk.project)] == [RUN]
    assert index_files(desk) == []
    trace.end()
    assert active(desk.project) == ()
    assert runs(desk.project)[0].state is RunState.DONE


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\x00\xff",
        b"[1]",
        b'{"format": 1}',
        b'{"format": 1, "runs": []}',
        b'{"format": 99, "runs": {}}',
        json.dumps({"format": 1, "runs": {RUN: 3}}).encode(),
        json.dumps({"format": 1, "runs": {RUN: {"signature": [], "info": {}}}}).encode(),
    ],
)
def test_a_broken_index_costs_nothing_but_time(desk, text: bytes) -> None:
    Trace(desk.root, RUN).start().end()
    before = runs(desk.project)
    (index,) = index_files(desk)
    index.write_bytes(text)
    assert runs(desk.project) == before
    assert json.loads(index.read_bytes())["runs"].keys() == {RUN}


def test_an_index_with_other_fields_is_read_anew(desk) -> None:
    Trace(desk.root, RUN).start().end()
    before = runs(desk.project)
    (index,) = index_files(desk)
    data = json.loads(index.read_bytes())
    data["runs"][RUN]["info"]["of a newer version"] = 1
    index.write_text(json.dumps(data))
    assert runs(desk.project) == before


def test_an_index_that_cannot_be_written_is_done_without(desk) -> None:
    Trace(desk.root, RUN).start().end()
    (desk.root / ".jobtui/index").write_text("in the way")
    assert [info.id for info in runs(desk.project)] == [RUN]


def test_runs_that_were_deleted_leave_the_index(desk) -> None:
    Trace(desk.root, RUN).start().end()
    trace = Trace(desk.root, OTHER).start().end()
    runs(desk.project)
    for path in trace.folder.iterdir():
        path.unlink()
    trace.folder.rmdir()
    assert [info.id for info in runs(desk.project)] == [RUN]
    (index,) = index_files(desk)
    assert json.loads(index.read_bytes())["runs"].keys() == {RUN}


def test_folders_in_which_nothing_was_written_yet_are_no_runs(desk) -> None:
    (desk.root / ".jobtui/runs" / RUN).mkdir(parents=True)
    (desk.root / ".jobtui/runs/.hidden").mkdir()
    (desk.root / ".jobtui/runs/notes.txt").touch()
    assert runs(desk.project) == ()


def test_a_queue_that_no_supervisor_took_over_is_given_up(desk) -> None:
    import os

    trace = Trace(desk.root, RUN)
    queue = desk.root / ".jobtui/queues" / OTHER
    queue.mkdir(parents=True)
    trace.write("run_queued", run=RUN, script="a.py", argv=[], parameters={}, queue=OTHER, order=0)
    assert run_info(desk.project, RUN).state is RunState.QUEUED
    long_ago = time.time() - 3600
    os.utime(queue, (long_ago, long_ago))
    assert run_info(desk.project, RUN).state is RunState.DIED


def test_a_queued_run_whose_queue_was_deleted_will_never_come(desk) -> None:
    trace = Trace(desk.root, RUN)
    trace.write("run_queued", run=RUN, script="a.py", argv=[], parameters={}, queue=OTHER, order=0)
    info = run_info(desk.project, RUN)
    assert info.state is RunState.DIED
    assert info.error


def test_a_thousand_runs_are_listed_at_once(desk) -> None:
    events = (Trace(desk.root, RUN).start().end().folder / "events.jsonl").read_bytes()
    for number in range(999):
        folder = desk.root / f".jobtui/runs/2026-11-22T10-14-07-{number:04x}"
        folder.mkdir()
        (folder / "events.jsonl").write_bytes(events)
    assert len(runs(desk.project)) == 1000
    begin = time.process_time()
    assert len(runs(desk.project)) == 1000
    # Some 30 ms; a busy machine gets ten times that.
    assert time.process_time() - begin < 0.3


def test_reading_loads_nothing_that_only_running_needs() -> None:
    code = (
        "import sys; import jobtui_core.project as p; p.runs; p.read_log; p.Follower; p.calls;"
        "print([n for n in ('subprocess', 'graphlib', 'signal', 'psutil', 'asyncio', 'numpy',"
        " 'jobtui_core.project.starting', 'jobtui_core.project.running.supervisor',"
        " 'jobtui_core.project.running.cancelling') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.timeout(20)
def test_links_and_pipes_among_the_runs_hide_none_and_hold_nobody_up(desk) -> None:
    Trace(desk.root, RUN).start().end()
    folder = desk.root / ".jobtui" / "runs"
    (folder / "loop").symlink_to("loop")
    (folder / RUN / "events-loop-1.jsonl").symlink_to("events-loop-1.jsonl")
    os.mkfifo(folder / RUN / "events-here-2.jsonl")
    os.mkfifo(folder / RUN / "output.log")
    (info,) = runs(desk.project)
    assert (info.id, info.state) == (RUN, RunState.DONE)
    assert read_log(desk.project, RUN).text == ""


def test_all_that_is_known_of_a_run_comes_back_from_the_index(desk) -> None:
    trace = Trace(desk.root, RUN).start(
        argv=["--x"], parameters={"a": 0}, user="u", python="3.12", job="slurm:1", parent="p",
        git={"commit": "c", "dirty": False},
    )  # fmt: skip
    trace.write("parameter", name="a", value=0, default=1)
    trace.call(1, "f")
    trace.called(1, "hit", saved=2.0)
    trace.end(0)
    before = runs(desk.project)
    assert len(index_files(desk)) == 1
    assert runs(desk.project) == before
    assert (before[0].code, before[0].dirty, before[0].values) == (0, False, {"a": 0})
