"""A run ends when somebody asks, whoever started it, and no other process is ever hit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from jobtui_core.errors import RunError, UnknownNameError
from jobtui_core.project import cancel, queue_state, run_info
from jobtui_core.project.running.processes import identify
from jobtui_core.records import RunState
from tests.support import wait_until

STUBBORN = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
reach("running")
wait_for("never", 600)
"""


def test_a_running_script_gets_ctrl_c_and_may_tidy_up(desk) -> None:
    desk.script(
        "a.py",
        """
        try:
            reach("running")
            wait_for("never")
        finally:
            note("tidied up")
        """,
    )
    queue = desk.start("a.py")
    desk.reached("running")
    assert cancel(desk.project, queue.runs[0]) == queue.runs
    (run,) = desk.finish(queue)
    assert run.state is RunState.CANCELLED
    assert desk.notes() == ["tidied up"]


def test_the_rest_of_the_queue_goes_on_when_one_run_is_cancelled(desk) -> None:
    desk.script("a.py", "reach('running'); wait_for('never')")
    desk.script("b.py", "note('b')")
    queue = desk.start("a.py", "b.py")
    desk.reached("running")
    cancel(desk.project, queue.runs[0])
    assert [run.state for run in desk.finish(queue)] == [RunState.CANCELLED, RunState.DONE]


def test_a_script_that_ignores_ctrl_c_is_killed(desk) -> None:
    desk.script("a.py", STUBBORN)
    queue = desk.start("a.py", grace=0.1)
    desk.reached("running")
    cancel(desk.project, queue.runs[0])
    (run,) = desk.finish(queue)
    assert (run.state, run.signal) == (RunState.CANCELLED, signal.SIGKILL)


def test_children_of_a_cancelled_script_end_with_it(desk) -> None:
    desk.script(
        "a.py",
        """
        import os, signal
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            note(str(os.getpid()))
            reach("running")
            wait_for("never", 600)
        wait_for("never", 600)
        """,
    )
    queue = desk.start("a.py", grace=0.2)
    desk.reached("running")
    child = identify(int(desk.notes()[0]))
    cancel(desk.project, queue.runs[0])
    desk.finish(queue)
    wait_until(lambda: not child.alive)


def test_a_queued_run_is_dropped_and_what_waits_for_it_too(desk) -> None:
    desk.script("a.py", "reach('running'); wait_for('go')")
    for name in "bcd":
        desk.script(f"{name}.py", f"note('{name}')")
    queue = desk.start("a.py", "b.py", "c.py", "d.py", after={"c.py": ("b.py",)})
    desk.reached("running")
    cancel(desk.project, queue.runs[1])
    wait_until(lambda: run_info(desk.project, queue.runs[2]).state is RunState.CANCELLED)
    desk.reach("go")
    states = [run.state for run in desk.finish(queue)]
    assert states == [RunState.DONE, RunState.CANCELLED, RunState.CANCELLED, RunState.DONE]
    assert desk.notes() == ["d"]


def test_a_whole_queue_is_cancelled_at_once(desk) -> None:
    desk.script("a.py", "reach('running'); wait_for('never')")
    desk.script("b.py", "note('b')")
    queue = desk.start("a.py", "b.py")
    desk.reached("running")
    assert cancel(desk.project, queue=queue.id) == queue.runs
    assert [run.state for run in desk.finish(queue)] == [RunState.CANCELLED] * 2
    assert desk.notes() == []


def test_everything_active_is_cancelled_at_once(desk) -> None:
    desk.script("a.py", "reach('a'); wait_for('never')")
    desk.script("b.py", "reach('b'); wait_for('never')")
    queues = desk.start("a.py"), desk.start("b.py")
    desk.reached("a")
    desk.reached("b")
    assert set(cancel(desk.project)) == {run for queue in queues for run in queue.runs}
    for queue in queues:
        assert [run.state for run in desk.finish(queue)] == [RunState.CANCELLED]


def test_what_has_ended_is_not_cancelled_and_no_error(desk) -> None:
    desk.plain("a.py", "")
    (run,) = desk.run("a.py")
    assert cancel(desk.project, run.id) == ()
    assert cancel(desk.project, queue=run.queue) == ()
    assert cancel(desk.project) == ()
    assert run_info(desk.project, run.id).state is RunState.DONE


