"""``jobtui runs``, ``note``, ``show RUN`` and ``rm RUN``: the lab-book on the command line."""

from __future__ import annotations

import io
import json

import pytest

from jobtui.cli import main
from jobtui.cli.candidates import candidates
from jobtui_core.project import note_run, open_project, runs
from tests.core.project_running.traces import Trace

FIRST = "2026-11-20T10-14-05-ab12"
SECOND = "2026-11-21T10-14-05-ab12"
THIRD = "2026-11-22T10-14-05-ab12"


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """Three runs: one that hit, one that failed, one that goes on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    (tmp_path / "jobtui.toml").write_text("")
    monkeypatch.setenv("COLUMNS", "120")
    first = Trace(tmp_path, FIRST, "co2.py").start(
        time=1_000_000.0, argv=["--token=hunter2"], git={"commit": "a1b2c3", "dirty": None}
    )
    first.write("parameter", name="window", value=26, default=52)
    first.write("parameter", name="api_key", value="<hidden>", default="")
    first.call(1, "load")
    first.called(1, "hit", saved=75.0, key="0123456789abcdef", inputs=[["data\x1b.csv", "d"]])
    first.write("run_end", time=1_000_012.0, code=0, signal=None, state="done")
    second = Trace(tmp_path, SECOND, "train.py").start(user="an\x1bna", job="slurm:7")
    second.call(1, "fit")
    second.called(1, "failed", error={"type": "ValueError", "message": "no \x1b[2Jmonth"})
    second.end(1, "failed")
    Trace(tmp_path, THIRD, "train.py").start()
    return open_project(tmp_path)


def told(capsys) -> str:
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "hunter2" not in out + err
    return out


def test_runs_are_listed_newest_first_with_what_they_came_to(capsys):
    assert main(["runs"]) == 0
    third, second, first = told(capsys).splitlines()
    assert third.split()[:3] == [THIRD, "train.py", "running"]
    assert second.split()[:3] == [SECOND, "train.py", "failed"]
    assert first.split() == [
        FIRST, "co2.py", "done", "12", "s", "1", "hit", "saved", "75", "s",
        "window=26", "api_key=<hidden>", "--", "--token=<hidden>",
    ]  # fmt: skip


def test_as_many_runs_are_listed_as_asked_for(capsys):
    assert main(["runs", "-n", "1"]) == 0
    assert len(told(capsys).splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["step:fit"], [SECOND]),
        (["failed", "script:train.py"], [SECOND]),
        (["failed script:train.py"], [SECOND]),
        (["window>=20"], [FIRST]),
        (["tag:paper", "starred"], [FIRST]),
        (["note:second figure", "done"], [FIRST]),
        (["until:2000-01-01"], [FIRST]),
        (["running"], [THIRD]),
        (["job:slurm"], [SECOND]),
    ],
)
def test_a_filter_chooses(project, capsys, words, found):
    note_run(project, FIRST, "the second figure", ["paper"], True)
    assert main(["runs", "--json", *words]) == 0
    assert [one["run"] for one in json.loads(told(capsys))] == found


def test_a_star_tags_and_a_note_stand_in_the_list(project, capsys):
    note_run(project, FIRST, "first line\nsecond line", ["paper", "v2"], True)
    assert main(["runs", "done"]) == 0
    line = told(capsys)
    assert line.startswith("* ")
    assert "#paper #v2" in line
    assert "first line second line" in line


def test_a_wrong_filter_is_pointed_at(capsys):
    assert main(["runs", "failed", "stp:fit"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "jobtui: there is no field 'stp'; did you mean step:?",
        "  failed stp:fit",
        "         ^",
    ]
    assert main(["runs", "windw>3"]) == 2
    assert "did you mean window?" in capsys.readouterr().err


def test_nothing_found_is_said(project, capsys, monkeypatch, tmp_path):
    assert main(["runs", "step:fit", "done"]) == 0
    assert "no run is like that" in told(capsys)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/jobtui.toml").touch()
    monkeypatch.chdir(tmp_path / "other")
    assert main(["runs"]) == 0
    assert "nothing has run here yet" in told(capsys)


def test_runs_for_programs_say_what_is_known(capsys):
    assert main(["runs", "--json", "id:2026-11-20"]) == 0
    (one,) = json.loads(told(capsys))
    assert one["parameters"] == {"window": 26, "api_key": "<hidden>"}
    assert (one["hits"], one["computed"], one["time_saved"], one["duration"]) == (1, 0, 75.0, 12.0)
    assert (one["commit"], one["dirty"], one["steps"]) == ("a1b2c3", None, ["load"])


def test_a_note_is_written_shown_and_taken_away(project, capsys):
    assert main(["note", "last~2", "figure 2\nof the paper", "--tag", "paper", "--star"]) == 0
    lines = told(capsys).splitlines()
    assert lines[0] == FIRST
    assert [line.split() for line in lines[1:5]] == [
        ["star", "never", "pruned,", "nor", "what", "it", "needs"],
        ["tags", "#paper"],
        ["note", "figure", "2"],
        ["of", "the", "paper"],
    ]
    assert main(["note", FIRST, "--untag", "paper", "--unstar", "--json"]) == 0
    found = json.loads(told(capsys))
    assert (found["tags"], found["starred"]) == ([], False)
    assert main(["note", FIRST, ""]) == 0
    assert "nothing is written beside it" in told(capsys)
    assert runs(project)[2].note == ""


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "takes a run and a text"),
        (["last", "two", "words"], "in quotes"),
        (["last", "--star", "--unstar"], "--star or --unstar"),
        (["last", "--tag", "two words"], "no tag"),
        (["2020", "text"], "no run"),
    ],
)
def test_what_cannot_be_noted_is_said(words, problem, capsys):
    assert main(["note", *words]) == 2
    assert problem in capsys.readouterr().err


def test_a_run_is_shown_whole(project, capsys):
    note_run(project, FIRST, "mine", ["paper"], True)
    (project.runs_folder / FIRST / "changes.diff").write_text("-old\n+n\x1bew\n")
    assert main(["show", FIRST]) == 0
    out = " ".join(told(capsys).split())
    for text in (
        f"co2.py {FIRST}",
        "1 hit, saved 75 s",
        "a1b2c3, with uncommitted changes: jobtui show",
        "window 26 (default 52)",
        "jobtui run co2.py window=26 'api_key=<hidden>' -- '--token=<hidden>'",
        "0123456789",
        "data␛.csv",
        "#paper",
        "mine",
    ):
        assert text in out, text
    assert main(["show", "last~1"]) == 0
    out = told(capsys)
    assert "failed, exit code 1" in out
    assert f"jobtui replay {SECOND} --show" in out


def test_what_is_under_no_version_control_is_told_of_with_the_commit(tmp_path, capsys):
    trace = Trace(tmp_path, "2026-11-23T10-14-05-ab12").start(
        python="3.13.1", git={"commit": "a1b2c3", "dirty": None}
    )
    trace.end()
    (trace.folder / "changes.diff").touch()
    (trace.folder / "untracked.txt").write_text("a.py\nnew.py\n")
    assert main(["show", trace.run]) == 0
    shown = told(capsys)
    assert "a1b2c3, with 2 names not under version control: jobtui show" in shown
    assert "nothing uncommitted" not in shown


def test_nothing_is_said_of_the_commit_of_a_script_that_left_no_record(tmp_path, capsys):
    trace = Trace(tmp_path, "2026-11-23T10-14-05-ab12")
    trace.write("run_queued", run=trace.run, script="plain.py", argv=[], parameters={})
    trace.write("run_spawned", host="h", boot="b", pid=1, pid_start=1.0, command=["python"])
    trace.write("run_end", code=0, signal=None, state="done")
    assert main(["show", trace.run]) == 0
    assert "git" not in told(capsys)


def test_the_log_of_a_script_is_that_of_its_newest_run(tmp_path, monkeypatch, capsys):
    for number, text in (("1", "earlier"), ("2", "latest")):
        trace = Trace(tmp_path, f"2026-10-2{number}T10-14-05-ab12", "sub/plot.py").start()
        (trace.folder / "output.log").write_text(f"{text}\n")
        trace.end()
    assert main(["log", "sub/plot.py"]) == 0
    assert told(capsys) == "latest\n"
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert main(["log", "plot.py"]) == 0
    assert told(capsys) == "latest\n"
    assert main(["log", "plit.py"]) == 2
    assert "no run of 'plit.py' is known" in capsys.readouterr().err


def test_scripts_that_a_script_ran_are_shown_with_what_they_were_given(tmp_path, capsys):
    trace = Trace(tmp_path, "2026-11-23T10-14-05-ab12").start()
    trace.write(
        "script_run", id=1, within=None, call=None, script="in\x1bner.py",
        parameters={"window": 5, "api_key": "hunter2"}, values={}, started=1.0, duration=1.5,
        error="ValueError: no",
    )  # fmt: skip
    trace.end()
    assert main(["show", trace.run]) == 0
    lines = told(capsys).splitlines()
    line = lines[lines.index("  scripts") + 1]
    assert line.split()[1:] == ["window=5", "api_key=<hidden>", "1.5", "s", "ValueError:", "no"]


def test_folders_and_patterns_among_the_files_are_written_as_people_do(tmp_path, capsys):
    trace = Trace(tmp_path, "2026-11-23T10-14-05-ab12").start()
    trace.call(1, "load")
    trace.called(1, inputs=[["data//*.csv", "d"]])
    trace.end()
    assert main(["show", trace.run]) == 0
    assert "    data/*.csv" in told(capsys).splitlines()


def test_what_was_not_committed_is_shown_as_git_takes_it(project, capsys):
    (project.runs_folder / FIRST / "changes.diff").write_text("-old\n+new\n")
    assert main(["show", FIRST, "--diff"]) == 0
    assert told(capsys) == "-old\n+new\n"


def test_runs_for_programs_are_shown_with_their_calls(capsys):
    assert main(["show", FIRST, "last~1", "--json"]) == 0
    first, second = json.loads(told(capsys))
    assert first["calls"][0]["name"] == "load"
    assert first["command"].startswith("jobtui run co2.py")
    assert second["calls"][0]["state"] == "failed"


def test_runs_and_results_are_not_mixed(capsys):
    for command in ("show", "rm"):
        assert main([command, "last", "simulate"]) == 2
        assert "takes runs or results: last is a run" in capsys.readouterr().err
    assert main(["show", "simulate", "--diff"]) == 2
    assert main(["rm", "simulate", "--force"]) == 2


def test_runs_are_removed_after_a_question(project, capsys, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    monkeypatch.setattr("sys.stdout", screen := Terminal())
    assert main(["rm", FIRST]) == 1
    assert f"{FIRST}  co2.py" in screen.getvalue()
    assert "Remove 1 run, " in screen.getvalue()
    assert len(runs(project)) == 3
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert main(["rm", FIRST]) == 0
    assert [info.id for info in runs(project)] == [THIRD, SECOND]


def test_runs_are_removed_without_a_question_by_yes_alone(project, capsys):
    assert main(["rm", FIRST, SECOND]) == 2
    assert main(["rm", FIRST, SECOND, "--yes", "--json"]) == 0
    assert json.loads(told(capsys))["removed"] == [FIRST, SECOND]


def test_starred_and_running_runs_stay(project, capsys):
    note_run(project, FIRST, starred=True)
    assert main(["rm", FIRST, "--yes"]) == 2
    assert "has a star" in capsys.readouterr().err
    assert main(["rm", "last", "--yes", "--force"]) == 2
    assert "goes on" in capsys.readouterr().err
    assert main(["rm", FIRST, "--yes", "--force"]) == 0
    assert len(runs(project)) == 2


def test_fields_steps_tags_and_parameters_are_completed(project):
    note_run(project, FIRST, tags=["paper"])
    assert candidates(["runs", "st"]) == [
        "step:",
        "state:",
        "starred",
        *candidates(["runs", "st"])[3:],
    ]
    assert "step:fit" in candidates(["runs", "step:"])
    assert candidates(["runs", "win"]) == ["window="]
    assert candidates(["runs", "tag:"]) == ["tag:", "tag:paper"]
    assert candidates(["note", "last", "--untag", ""]) == ["paper"]
    assert candidates(["rm", "2026-11-20"]) == [FIRST]


def test_the_newest_run_is_last_for_logs_too(project, capsys):
    (project.runs_folder / SECOND / "output.log").write_text("said\n")
    assert main(["log", "last~1"]) == 0
    assert "said" in told(capsys)


def test_runs_that_never_started_died_or_wait_are_told_apart(project, tmp_path, capsys):
    waiting = Trace(tmp_path, "2026-11-23T00-00-00-0000", "co2.py")
    waiting.write("run_queued", run=waiting.run, script="co2.py", argv=[], parameters={"window": 7})
    died = Trace(tmp_path, "2026-11-23T00-00-01-0000", "co2.py").start(pid=1, pid_start=1.0)
    died.called(1)
    assert main(["runs", "id:2026-11-23"]) == 0
    lines = told(capsys).splitlines()
    assert [line.split()[2] for line in lines] == ["died", "queued"]
    assert lines[1].endswith("window=7")
    assert main(["show", waiting.run]) == 0
    out = " ".join(told(capsys).split())
    assert "began not yet" in out
    assert "window 7" in out
    assert main(["show", died.run]) == 0
    assert "its process is gone" in told(capsys)


def test_calls_of_workers_are_in_their_run(project, tmp_path, capsys):
    run = Trace(tmp_path, "2026-11-23T00-00-00-0000", "co2.py").start()
    worker = run.folder / "events-host-7.jsonl"
    call = {"event": "call_end", "call": "7-1", "function": "co2:far", "name": "far",
            "state": "hit", "time": 1.0, "saved": 60.0, "key": "k", "log": 0}  # fmt: skip
    worker.write_text(json.dumps(call) + "\n")
    run.end()
    assert main(["runs", "step:far", "saved:>=1m", "--json"]) == 0
    (found,) = json.loads(told(capsys))
    assert (found["hits"], found["time_saved"], found["steps"]) == (1, 60.0, ["far"])


def test_the_app_opens_on_runs_with_a_filter_that_can_be_understood(monkeypatch):
    opened = []
    monkeypatch.setattr("jobtui.cli.app.open_app", lambda folder, runs: opened.append(runs) or 0)
    assert main(["runs", "--app", "failed", "window>=20"]) == 0
    assert opened == ["failed window>=20"]
    assert main(["runs", "--app", "hits:x"]) == 2
    assert len(opened) == 1
