"""Files that steps and scripts open on their way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jobtui_core import tracing
from jobtui_core.hashing import digest_file
from jobtui_core.tracing import files
from jobtui_core.tracing.files import FilesMet


@pytest.fixture
def run(tmp_path):
    with tracing.enable_for_tests(tmp_path) as run:
        yield run


@pytest.fixture
def call(run):
    """A call that is going on; ended with the test."""
    handle = run.call_start("m:f", "f", "step")
    yield handle
    run.call_end(handle, "computed")


def names(handle) -> list[str]:
    return [path for path, _ in handle.met()]


def test_what_the_call_wrote_itself_is_not_met(tmp_path, call) -> None:
    path = tmp_path / "sub" / "a.csv"
    path.parent.mkdir()
    path.write_text("1,2")
    path.read_text()
    other = tmp_path / "b.csv"
    os.close(os.open(other, os.O_CREAT | os.O_WRONLY))
    other.read_text()
    assert names(call) == []


def test_a_file_opened_for_reading_is_met_with_its_digest(tmp_path, run) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2")
    handle = run.call_start("m:f", "f", "step")
    path.read_text()
    os.close(os.open(path, os.O_RDONLY))
    assert handle.met() == (("a.csv", digest_file(path)),)
    assert handle.moved() == ()
    run.call_end(handle, "computed")


def test_declared_files_are_not_met(tmp_path, run) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    handle = run.call_start("m:f", "f", "step", declared=["a", str(tmp_path / "b")])
    for name in ("a", "b", "c"):
        (tmp_path / name).read_text()
    assert names(handle) == ["c"]
    handle.declare(["c"])
    assert names(handle) == []
    run.call_end(handle, "computed")


def test_files_declared_only_are_not_watched(tmp_path, run) -> None:
    (tmp_path / "a").write_text("x")
    handle = run.call_start("m:f", "f", "step", files="declared")
    (tmp_path / "a").read_text()
    assert handle.met() == ()
    run.call_end(handle, "computed")


def test_a_file_written_beside_its_place_and_renamed_is_the_calls_own(tmp_path, call) -> None:
    (tmp_path / "new").write_text("x")
    (tmp_path / "new").replace(tmp_path / "out")
    (tmp_path / "out").read_text()
    assert names(call) == []


def test_a_file_that_moves_during_the_call_is_told(tmp_path, run) -> None:
    path = tmp_path / "a"
    path.write_text("x")
    handle = run.call_start("m:f", "f", "step")
    path.read_text()
    # Behind the hook's back, as another process would.
    with files.quiet():
        path.write_text("longer")
    assert handle.moved() == ("a",)
    run.call_end(handle, "uncached")


def test_a_file_read_and_then_rewritten_by_the_call_moved(tmp_path, run) -> None:
    path = tmp_path / "state"
    path.write_text("1")
    handle = run.call_start("m:f", "f", "step")
    path.write_text(path.read_text() + "1")
    assert handle.moved() == ("state",)
    run.call_end(handle, "uncached")


def test_missing_files_and_folders_are_not_met(tmp_path, call) -> None:
    with pytest.raises(FileNotFoundError):
        (tmp_path / "nowhere").read_text()
    with pytest.raises(OSError, match=r"directory|denied"):
        tmp_path.read_text()
    assert names(call) == []


@pytest.mark.parametrize(
    "name", [".hidden", ".git/HEAD", "__pycache__/m.pyc", "venv/lib/python3/site-packages/m.json"]
)
def test_hidden_and_library_files_are_not_met(tmp_path, run, name) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    handle = run.call_start("m:f", "f", "step")
    path.read_text()
    assert names(handle) == []
    run.call_end(handle, "computed")


def test_temporary_files_are_not_met(tmp_path, monkeypatch) -> None:
    root, scratch = tmp_path / "project", tmp_path / "scratch"
    root.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    (scratch / "x").write_text("x")
    (root / "y").write_text("y")
    with tracing.enable_for_tests(root) as run:
        handle = run.call_start("m:f", "f", "step")
        (scratch / "x").read_text()
        (root / "y").read_text()
        assert names(handle) == ["y"]
        run.call_end(handle, "computed")


def test_system_files_are_not_met(call) -> None:
    Path(os.devnull).read_text()
    Path("/etc/passwd").read_text()
    assert names(call) == []


def test_imports_are_not_met(tmp_path, call, monkeypatch) -> None:
    import importlib

    with files.quiet():
        (tmp_path / "jobtui_test_helper.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("jobtui_test_helper")
    assert names(call) == []


def test_an_outer_call_meets_what_its_inner_calls_meet_and_take(tmp_path, run) -> None:
    for name in ("read", "declared"):
        (tmp_path / name).write_text(name)
    outer = run.call_start("m:outer", "outer", "step")
    inner = run.call_start("m:inner", "inner", "step", declared=["declared"])
    (tmp_path / "read").read_text()
    run.call_end(inner, "computed", key="k", result="r", inputs=[("declared", "d1")])
    run.hit("m:third", "third", "step", key="k3", result="r3", met=[("by-hit", "d2")])
    assert inner.parent is outer
    assert names(outer) == ["by-hit", "declared", "read"]
    assert outer.inner == [("m:inner", "k", "r"), ("m:third", "k3", "r3")]
    run.call_end(outer, "computed")


def test_what_an_outer_call_wrote_its_inner_ones_may_read(tmp_path, run) -> None:
    outer = run.call_start("m:outer", "outer", "step")
    (tmp_path / "made").write_text("x")
    inner = run.call_start("m:inner", "inner", "step")
    (tmp_path / "made").read_text()
    assert names(inner) == ["made"]
    run.call_end(inner, "computed")
    assert names(outer) == []
    run.call_end(outer, "computed")


def test_quiet_hides_what_is_done_in_it(tmp_path, run) -> None:
    (tmp_path / "a").write_text("x")
    handle = run.call_start("m:f", "f", "step")
    with tracing.quiet():
        (tmp_path / "a").read_text()
    assert names(handle) == []
    run.call_end(handle, "computed")


def test_calls_in_several_threads_keep_their_files_apart(tmp_path, run) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    met: dict[str, list[str]] = {}
    together = threading.Barrier(2, timeout=20)

    def work(name: str) -> None:
        handle = run.call_start(f"m:{name}", name, "step")
        together.wait()
        (tmp_path / name).read_text()
        together.wait()
        met[name] = names(handle)
        assert handle.parent is None
        run.call_end(handle, "computed")

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == {"one": ["one"], "two": ["two"]}


def test_files_are_met_though_nothing_is_recorded(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("x")
    run = tracing.current()
    assert type(run) is tracing.NullRun
    handle = run.call_start("m:f", "f", "step")
    (tmp_path / "a").read_text()
    assert names(handle) == ["a"]
    run.call_end(handle, "computed")


@pytest.mark.parametrize("argument", [b"bytes", "null\0byte", 3.5, None])
def test_the_hook_never_changes_what_open_says(tmp_path, call, argument) -> None:
    with pytest.raises((OSError, ValueError, TypeError)):
        open(argument)  # noqa: SIM115  # it does not open


def test_the_last_traceback_of_a_script_shows_the_lines_of_its_source(tmp_path) -> None:
    # Python opens the sources for it when no frame is left that the hook could look at.
    (tmp_path / "script.py").write_text(
        "from jobtui_core import Memory\n"
        "square = Memory('cache').cache(lambda x: x**2)\n"
        "raise ValueError('as it happens')\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "    raise ValueError('as it happens')\n" in done.stderr


def test_declared_may_come_after_the_writing(tmp_path) -> None:
    met = FilesMet(tmp_path)
    met.inherit([("gone", "d")])
    met.declare(["gone"])
    assert met.met() == ()


def test_files_of_the_script_are_told_with_the_statement(project) -> None:
    project.write("cfg.json", "{}")
    project.script(
        """
        import json
        cfg = json.load(open("cfg.json"))

        def save(name):
            with open(name, "w") as file:
                file.write("x")

        double(1)
        save("out.txt")
        """
    )
    done = project.run()
    assert done.returncode == 0, done.stderr
    trace = project.trace()
    (read,) = trace.files_read
    assert (read.path, read.file, read.line) == ("cfg.json", "script.py", 8)
    assert read.digest == digest_file(project.root / "cfg.json")
    (written,) = trace.files_written
    assert (written.path, written.line, written.digest) == ("out.txt", 11, None)
    assert trace.calls[0].met == ()


def test_a_file_read_before_anything_is_decorated_is_told(project) -> None:
    project.write("cfg.json", "{}")
    project.write(
        "script.py",
        """
        from jobtui_core import make
        text = open("cfg.json").read()

        @make
        def double(x):
            return 2 * x

        double(1)
        """,
    )
    project.run()
    assert [use.path for use in project.trace().files_read] == ["cfg.json"]


def test_a_file_that_changed_since_it_was_read_has_no_digest(project) -> None:
    project.write("cfg.json", "{}")
    project.script(
        """
        open("cfg.json").read()
        open("cfg.json", "a").write("more")
        double(1)
        """
    )
    project.run()
    trace = project.trace()
    assert [(use.path, use.digest) for use in trace.files_read] == [("cfg.json", None)]
    assert [use.path for use in trace.files_written] == ["cfg.json"]


def test_a_statement_in_a_loop_is_told_once_a_file(project) -> None:
    project.write("cfg.json", "{}")
    project.script("double(1)\nfor _ in range(50):\n    open('cfg.json').close()")
    project.run()
    assert len(project.trace().files_read) == 1


def test_modules_of_the_project_are_no_files_of_the_script(project) -> None:
    project.write("helpers.py", "x = 1")
    project.script("import helpers\ndouble(helpers.x)\nimport late", "script.py")
    project.write("late.py", "")
    done = project.run("-B", "script.py")
    assert done.returncode == 0, done.stderr
    assert project.trace().files_read == ()


def test_a_step_that_starts_processes_is_told(project) -> None:
    project.write(
        "script.py",
        """
        import subprocess, sys
        from jobtui_core import make

        @make
        def shell(x):
            subprocess.run([sys.executable, "-c", ""], check=True)

        shell(1)
        """,
    )
    assert project.run().returncode == 0
    (call,) = project.trace().calls
    assert call.notes == ("shell started other processes; files that they read are not seen",)
