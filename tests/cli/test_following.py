"""What ``jobtui run`` prints while runs go on, told by records instead of processes."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest

import jobtui_core.project
from jobtui.cli.following import RunPrinter, show_runs
from jobtui.cli.main import main
from jobtui.cli.output import Output
from jobtui.cli.signals import Signals
from jobtui_core.records import (
    CallInfo,
    CallState,
    Held,
    HeldRow,
    Plan,
    PlanAction,
    PlanRow,
    Progress,
    ProjectStatus,
    RunInfo,
    RunState,
)

RUN = "2026-11-22T10-14-05-ab12"


def info(state: RunState, script: str = "co2.py", run: str = RUN, **fields) -> RunInfo:
    return RunInfo(id=run, script=script, state=state, **fields)


def call(name: str, state: CallState, number: int = 1, **fields) -> CallInfo:
    return CallInfo(
        id=f"7-{number}",
        run=RUN,
        function=f"co2:{name}",
        name=name,
        kind="step",
        state=state,
        **fields,
    )


def changed(run: RunInfo, told: CallInfo | None = None) -> SimpleNamespace:
    return SimpleNamespace(kind="run" if told is None else "call", run=run, call=told)


@pytest.fixture
def follow(monkeypatch, capsys):
    """Plays changes (or calls functions in their place) and gives exit code and text."""

    def play(*moments, log="", runs=(RUN,), output=None, plan=None, held=None):
        data = log.encode()
        cancelled = []

        def follow_queue(project, queue):
            for moment in moments:
                if callable(moment):
                    moment()
                    yield ()
                else:
                    yield moment

        def read_log(project, run, *, start=0, limit=None):
            end = len(data) if limit is None else min(len(data), start + limit)
            return SimpleNamespace(
                text=data[start:end].decode(), start=start, end=end, more=end < len(data)
            )

        def cancel(project, run=None, *, queue=None):
            cancelled.append(queue)

        def held_plan(project, run):
            return held

        for function in (follow_queue, read_log, cancel, held_plan):
            monkeypatch.setitem(vars(jobtui_core.project), function.__name__, function)
        queue = SimpleNamespace(id="q1", runs=runs)
        with Signals() as signals:
            code = show_runs(None, queue, plan or Plan(), output or Output(), signals)
        return code, capsys.readouterr().out, cancelled

    return play


def test_the_clocks_say_how_far_calls_and_scripts_are(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 130.0)
    printer = RunPrinter(None, Plan(), Output(), several=False)
    monkeypatch.setattr(printer, "_log", lambda run, until=None: None)
    told = {
        "fit": Progress(done=25, total=100, label="epoch"),
        "read": Progress(done=1234, unit="rows"),
        "tell": Progress(done=0, total=9),
        "mute": None,
    }
    script = info(RunState.RUNNING, progress=Progress(done=1, total=2, label="subjects"))
    printer.show(
        tuple(
            changed(script, call(name, CallState.RUNNING, number, started=100.0, progress=one))
            for number, (name, one) in enumerate(told.items())
        )
    )
    assert printer.clocks() == [
        "● co2.py  subjects  50%",
        "● co2.py  fit  30 s  epoch  25%, about 90 s left",
        "● co2.py  read  30 s  1,234 rows",
        "● co2.py  tell  30 s  0%",
        "● co2.py  mute  30 s",
    ]


def test_calls_and_output_are_printed_in_the_order_in_which_they_happened(follow):
    running, done = info(RunState.RUNNING), info(RunState.DONE, hits=1, computed=1)
    code, text, _ = follow(
        (
            changed(running),
            changed(running, call("read", CallState.HIT, 1, log=(0, 0))),
            changed(running, call("trend", CallState.COMPUTED, 2, duration=0.25, log=(0, 6))),
        ),
        (changed(done),),
        log="first\nafter\nno end",
    )
    assert code == 0
    assert text == (
        f"co2.py: run {RUN}\n"
        "= read  from the cache\n"
        "  first\n"
        "+ trend  computed in 250 ms\n"
        "  after\n"
        "  no end\n"
        "co2.py: done (1 computed, 1 from the cache)\n"
    )


def test_a_step_that_was_cancelled_is_not_said_to_have_failed(follow):
    running, cancelled = info(RunState.RUNNING), info(RunState.CANCELLED, failed=1)
    told = call("trend", CallState.FAILED, duration=3.0, error="KeyboardInterrupt")
    code, text, _ = follow((changed(running, told),), (changed(cancelled),))
    assert code == 1
    assert "- trend  cancelled after 3.0 s\n" in text
    assert "failed" not in text


def test_a_failed_run_says_what_ended_it_and_gives_1(follow):
    failed = info(RunState.FAILED, error="ValueError: no data", failed=1)
    told = call("trend", CallState.FAILED, duration=1.0, error="ValueError: no data")
    code, text, _ = follow((changed(failed, told), changed(failed)))
    assert code == 1
    assert "✗ trend  failed in 1.0 s: ValueError: no data" in text
    assert "co2.py: failed: ValueError: no data" in text
    assert f"jobtui log {RUN}" in text


def test_a_run_that_never_got_its_turn_counts_as_not_done(follow):
    waiting, cancelled = info(RunState.QUEUED), info(RunState.CANCELLED, error="Not started")
    code, text, _ = follow((changed(waiting),), (changed(cancelled),))
    assert code == 1
    assert "cancelled: Not started" in text


def test_thousands_of_calls_of_one_function_are_counted_not_listed(follow):
    running, done = info(RunState.RUNNING), info(RunState.DONE)
    calls = [changed(running, call("f", CallState.COMPUTED, n, duration=0.1)) for n in range(1000)]
    _, text, _ = follow(tuple(calls), (changed(done),))
    assert text.count("computed in") == 20
    assert "f: 980 more calls" in text


def test_output_of_several_scripts_bears_their_names(follow):
    running, done = info(RunState.RUNNING), info(RunState.DONE)
    _, text, _ = follow((changed(running),), (changed(done),), log="hello\n", runs=(RUN, "b"))
    assert "  co2.py| hello\n" in text


def test_escapes_in_output_are_not_obeyed(follow, terminal):
    done = info(RunState.DONE)
    follow((changed(done),), log="\x1b[2J\x1b]0;title\x07\n", output=Output(terminal))
    assert "\x1b[2J" not in terminal.getvalue()
    assert "\x1b]0" not in terminal.getvalue()


def test_a_terminal_shows_what_is_running_and_how_long_it_took_before(follow, terminal):
    running, done = info(RunState.RUNNING), info(RunState.DONE)
    plan = Plan(
        rows=(
            PlanRow(
                script="co2.py",
                step="trend",
                function="co2:trend",
                action=PlanAction.RUN,
                duration=8.2,
            ),
        )
    )
    follow(
        (changed(running, call("trend", CallState.RUNNING)),),
        (changed(done),),
        output=Output(terminal),
        plan=plan,
    )
    assert "● co2.py  trend  0 ms of about 8.2 s" in terminal.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_cancels_and_the_end_is_still_told(follow, number):
    running, cancelled = info(RunState.RUNNING), info(RunState.CANCELLED)
    code, text, asked = follow(
        (changed(running),), lambda: os.kill(os.getpid(), number), (), (changed(cancelled),)
    )
    assert code == 1
    assert asked == ["q1"]
    assert "co2.py: cancelled" in text


def test_the_second_signal_stops_watching(follow):
    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)

    running, done = info(RunState.RUNNING), info(RunState.DONE)
    code, text, asked = follow((changed(running),), interrupt, interrupt, (), (changed(done),))
    assert code == 1
    assert asked == ["q1"]
    assert "done" not in text


def test_signals_that_were_ignored_stay_ignored():
    """As under nohup, and for what a shell's script puts into the background."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signal_handlers_are_put_back():
    before = signal.getsignal(signal.SIGINT)
    with Signals():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_running_all_of_a_project_from_a_folder_in_it_says_so(
    facade, capsys, monkeypatch, tmp_path
):
    monkeypatch.setattr(type(facade.open_project()), "root", tmp_path)
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    main(["run"])
    assert f"project {tmp_path}, all of its scripts" in capsys.readouterr().out


