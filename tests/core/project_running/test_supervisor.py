"""A queue runs to its end whatever happens to those who asked, and whatever its scripts do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from jobtui_core.project import queue_state, read_log, run_info, runs
from jobtui_core.records import RunState
from tests.support import wait_until

ASK = """
import sys, time
from jobtui_core.project import open_project, start
from jobtui_core.records import RunRequest

queue = start(open_project("."), RunRequest(scripts=("a.py", "b.py"), argv=()), after={})
print(queue.id, *queue.runs, flush=True)
time.sleep(600)
"""


def test_the_second_script_runs_although_the_asker_was_killed(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go')")
    desk.script("b.py", "note('b')")
    asker = subprocess.Popen(
        [sys.executable, "-c", ASK], cwd=desk.root, stdout=subprocess.PIPE, text=True
    )
    with asker:
        assert asker.stdout is not None
        queue, _, second = asker.stdout.readline().split()
        desk.reached("a-runs")
        asker.kill()
    assert desk.notes() == []
    desk.reach("go")
    wait_until(lambda: queue_state(desk.project, queue).state == "done")
    assert desk.notes() == ["b"]
    assert run_info(desk.project, second).state is RunState.DONE


def test_a_hang_up_of_the_whole_session_ends_nothing(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go')")
    desk.script("b.py", "note('b')")
    asker = subprocess.Popen(
        [sys.executable, "-c", ASK],
        cwd=desk.root,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with asker:
        assert asker.stdout is not None
        queue, *_ = asker.stdout.readline().split()
        desk.reached("a-runs")
        supervisor = queue_state(desk.project, queue).supervisor
        assert supervisor is not None
        os.killpg(asker.pid, signal.SIGHUP)
        os.kill(supervisor.pid, signal.SIGHUP)
    desk.reach("go")
    wait_until(lambda: queue_state(desk.project, queue).state == "done")
    assert desk.notes() == ["b"]


def test_scripts_run_one_after_the_other_in_the_order_given(desk) -> None:
    for name in "dbca":
        desk.script(f"{name}.py", f"note('{name} begins'); note('{name} ends')")
    done = desk.run("d.py", "b.py", "c.py", "a.py")
    assert desk.notes() == [f"{name} {what}" for name in "dbca" for what in ("begins", "ends")]
    assert [run.script for run in done] == ["d.py", "b.py", "c.py", "a.py"]
    assert [run.script for run in runs(desk.project)] == ["a.py", "c.py", "b.py", "d.py"]


def test_two_at_a_time_means_two_and_not_three(desk) -> None:
    desk.script("a.py", "reach('a'); wait_for('b'); wait_for('go')")
    desk.script("b.py", "reach('b'); wait_for('a'); wait_for('go')")
    desk.script("c.py", "note('c')")
    queue = desk.start("a.py", "b.py", "c.py", jobs=2)
    desk.reached("a")
    desk.reached("b")
    states = [run_info(desk.project, run).state for run in queue.runs]
    assert states == [RunState.RUNNING, RunState.RUNNING, RunState.QUEUED]
    assert desk.notes() == []
    desk.reach("go")
    assert [run.state for run in desk.finish(queue)] == [RunState.DONE] * 3


def test_what_reads_files_of_a_failed_script_is_not_started_and_the_rest_is(desk) -> None:
    desk.script("a.py", "raise ValueError('no data')")
    desk.script("b.py", "note('b')")
    desk.script("c.py", "note('c')")
    desk.script("d.py", "note('d')")
    first, second, third, fourth = desk.run(
        "a.py", "b.py", "c.py", "d.py", after={"b.py": ("a.py",), "c.py": ("b.py",)}
    )
    assert first.state is RunState.FAILED
    assert first.error == "ValueError: no data"
    assert second.state is RunState.CANCELLED
    assert second.error == "Not started: it reads what a.py makes, and a.py did not finish."
    assert third.state is RunState.CANCELLED
    assert fourth.state is RunState.DONE
    assert desk.notes() == ["d"]


def test_what_reads_files_of_another_waits_for_it_whatever_the_order(desk) -> None:
    desk.script("reader.py", "note('reader')")
    desk.script("writer.py", "note('writer')")
    desk.run("reader.py", "writer.py", jobs=2, after={"reader.py": ("writer.py",)})
    assert desk.notes() == ["writer", "reader"]


def test_two_queues_run_side_by_side(desk) -> None:
    desk.script("a.py", "reach('a'); wait_for('b')")
    desk.script("b.py", "reach('b'); wait_for('a')")
    one, other = desk.start("a.py"), desk.start("b.py")
    for queue in (one, other):
        assert [run.state for run in desk.finish(queue)] == [RunState.DONE]


def test_a_killed_supervisor_leaves_its_script_running_and_the_rest_is_lost(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go'); note('a')")
    desk.script("b.py", "note('b')")
    queue = desk.start("a.py", "b.py")
    desk.reached("a-runs")
    supervisor = queue_state(desk.project, queue.id).supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_until(lambda: queue_state(desk.project, queue.id).state == "died")
    first, second = (run_info(desk.project, run) for run in queue.runs)
    assert first.state is RunState.RUNNING
    assert second.state is RunState.DIED
    assert second.error
    desk.reach("go")
    wait_until(lambda: desk.notes() == ["a"])
    wait_until(lambda: not run_info(desk.project, queue.runs[0]).state.active)


def test_a_signal_to_the_supervisor_cancels_its_queue(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('never')")
    desk.script("b.py", "note('b')")
    queue = desk.start("a.py", "b.py")
    desk.reached("a-runs")
    supervisor = queue_state(desk.project, queue.id).supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGTERM)
    assert [run.state for run in desk.finish(queue)] == [RunState.CANCELLED] * 2
    assert desk.notes() == []


# Scripts that misbehave ----------------------------------------------------------------------


def test_an_exit_code_is_kept(desk) -> None:
    desk.plain("a.py", "import sys; print('giving up'); sys.exit(3)")
    (run,) = desk.run("a.py")
    assert (run.state, run.code, run.signal) == (RunState.FAILED, 3, None)
    assert run.error == "giving up"


def test_a_script_that_kills_itself_has_its_signal_kept(desk) -> None:
    desk.plain("a.py", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    (run,) = desk.run("a.py")
    assert (run.state, run.code, run.signal) == (RunState.FAILED, None, signal.SIGKILL)
    assert "SIGKILL" in run.error


def test_a_syntax_error_is_a_failed_run_with_the_error_in_the_log(desk) -> None:
    desk.plain("a.py", "print('x'\n")
    (run,) = desk.run("a.py")
    assert run.state is RunState.FAILED
    assert run.error.startswith("SyntaxError")


def test_reading_input_gets_its_end_at_once(desk) -> None:
    desk.plain("a.py", "print(repr(input('name? ')))")
    (run,) = desk.run("a.py")
    assert run.state is RunState.FAILED
    assert run.error.startswith("EOFError")


def test_a_child_that_keeps_the_output_open_holds_up_nothing(desk) -> None:
    desk.script(
        "a.py",
        """
        import os
        if os.fork() == 0:
            wait_for("go")
            print("the child, later", flush=True)
            os._exit(0)
        print("the parent", flush=True)
        """,
    )
    desk.script("b.py", "note('b')")
    first, second = desk.run("a.py", "b.py")
    assert first.state is second.state is RunState.DONE
    assert desk.output(first.id) == "the parent\n"
    desk.reach("go")
    wait_until(lambda: "the child, later" in desk.output(first.id))


def test_megabytes_of_output_arrive(desk) -> None:
    desk.plain("a.py", "import sys\nfor n in range(64): sys.stdout.write('x' * 65535 + '\\n')")
    (run,) = desk.run("a.py")
    assert run.state is RunState.DONE
    assert len(desk.output(run.id)) == 64 * 65536


def test_binary_output_is_kept_as_it_is_and_read_with_replacements(desk) -> None:
    desk.plain(
        "a.py",
        "import sys; sys.stdout.buffer.write(bytes(range(256)) + b'\\x1b[31mred'); sys.exit(1)",
    )
    (run,) = desk.run("a.py")
    raw = (desk.root / ".jobtui/runs" / run.id / "output.log").read_bytes()
    assert raw == bytes(range(256)) + b"\x1b[31mred"
    assert read_log(desk.project, run.id).text == raw.decode("utf-8", "replace")
    assert run.error.isprintable()


def test_a_script_deleted_before_its_turn_fails_with_the_reason(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go')")
    desk.script("b.py", "note('b')")
    queue = desk.start("a.py", "b.py")
    desk.reached("a-runs")
    (desk.root / "b.py").unlink()
    desk.reach("go")
    first, second = desk.finish(queue)
    assert first.state is RunState.DONE
    assert second.state is RunState.FAILED
    assert "b.py" in second.error


def test_a_script_deleted_while_it_runs_goes_on(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go'); note('a')")
    queue = desk.start("a.py")
    desk.reached("a-runs")
    (desk.root / "a.py").unlink()
    desk.reach("go")
    assert [run.state for run in desk.finish(queue)] == [RunState.DONE]
    assert desk.notes() == ["a"]


def test_the_queue_goes_on_without_records_when_they_are_deleted(desk) -> None:
    desk.script("a.py", "reach('a-runs'); wait_for('go')")
    desk.script("b.py", "note('b')")
    queue = desk.start("a.py", "b.py")
    desk.reached("a-runs")
    shutil.rmtree(desk.root / ".jobtui/runs" / queue.runs[0])
    desk.reach("go")
    wait_until(lambda: queue_state(desk.project, queue.id).state == "done")
    assert desk.notes() == ["b"]
    assert [run.id for run in runs(desk.project)] == [queue.runs[1]]


def test_the_end_of_a_run_is_written_once_that_is_possible_again(desk) -> None:
    # As a disk that is full for a while: events cannot be written, then they can.
    desk.script(
        "a.py",
        """
        import os, pathlib
        events = pathlib.Path(".jobtui/runs", os.environ["JOBTUI_RUN"], "events.jsonl")
        events.rename(events.with_name("aside"))
        events.mkdir()
        """,
    )
    desk.script("b.py", "reach('b-runs'); wait_for('go')")
    queue = desk.start("a.py", "b.py")
    desk.reached("b-runs")
    assert run_info(desk.project, queue.runs[1]).state is RunState.RUNNING
    folder = desk.root / ".jobtui/runs" / queue.runs[0]
    (folder / "events.jsonl").rmdir()
    (folder / "aside").rename(folder / "events.jsonl")
    desk.reach("go")
    assert [run.state for run in desk.finish(queue)] == [RunState.DONE] * 2


def test_half_a_line_that_a_killed_script_left_does_not_hide_the_end(desk) -> None:
    desk.plain(
        "a.py",
        """
        import os, pathlib, signal
        run = pathlib.Path(".jobtui/runs", os.environ["JOBTUI_RUN"])
        with (run / "events.jsonl").open("a") as file:
            file.write('{"event": "call_st')
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    (run,) = desk.run("a.py")
    assert (run.state, run.signal) == (RunState.FAILED, signal.SIGKILL)


def test_ctrl_c_reaches_scripts_although_the_asker_ignores_it(desk) -> None:
    desk.plain("a.py", "import signal; print(signal.getsignal(signal.SIGINT).__name__)")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        (run,) = desk.run("a.py")
    finally:
        signal.signal(signal.SIGINT, before)
    assert desk.output(run.id) == "default_int_handler\n"
