"""Runs belong to the project: they go on without the app, and any app shows them."""

from __future__ import annotations

import signal

import pytest

from jobtui_core.records import RunState
from tests.end_to_end.conftest import SUMS, WAITING, Folder
from tests.end_to_end.terminal import Terminal


@pytest.fixture
def gated(folder: Folder) -> Folder:
    """The project with a second script, first by name, which waits until it is let through."""
    folder.write("awaiting.py", WAITING)
    folder.make_gate()
    return folder


def states(folder: Folder) -> dict[str, RunState]:
    return {run.script: run.state for run in folder.runs()}


def test_killing_the_app_stops_neither_the_run_nor_the_queue(gated):
    app = gated.app()
    app.wait_for(r"sums\.py +2 new")
    app.press("R")
    app.wait_for(r"3 will run")
    app.press("enter")
    app.wait_for(r"● running +wait")
    app.wait_for(r"waiting at the gate")
    assert states(gated) == {"awaiting.py": RunState.RUNNING, "sums.py": RunState.QUEUED}
    app.kill()

    assert states(gated) == {"awaiting.py": RunState.RUNNING, "sums.py": RunState.QUEUED}
    gated.open_gate()
    gated.wait_for_runs(lambda runs: all(run.state is RunState.DONE for run in runs))
    app = gated.app()
    app.wait_for(r"= fresh +wait")
    app.wait_for(r"sums\.py +all 2 steps fresh")
    app.press("G", "l")
    app.wait_for(r"scaling by 2")


def test_quitting_during_a_run_asks_and_staying_or_leaving_lets_it_go_on(gated):
    app = start_waiting(gated)
    app.press("q")
    app.wait_for(r"s +stay")
    app.wait_for(r"A run goes on without this screen")
    app.press("s")
    app.wait_until_gone(r"A run goes on without this screen")
    app.press("q")
    app.wait_for(r"l +quit, and leave it running")
    app.press("l")
    assert app.wait_for_end() == 0
    assert [run.state for run in gated.active()] == [RunState.RUNNING]

    app = gated.app()
    app.wait_for(r"● running +wait")
    app.wait_for(r"waiting at the gate")
    gated.open_gate("many thanks")
    app.wait_for(r"= fresh +wait")
    app.wait_for(r"let through with many thanks")


def test_quitting_can_cancel_the_run(gated):
    app = start_waiting(gated)
    app.press("q")
    app.wait_for(r"c +cancel it, and quit")
    app.press("c")
    assert app.wait_for_end() == 0
    assert not gated.active()
    assert states(gated) == {"awaiting.py": RunState.CANCELLED}
    app = gated.app()
    app.wait_for(r"~ stale +wait +its last run ended before it was done")


def test_a_run_can_be_cancelled_without_leaving(gated):
    app = start_waiting(gated)
    app.press("q")
    app.wait_for(r"x +cancel it, and stay")
    app.press("x")
    app.wait_for(r"~ stale +wait")
    app.wait_until_gone(r"running \d")
    assert states(gated) == {"awaiting.py": RunState.CANCELLED}
    app.press("q")
    assert app.wait_for_end() == 0


def test_a_terminal_that_vanishes_ends_the_app_and_not_the_run(gated):
    app = start_waiting(gated)
    app.vanish()
    assert app.wait_for_end() in {0, 1, -signal.SIGHUP}
    assert [run.state for run in gated.active()] == [RunState.RUNNING]
    gated.open_gate()
    gated.wait_for_runs(lambda runs: runs[0].state is RunState.DONE)


def test_a_script_started_elsewhere_is_shown_live(gated):
    app = gated.app()
    app.wait_for(r"· new +wait")
    process = gated.python("awaiting.py")
    app.wait_for(r"● running +wait")
    app.wait_for(r"running 1")
    app.wait_for(r"waiting at the gate")
    gated.open_gate()
    app.wait_for(r"= fresh +wait")
    app.wait_for(r"let through with thanks")
    app.wait_until_gone(r"running 1")
    out, _ = process.communicate(timeout=30)
    assert out == "waiting at the gate\nlet through with thanks\n"


def test_what_is_said_of_a_run_changes_with_its_end_although_the_step_does_not(folder):
    folder.write("sums.py", SUMS + '\nopen("gate").close()\n')
    folder.make_gate()
    app = folder.app()
    app.wait_for(r"sums\.py +2 new")
    process = folder.python("sums.py")
    app.wait_for(r"= fresh +read")
    app.press("j")
    app.wait_for(r"= fresh +read +sums\.py:\d+")
    app.wait_for(r"│ running *$")
    folder.open_gate("")
    app.wait_for(r"│ done *$")
    assert process.wait(30) == 0


def test_two_apps_show_the_same_run(gated):
    other = gated.app()
    other.wait_for(r"· new +wait")
    app = start_waiting(gated)
    other.wait_for(r"● running +wait")
    gated.open_gate()
    other.wait_for(r"= fresh +wait")
    app.wait_for(r"= fresh +wait")


def start_waiting(folder: Folder) -> Terminal:
    """Start the script that waits from an app, and give the app."""
    app = folder.app()
    app.wait_for(r"· new +wait")
    app.press("j")
    app.wait_for(r"· new +wait +awaiting\.py:\d+")
    app.press("r")
    app.wait_for(r"● running +wait")
    app.wait_for(r"waiting at the gate")
    app.wait_until_gone(r"Nothing was printed")
    return app
