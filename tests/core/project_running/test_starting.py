"""Scripts start as they would by hand in the project root, or a sentence says why not."""

from __future__ import annotations

import json
import os
import sys
import venv
from pathlib import Path

import pytest

from jobtui_core.errors import ConfigurationError, ParameterError, RunError, UnknownNameError
from jobtui_core.project import runs, start
from jobtui_core.records import RunRequest, RunState


def test_start_returns_while_the_script_runs_and_the_history_has_it(desk) -> None:
    desk.script("a.py", "wait_for('go')")
    queue = desk.start("a.py")
    (run,) = runs(desk.project)
    assert run.id == queue.runs[0]
    assert run.script == "a.py"
    assert run.queue == queue.id
    assert run.state.active
    desk.reach("go")
    (run,) = desk.finish(queue)
    assert run.state is RunState.DONE
    assert run.code == 0


def test_a_script_finds_the_root_its_words_and_no_input(desk) -> None:
    desk.plain(
        "sub_report.py",
        """
        import json, os, sys
        names = [name for name in os.environ if name.startswith("JOBTUI_")]
        print(json.dumps({
            "cwd": os.getcwd(), "argv": sys.argv, "input": sys.stdin.read(),
            "tty": sys.stdout.isatty(), "columns": os.environ["COLUMNS"],
            "backend": os.environ["MPLBACKEND"], "path": os.environ.get("PYTHONPATH"),
            "told": {name: os.environ[name] for name in names},
        }))
        """,
    )
    (run,) = desk.run("sub_report.py", argv=("--fast", "x y"), window=26)
    said = json.loads(desk.output(run.id))
    assert said["cwd"] == str(desk.root)
    assert said["argv"] == ["sub_report.py", "--fast", "x y"]
    assert said["input"] == ""
    assert said["tty"] is False
    assert said["columns"] == "120"
    assert said["backend"] == "Agg"
    assert said["path"] == os.environ["PYTHONPATH"]
    assert said["told"]["JOBTUI_RUN"] == run.id
    assert said["told"]["JOBTUI_SCRIPT"] == str(desk.root / "sub_report.py")
    assert said["told"]["JOBTUI_ROOT"] == str(desk.root)
    assert json.loads(said["told"]["JOBTUI_PARAMS"]) == {"window": 26}
    assert run.argv == ("--fast", "x y")
    assert run.parameters == {"window": 26}


def test_steps_to_stop_at_and_to_recompute_are_handed_on(desk) -> None:
    desk.plain(
        "a.py", "import os; print(os.environ['JOBTUI_ONLY'], os.environ['JOBTUI_RECOMPUTE'])"
    )
    request = RunRequest(scripts=("a.py",), argv=(), only="trend", recompute=("read", "fit"))
    queue = start(desk.project, request)
    desk.queues.append(queue)
    desk.finish(queue)
    assert desk.output(queue.runs[0]).split("\n")[0] == '["trend"] ["read", "fit"]'


def test_without_words_those_of_the_newest_run_are_repeated(desk) -> None:
    desk.plain("a.py", "import sys; print(sys.argv[1:])")
    desk.run("a.py", argv=("--year", "1999"))
    (run,) = desk.run("a.py", argv=None)
    assert run.argv == ("--year", "1999")
    assert desk.output(run.id) == "['--year', '1999']\n"
    (run,) = desk.run("a.py", argv=())
    assert run.argv == ()


def test_a_script_in_a_subfolder_or_with_a_dash_runs_too(desk) -> None:
    (desk.root / "sub").mkdir()
    desk.plain("sub/-odd name.py", "print('here')")
    desk.plain("-v.py", "print('there')")
    first, second = desk.run("sub/-odd name.py", "-v.py")
    assert desk.output(first.id) == "here\n"
    assert desk.output(second.id) == "there\n"


def test_modules_of_the_project_do_not_get_in_the_way_of_the_supervisor(desk) -> None:
    for name in ("queue.py", "signal.py", "json.py", "subprocess.py", "dataclasses.py"):
        desk.plain(name, "raise RuntimeError('not this one')")
    (desk.root / "sub").mkdir()
    desk.plain("sub/a.py", "print('fine')")
    (run,) = desk.run("sub/a.py")
    assert run.state is RunState.DONE


def test_a_misspelt_script_is_refused_with_the_nearest(desk) -> None:
    desk.plain("seasonal.py", "")
    with pytest.raises(UnknownNameError, match=r"did you mean 'seasonal\.py'") as caught:
        desk.start("seasnal.py")
    assert caught.value.nearest[0] == "seasonal.py"
    assert not (desk.root / ".jobtui").exists()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (RunRequest(scripts=()), RunError),
        (RunRequest(scripts=("a.py",), jobs=0), RunError),
        (RunRequest(scripts=("a.py",), overrides={"x": object()}), ParameterError),
    ],
)
def test_senseless_requests_are_refused(desk, request_: RunRequest, error: type) -> None:
    desk.plain("a.py", "")
    with pytest.raises(error):
        start(desk.project, request_)
    assert not (desk.root / ".jobtui").exists()


