"""What failed, and calling it again with the arguments that it had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobtui_core.errors import RunError, UnknownNameError
from jobtui_core.project import failures, find_failure, open_project, replay, runs
from tests.core.project_running.conftest import Desk

FIT = """
import sys
from dataclasses import dataclass
from jobtui_core import default_param, make, memoize

factor = default_param("factor", 2)
print("the script runs", file=sys.stderr)

@dataclass
class Model:
    size: int

def scale(n):
    return n * factor

@make
def prepare(size):
    print("prepared")
    return list(range(size))

@make
def fit(series, model, *, password=None):
    total = sum(series) * scale(1)
    if total > LIMIT:
        raise ValueError(f"too much: {total}")
    return total

LIMIT = 5
if __name__ == "__main__":
    fit(prepare(4), Model(3))
"""


@pytest.fixture
def failed(desk: Desk) -> Desk:
    (desk.root / "fit.py").write_text(FIT)
    (run,) = desk.run("fit.py", factor=3)
    assert run.code == 1
    return desk


def test_a_failure_tells_where_with_what_and_why(failed: Desk) -> None:
    (failure,) = failures(failed.project, runs(failed.project)[0].id)

    assert (failure.step, failure.function) == ("fit", "fit:fit")
    assert (failure.type, failure.message) == ("ValueError", "too much: 18")
    assert dict(failure.arguments)["series"] == "[0, 1, 2, 3]"
    assert dict(failure.arguments)["model"] == "Model(size=3)"
    frame = failure.frames[-1]
    assert (frame.file, frame.function) == ("fit.py", "fit")
    assert ("total", "18") in frame.locals
    assert failure.replayable


def test_a_replay_calls_it_with_the_same_arguments_and_parameters(
    failed: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    assert replay(failed.project, find_failure(failed.project, "fit")) == 1

    said = capfd.readouterr()
    assert "ValueError: too much: 18" in said.err
    assert 'File "' in said.err
    assert "jobtui_core" not in said.err
    # Neither the script's work nor the steps before.
    assert "the script runs" not in said.err
    assert "prepared" not in said.out


def test_a_replay_is_by_the_code_of_today_and_leaves_nothing_behind(
    failed: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    (failed.root / "fit.py").write_text(FIT.replace("LIMIT = 5", "LIMIT = 100"))
    before = sorted(path for path in (failed.root / ".jobtui" / "cache").rglob("*.entry"))
    count = len(runs(failed.project))

    assert replay(failed.project, find_failure(failed.project)) == 0

    assert "fit returned 18 after" in capfd.readouterr().err
    assert sorted((failed.root / ".jobtui" / "cache").rglob("*.entry")) == before
    assert len(runs(failed.project)) == count


def test_a_function_that_is_gone_cannot_be_replayed(
    failed: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    (failed.root / "fit.py").write_text(FIT.replace("def fit(", "def fitted("))

    assert replay(failed.project, find_failure(failed.project)) == 2
    assert "there is no fit any more" in capfd.readouterr().err


def test_calls_of_imported_modules_and_of_methods_are_replayed(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.script(
        "models.py",
        """
        from jobtui_core import Memory
        memory = Memory("cache", verbose=0)
        class Model:
            def __init__(self, size):
                self.size = size
            @memory.cache
            def half(self, *rest, by=2, **more):
                return self.size / by / len(rest) / more["zero"]
        """,
    )
    desk.script("work.py", "from models import Model\nModel(3).half(1, 2, by=4, zero=0)\n")
    assert desk.run("work.py")[0].code == 1

    failure = find_failure(desk.project)
    assert failure.function == "models:Model.half"
    assert replay(desk.project, failure) == 1
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_arguments_that_are_secrets_are_not_kept(desk: Desk) -> None:
    desk.script(
        "login.py",
        """
        from jobtui_core import make
        @make
        def login(password):
            raise OSError("refused")
        login(open("secret.txt").read())
        """,
    )
    (desk.root / "secret.txt").write_text("hunter2")
    desk.run("login.py")

    failure = find_failure(desk.project)
    assert not failure.replayable
    assert failure.why == "password is a secret by its name"
    with pytest.raises(RunError, match="password is a secret"):
        replay(desk.project, failure)
    for file in (desk.root / ".jobtui").rglob("*"):
        assert not file.is_file() or b"hunter2" not in file.read_bytes(), file


def test_arguments_that_are_too_large_or_cannot_be_pickled_are_not_kept(desk: Desk) -> None:
    (desk.root / "jobtui.toml").write_text('keep_arguments = "1 KB"\n')
    desk.script(
        "many.py",
        """
        import threading
        from jobtui_core import make
        @make
        def large(data):
            raise OSError
        @make
        def locked(lock):
            raise OSError
        for call in (lambda: large(b"x" * 5000), lambda: locked(threading.Lock())):
            try:
                call()
            except OSError:
                pass
        """,
    )
    desk.run("many.py")

    assert "keep_arguments allows (1,024 bytes)" in find_failure(desk.project, "large").why
    assert "lock" in find_failure(desk.project, "locked").why


def test_arguments_that_the_call_had_changed_are_named(desk: Desk) -> None:
    desk.script(
        "work.py",
        """
        from jobtui_core import make
        @make
        def drain(items, other):
            items.clear()
            raise OSError
        drain([1, 2], [3])
        """,
    )
    desk.run("work.py")

    assert find_failure(desk.project).changed == ("items",)


def test_kept_arguments_are_their_owners_alone_and_go_with_the_run(failed: Desk) -> None:
    (folder,) = (failed.root / ".jobtui" / "runs").glob("*/arguments")

    assert os.stat(folder).st_mode & 0o077 == 0
    assert [path.suffix for path in folder.iterdir() if path.name[0] != "."] == [".entry"]


def test_a_failure_that_is_not_there_is_told_with_the_nearest(failed: Desk) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'fit'"):
        find_failure(failed.project, "fitt")


def test_what_ends_the_script_outside_of_calls_is_a_failure_too(desk: Desk) -> None:
    desk.script(
        "odd.py",
        """
        from jobtui_core import make
        @make
        def one():
            return 1
        count = one() - 1
        print(3 / count)
        """,
    )
    desk.run("odd.py")

    (failure,) = failures(desk.project, runs(desk.project)[0].id)
    assert (failure.call, failure.step, failure.type) == (None, "", "ZeroDivisionError")
    assert ("count", "0") in failure.frames[-1].locals


def test_a_hostile_record_of_a_failure_is_shown_as_clean_text(tmp_path: Path) -> None:
    (tmp_path / "jobtui.toml").touch()
    folder = tmp_path / ".jobtui" / "runs" / "2026-11-22T10-14-05-ab12"
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_text(
        '{"event": "run_start", "time": 1, "script": "a.py"}\n'
        '{"event": "call_end", "time": 2, "call": "1-1", "function": "a:f", "name": "f\\u001b[2J",'
        ' "kind": "step", "started": 1, "state": "failed",'
        ' "error": {"type": "\\u001b]0;x", "message": 7, "frames": {"a": 1}},'
        ' "arguments": {"shown": {"x": 3, "y": "\\u202e"}, "size": "large", "changed": 5}}\n'
        '{"event": "run_end", "time": 3, "code": 1, "state": "failed"}\n'
    )
    (failure,) = failures(open_project(tmp_path), folder.name)

    assert failure.step == r"f\x1b[2J"
    assert failure.type == r"\x1b]0;x"
    assert failure.arguments == (("y", r"\u202e"),)
    assert (failure.frames, failure.changed, failure.replayable) == ((), (), False)