def test_nothing_to_run_is_said_and_succeeds(facade, capsys):
    row = PlanRow(script="co2.py", step="a", function="co2:a", action=PlanAction.KEEP)
    facade.plan_now = Plan(rows=(row,))
    facade.status_now = ProjectStatus(root="/project")
    assert main(["run"]) == 0
    assert capsys.readouterr().out == "all fresh: 1 step in 1 script, nothing to run\n"


def test_megabytes_of_output_reach_a_pipe_whole(follow):
    lines = [f"line {n}" for n in range(300_000)]
    code, text, _ = follow((changed(info(RunState.DONE)),), log="\n".join(lines) + "\n")
    assert code == 0
    assert text.splitlines()[1:-1] == [f"  {line}" for line in lines]


def test_a_terminal_is_spared_megabytes_of_output(follow, terminal):
    log = "x" * 50 + "\n"
    code, _, _ = follow((changed(info(RunState.DONE)),), log=log * 100_000, output=Output(terminal))
    assert code == 0
    assert len(terminal.getvalue()) < 1_000_000
    assert f"lines: jobtui log {RUN}" in terminal.getvalue()


def test_a_dropped_step_and_what_rests_on_it_are_marked(follow):
    done = info(RunState.DONE, hits=1, computed=1, old=1, time_saved=5.0)
    _, text, _ = follow(
        (
            changed(done, call("trend", CallState.OLD, 1)),
            changed(done, call("fit", CallState.COMPUTED, 2, duration=0.25, on_old=("trend",))),
            changed(done, call("figure", CallState.HIT, 3, on_old=("trend",))),
        ),
    )
    assert text.splitlines()[1:] == [
        "< trend  dropped: an older result",
        "+ fit  computed in 250 ms, on old trend",
        "= figure  from the cache, on old trend",
        "co2.py: done (1 computed, 1 from the cache (5.0 s saved), 1 by an older result)",
    ]


def test_at_its_end_a_run_is_held_against_its_plan(follow):
    row = PlanRow(script="co2.py", step="fit", function="co2:fit", action=PlanAction.KEEP)
    wrong = HeldRow(
        step="fit", function="co2:fit", planned=row.action, happened="ran", took=2.0, wrong=True
    )
    held = Held(run=RUN, script="co2.py", rows=(wrong,))
    done = info(RunState.DONE, computed=1)
    _, text, _ = follow((changed(done),), plan=Plan(rows=(row,)), held=held)
    assert text.endswith("  the plan was wrong about: fit (planned kept, ran for 2.0 s)\n")