def test_a_script_named_twice_runs_once(desk) -> None:
    desk.plain("a.py", "")
    assert len(desk.run("a.py", "./a.py")) == 1


def test_a_folder_that_cannot_be_written_is_named(desk) -> None:
    desk.plain("a.py", "")
    (desk.root / ".jobtui").write_text("in the way")
    with pytest.raises(RunError, match=r"\.jobtui cannot be written"):
        desk.start("a.py")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(desk) -> None:
    desk.plain("a.py", "")
    desk.root.chmod(0o555)
    try:
        with pytest.raises(RunError, match="cannot be written"):
            desk.start("a.py")
    finally:
        desk.root.chmod(0o755)


def test_a_full_disk_is_named_and_nothing_is_left_behind(
    desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.plain("a.py", "")
    monkeypatch.setattr("jobtui_core.project.starting.append_event", full_disk)
    with pytest.raises(RunError, match="No space left on device"):
        desk.start("a.py")
    assert runs(desk.project) == ()
    assert list((desk.root / ".jobtui/runs").iterdir()) == []
    assert list((desk.root / ".jobtui/queues").iterdir()) == []


def full_disk(*args: object, **kwargs: object) -> None:
    raise OSError(28, "No space left on device")


# The interpreter -----------------------------------------------------------------------------


def interpreter(path: Path, text: str = "") -> str:
    """Make something that stands in for an interpreter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\n{text}\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_the_interpreter_of_the_setting_comes_first(desk, monkeypatch) -> None:
    interpreter(desk.root / "env/bin/python", "MARK=setting; export MARK")
    monkeypatch.setenv("VIRTUAL_ENV", str(desk.root / "active"))
    interpreter(desk.root / "active/bin/python", "MARK=active; export MARK")
    (desk.root / "jobtui.toml").write_text('python = "env/bin/python"\n')
    desk.plain("a.py", "import os; print(os.environ['MARK'])")
    (run,) = desk.run("a.py")
    assert desk.output(run.id) == "setting\n"


def test_the_active_environment_comes_before_the_projects_own(desk, monkeypatch) -> None:
    interpreter(desk.root / ".venv/bin/python", "MARK=own; export MARK")
    interpreter(desk.root / "active/bin/python", "MARK=active; export MARK")
    desk.plain("a.py", "import os; print(os.environ['MARK'])")
    monkeypatch.setenv("VIRTUAL_ENV", str(desk.root / "active"))
    (run,) = desk.run("a.py")
    assert desk.output(run.id) == "active\n"
    monkeypatch.delenv("VIRTUAL_ENV")
    (run,) = desk.run("a.py")
    assert desk.output(run.id) == "own\n"


def test_an_interpreter_that_does_not_exist_is_named(desk) -> None:
    desk.plain("a.py", "")
    (desk.root / "jobtui.toml").write_text('python = "env/bin/python"\n')
    with pytest.raises(RunError, match="There is no interpreter 'env/bin/python'"):
        desk.start("a.py")


def test_an_interpreter_without_the_package_is_refused_with_the_way_out(desk, monkeypatch) -> None:
    desk.plain("a.py", "")
    venv.create(desk.root / ".venv", with_pip=False, symlinks=True)
    monkeypatch.delenv("PYTHONPATH")
    with pytest.raises(RunError, match="No module named 'jobtui_core'") as caught:
        desk.start("a.py")
    assert "-m pip install jobtui" in str(caught.value)
    # Once it is installed there, the next attempt works.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    (run,) = desk.run("a.py")
    assert run.state is RunState.DONE


# The wrapper ---------------------------------------------------------------------------------


def test_the_launch_setting_wraps_the_command(desk) -> None:
    (desk.root / "jobtui.toml").write_text('launch = "env MARK=wrapped {command}"\n')
    desk.plain("a.py", "import os, sys; print(os.environ['MARK'], sys.argv[1:])")
    (run,) = desk.run("a.py", argv=("one two",))
    assert desk.output(run.id) == "wrapped ['one two']\n"


def test_inside_a_word_the_command_is_quoted_for_a_shell(desk) -> None:
    (desk.root / "jobtui.toml").write_text("""launch = "sh -c 'echo loaded; {command}'"\n""")
    desk.plain("a.py", "import sys; print(sys.argv[1:])")
    (run,) = desk.run("a.py", argv=("it's $HOME",))
    assert desk.output(run.id) == 'loaded\n["it\'s $HOME"]\n'


@pytest.mark.parametrize("launch", ["srun", "sh -c '{command}"])
def test_a_launch_setting_that_cannot_work_is_refused(desk, launch: str) -> None:
    (desk.root / "jobtui.toml").write_text(f'launch = "{launch}"\n')
    desk.plain("a.py", "")
    with pytest.raises(ConfigurationError, match="launch"):
        desk.start("a.py")


def test_a_wrapper_that_does_not_exist_fails_the_run_with_the_reason(desk) -> None:
    (desk.root / "jobtui.toml").write_text('launch = "no-such-wrapper {command}"\n')
    desk.plain("a.py", "")
    (run,) = desk.run("a.py")
    assert run.state is RunState.FAILED
    assert "no-such-wrapper" in run.error
