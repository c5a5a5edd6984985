"""When a run is recorded, and when not."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from jobtui_core import tracing
from jobtui_core.records import CallState, RunState


def test_first_call_opens_a_run_that_names_script_and_process(project) -> None:
    project.script("print(double(4))")
    done = project.run("script.py", "--fast", "x")
    assert done.stdout == b"8\n", done.stderr
    assert done.stderr == b""
    trace = project.trace()
    assert trace.info.script == "script.py"
    assert trace.info.argv == ("--fast", "x")
    assert trace.info.state is RunState.DONE
    assert trace.info.started_by == "hand"
    assert trace.info.code == 0
    assert trace.finished
    assert trace.start["cwd"] == "."
    assert trace.start["python"] == sys.version.split()[0]
    (call,) = trace.calls
    assert (call.function, call.name, call.kind) == ("script:double", "double", "step")
    assert call.state is CallState.COMPUTED
    assert call.duration is not None
    assert call.id.startswith(f"{trace.info.pid}-")


def test_state_folder_ignores_itself_in_git(project) -> None:
    project.script("double(1)")
    project.run()
    assert (project.root / ".jobtui" / ".gitignore").read_text() == "*\n"


def test_second_run_is_another_record_with_a_hit(project) -> None:
    project.script("double(4)")
    project.run()
    project.run()
    from jobtui_core.tracing.read import read_run

    first, second = (read_run(folder) for folder in project.run_folders())
    by_state = {trace.calls[0].state: trace for trace in (first, second)}
    hit = by_state[CallState.HIT].calls[0]
    computed = by_state[CallState.COMPUTED].calls[0]
    assert hit.key == computed.key
    assert hit.result == computed.result
    assert hit.code == computed.code
    assert (hit.site, hit.analysis) == (computed.site, computed.analysis)
    assert by_state[CallState.HIT].info.hits == 1


@pytest.mark.parametrize(
    ("words", "env", "text"),
    [
        (("script.py",), {}, "pass"),
        (("script.py",), {"JOBTUI_TRACE": "0"}, "double(1)"),
        (("-c", "import script"), {}, "double(1)"),
        (("-c", "import runpy; runpy.run_path('script.py')"), {}, "double(1)"),
    ],
    ids=["no call", "switched off", "-c", "-c with a file"],
)
def test_nothing_is_recorded(project, words, env, text) -> None:
    project.script(text)
    done = project.run(*words, env=env)
    assert done.returncode == 0, done.stderr
    assert project.run_folders() == []


def test_a_script_from_stdin_is_not_recorded(project) -> None:
    project.script("print(double(1))")
    source = (project.root / "script.py").read_bytes()
    done = project.run("-", stdin=None, input=source)
    assert done.returncode == 0, done.stderr
    assert project.run_folders() == []


def test_a_module_run_with_m_is_its_file(project) -> None:
    project.script("double(1)", "pkg/tool.py")
    project.write("pkg/__init__.py", "")
    done = project.run("-m", "pkg.tool", "a")
    assert done.returncode == 0, done.stderr
    trace = project.trace()
    assert trace.info.script == "pkg/tool.py"
    assert trace.info.argv == ("a",)
    assert trace.calls[0].site == 0
    assert trace.info.state is RunState.DONE


def test_a_script_in_a_folder_belongs_to_the_root_above(project) -> None:
    project.script("double(1)", "analysis/co2.py")
    done = project.run("analysis/../analysis/co2.py")
    assert done.returncode == 0, done.stderr
    trace = project.trace()
    assert trace.info.script == "analysis/co2.py"
    assert trace.calls[0].function == "analysis.co2:double"
    assert trace.calls[0].site == 0


def test_jobtui_root_decides(project, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    project.script("double(1)")
    done = project.run(env={"JOBTUI_ROOT": str(other)})
    assert done.returncode == 0, done.stderr
    assert project.run_folders() == []
    assert len(list((other / ".jobtui" / "runs").iterdir())) == 1


def test_a_folder_that_cannot_be_written_costs_one_warning(project) -> None:
    # A file in the folder's place: permissions would not stop a superuser.
    project.script("print(double(1), double(2))")
    (project.root / ".jobtui").write_text("")
    done = project.run()
    assert done.returncode == 0
    assert done.stdout == b"2 4\n"
    assert done.stderr.count(b"TraceWarning") == 1
    assert b"This run is not recorded" in done.stderr


def test_warnings_as_errors_do_not_break_the_script(project) -> None:
    project.script("print(double(1))", "plain.py")
    (project.root / ".jobtui").write_text("")
    done = project.run("-W", "error::jobtui_core.tracing.TraceWarning", "plain.py")
    assert b"TraceWarning" not in done.stderr.splitlines()[-1:]
    assert done.stdout == b"2\n"


def test_pytest_records_nothing_of_itself() -> None:
    run = tracing.current()
    assert type(run) is tracing.NullRun
    assert run.folder is None


def test_a_run_is_joined_by_the_script_it_is_meant_for(project) -> None:
    script = project.script("double(1)")
    folder = project.root / ".jobtui" / "runs" / "2026-01-01T00-00-00-abcd"
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_text(
        json.dumps({"event": "run_queued", "time": 1.0, "script": "script.py", "queue": "q"}) + "\n"
    )
    env = {
        "JOBTUI_RUN": folder.name,
        "JOBTUI_SCRIPT": str(script),
        "JOBTUI_ROOT": str(project.root),
        "JOBTUI_PARAMS": '{"window": 3}',
    }
    done = project.run(env=env)
    assert done.returncode == 0, done.stderr
    trace = project.trace()
    assert trace.info.id == folder.name
    assert trace.info.queue == "q"
    assert trace.info.started_by == "jobtui"
    assert trace.info.parameters == {"window": 3}
    assert len(trace.calls) == 1
    # How it ended is for whoever started it to say, and so is its output.
    assert trace.info.state is RunState.DIED
    assert not (folder / "output.log").exists()


def test_a_run_meant_for_another_script_is_left_alone(project) -> None:
    project.script("double(1)")
    project.write("other.py", "")
    env = {
        "JOBTUI_RUN": "2026-01-01T00-00-00-abcd",
        "JOBTUI_SCRIPT": str(project.root / "other.py"),
        "JOBTUI_PARAMS": '{"window": 3}',
    }
    project.run(env=env)
    trace = project.trace()
    assert trace.info.id != "2026-01-01T00-00-00-abcd"
    assert trace.info.parameters == {}
    assert trace.start["parent"] == "2026-01-01T00-00-00-abcd"


@pytest.mark.parametrize("name", ["../../etc", "a/b", ".hidden", ""])
def test_a_run_name_cannot_leave_its_folder(project, name) -> None:
    script = project.script("double(1)")
    project.run(env={"JOBTUI_RUN": name, "JOBTUI_SCRIPT": str(script)})
    assert len(project.run_folders()) == 1
    assert project.trace().info.started_by == "hand"


def test_parameters_are_told(project) -> None:
    project.write(
        "script.py",
        """
        from jobtui_core import default_param, make
        window = default_param("window", 52)

        @make
        def double(x):
            return 2 * x

        double(window)
        """,
    )
    done = project.run()
    assert done.returncode == 0, done.stderr
    assert project.trace().parameters["window"].value == 52


def test_declaring_parameters_opens_no_run(project) -> None:
    project.write("script.py", "from jobtui_core import default_param\ndefault_param('w', 1)\n")
    assert project.run().returncode == 0
    assert project.run_folders() == []


def test_a_script_run_by_a_script_has_its_own_run(project) -> None:
    project.script("double(1)", "inner.py")
    project.script(
        """
        import subprocess, sys
        double(2)
        subprocess.run([sys.executable, "inner.py"], check=True)
        """,
        "outer.py",
    )
    done = project.run("outer.py")
    assert done.returncode == 0, done.stderr
    from jobtui_core.tracing.read import read_run

    traces = {trace.info.script: trace for trace in map(read_run, project.run_folders())}
    assert set(traces) == {"outer.py", "inner.py"}
    assert traces["inner.py"].start["parent"] == traces["outer.py"].info.id
    assert all(len(trace.calls) == 1 for trace in traces.values())


def test_a_script_of_another_project_has_its_own_root(project, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    inner = other / "inner.py"
    project.script("double(1)", "inner.py").rename(inner)
    script = project.script(
        f"""
        import subprocess, sys
        double(2)
        subprocess.run([sys.executable, {str(inner)!r}], check=True)
        """
    )
    env = {
        "JOBTUI_RUN": "r1",
        "JOBTUI_SCRIPT": str(script),
        "JOBTUI_ROOT": str(project.root),
    }
    done = project.run(env=env)
    assert done.returncode == 0, done.stderr
    assert [folder.name for folder in project.run_folders()] == ["r1"]
    (folder,) = (other / ".jobtui" / "runs").iterdir()
    from jobtui_core.tracing.read import read_run

    assert read_run(folder).info.script == "inner.py"


def test_git_commit_is_recorded(project) -> None:
    if subprocess.run(["git", "--version"], capture_output=True).returncode:
        pytest.skip("git is not installed")
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    for command in (["init", "-q"], [*identity, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *command], cwd=project.root, check=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=project.root, capture_output=True, text=True
    )
    project.script("double(1)")
    project.run()
    assert project.trace().start["git"] == {"commit": head.stdout.strip(), "dirty": None}


NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")


def test_records_and_entries_name_one_user_also_where_the_environment_names_none():
    pwd = pytest.importorskip("pwd")
    code = "from jobtui_core.tracing.environment import user_name; print(user_name())"
    bare = {name: value for name, value in os.environ.items() if name not in NAMES}
    try:
        expected = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        expected = str(os.getuid())
    for environment, name in ((bare, expected), ({**bare, "USER": "ada"}, "ada")):
        said = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        assert said.stdout == f"{name}\n"