def test_a_script_that_ends_well_in_spite_of_ctrl_c_is_done(desk) -> None:
    desk.script(
        "a.py",
        """
        try:
            reach("running")
            wait_for("never")
        except KeyboardInterrupt:
            print("as far as I came")
        """,
    )
    queue = desk.start("a.py")
    desk.reached("running")
    cancel(desk.project, queue.runs[0])
    assert [run.state for run in desk.finish(queue)] == [RunState.DONE]


def test_unknown_names_are_refused(desk) -> None:
    with pytest.raises(UnknownNameError):
        cancel(desk.project, "2026-01-01T00-00-00-0000")
    with pytest.raises(UnknownNameError):
        cancel(desk.project, queue="../../elsewhere")


# Without a supervisor ------------------------------------------------------------------------


def kill_supervisor(desk, queue) -> None:
    supervisor = queue_state(desk.project, queue.id).supervisor
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_until(lambda: queue_state(desk.project, queue.id).state == "died")


def test_a_run_whose_supervisor_died_is_cancelled_directly(desk) -> None:
    desk.script("a.py", "reach('running'); wait_for('never')")
    queue = desk.start("a.py")
    desk.reached("running")
    process = queue_state(desk.project, queue.id).processes[queue.runs[0]]
    kill_supervisor(desk, queue)
    assert cancel(desk.project, queue.runs[0]) == queue.runs
    assert not process.alive
    assert run_info(desk.project, queue.runs[0]).state is RunState.CANCELLED


def test_without_a_supervisor_too_what_ignores_ctrl_c_is_killed(desk) -> None:
    desk.script("a.py", STUBBORN)
    queue = desk.start("a.py")
    desk.reached("running")
    process = queue_state(desk.project, queue.id).processes[queue.runs[0]]
    kill_supervisor(desk, queue)
    cancel(desk.project, queue=queue.id, grace=0.1)
    assert not process.alive
    run = run_info(desk.project, queue.runs[0])
    assert (run.state, run.signal) == (RunState.CANCELLED, signal.SIGKILL)


def by_hand(desk, process: object, **changes: object) -> str:
    """Write the trace of a run that somebody started in a terminal."""
    run = "2026-11-22T10-14-05-ab12"
    folder = desk.root / ".jobtui/runs" / run
    folder.mkdir(parents=True)
    event = {
        "event": "run_start", "version": 1, "time": time.time(), "run": run, "script": "a.py",
        "argv": [], "parameters": {}, "host": process.host, "boot": process.boot,
        "pid": process.pid, "pid_start": process.start, "started_by": "hand", **changes,
    }  # fmt: skip
    (folder / "events.jsonl").write_text(json.dumps(event) + "\n")
    return run


def test_a_run_started_by_hand_is_cancelled_with_all_of_its_group(desk) -> None:
    desk.script("a.py", "reach('running'); wait_for('never')")
    script = subprocess.Popen(
        [sys.executable, "a.py"], cwd=desk.root, process_group=0, stderr=subprocess.DEVNULL
    )
    desk.reached("running")
    run = by_hand(desk, identify(script.pid))
    assert cancel(desk.project, run) == (run,)
    assert script.wait() == -signal.SIGINT
    assert run_info(desk.project, run).state is RunState.CANCELLED


def test_a_run_in_a_foreign_group_is_hit_alone(desk) -> None:
    desk.script("a.py", "reach('running'); wait_for('never')")
    # As a Makefile or a test would: the script is in the group of this very process.
    script = subprocess.Popen([sys.executable, "a.py"], cwd=desk.root, stderr=subprocess.DEVNULL)
    desk.reached("running")
    run = by_hand(desk, identify(script.pid))
    cancel(desk.project, run)
    assert script.wait() == -signal.SIGINT


def test_a_number_that_was_given_to_another_process_is_left_alone(desk) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with bystander:
        now = identify(bystander.pid)
        run = by_hand(desk, now, pid_start=(now.start or 0.0) - 500.0)
        assert run_info(desk.project, run).state is RunState.DIED
        assert cancel(desk.project, run) == ()
        assert bystander.poll() is None
        assert bystander.stdin is not None
        bystander.stdin.write(b"\n")
    assert bystander.returncode == 0


@pytest.mark.parametrize(
    ("job", "command"), [(None, "ssh node17 kill -INT"), ("slurm:1234", "scancel 1234")]
)
def test_a_run_on_another_host_is_refused_with_the_command(desk, job: str, command: str) -> None:
    run = by_hand(desk, identify(), host="node17", job=job)
    with pytest.raises(RunError, match="node17") as caught:
        cancel(desk.project, run)
    assert command in str(caught.value)
    assert caught.value.host == "node17"
