"""How a script's end is told."""

from __future__ import annotations

import sys

import pytest

from jobtui_core.records import CallState, RunState


@pytest.mark.parametrize(
    ("text", "state", "code"),
    [
        ("", RunState.DONE, 0),
        ("import sys; sys.exit()", RunState.DONE, 0),
        ("import sys; sys.exit(0)", RunState.DONE, 0),
        ("import sys; sys.exit(3)", RunState.FAILED, 3),
        ("import sys; sys.exit(259)", RunState.FAILED, 3),
        ("import sys; sys.exit(True)", RunState.FAILED, 1),
        ("import sys; sys.exit('no data')", RunState.FAILED, 1),
        ("raise ValueError('boom')", RunState.FAILED, 1),
        ("raise KeyboardInterrupt", RunState.CANCELLED, 130),
    ],
)
def test_state_and_code_at_the_end(project, text, state, code) -> None:
    project.script(f"double(1)\n{text}")
    project.run()
    info = project.trace().info
    assert info.state is state
    assert info.code == code
    assert project.trace().finished is (state is RunState.DONE)


def test_the_code_of_a_raised_exit_is_known_where_python_tells_it(project) -> None:
    project.script("double(1)\nraise SystemExit(3)")
    assert project.run().returncode == 3
    info = project.trace().info
    assert (info.code, info.state) == (
        (3, RunState.FAILED) if sys.version_info >= (3, 12) else (None, RunState.DONE)
    )


def test_an_exit_that_was_caught_is_none(project) -> None:
    project.script("double(1)\nimport sys\ntry:\n    sys.exit(3)\nexcept SystemExit:\n    pass")
    assert project.run().returncode == 0
    assert project.trace().info.state is RunState.DONE


def test_an_exit_of_a_thread_is_none(project) -> None:
    project.script(
        """
        import sys, threading
        double(1)
        thread = threading.Thread(target=lambda: sys.exit(3))
        thread.start()
        thread.join()
        """
    )
    assert project.run().returncode == 0
    assert project.trace().info.state is RunState.DONE


def test_an_exception_is_told_though_the_script_has_its_own_hook(project) -> None:
    project.script(
        """
        import sys
        sys.excepthook = lambda *details: print("hooked", file=sys.stderr)
        double(1)
        raise ValueError("boom")
        """
    )
    assert project.run().stderr == b"hooked\n"
    info = project.trace().info
    assert info.state is RunState.FAILED
    assert info.error == "ValueError: boom"


def test_a_step_that_raises_is_a_failed_call_with_its_traceback(project) -> None:
    project.write(
        "script.py",
        """
        from jobtui_core import make

        @make
        def broken(x):
            raise KeyError("lost")

        broken(1)
        """,
    )
    done = project.run()
    assert done.returncode == 1
    assert b"KeyError: 'lost'" in done.stderr
    trace = project.trace()
    (call,) = trace.calls
    assert call.state is CallState.FAILED
    assert call.error is not None
    assert call.error.type == "KeyError"
    assert 'raise KeyError("lost")' in call.error.traceback
    assert "jobtui_core" not in call.error.traceback
    assert call.info.error == "KeyError: 'lost'"
    assert trace.info.state is RunState.FAILED
    assert trace.info.failed == 1


@pytest.mark.parametrize("last", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)"])
def test_a_process_that_vanished_has_died(project, last) -> None:
    project.script(f"import os, signal\ndouble(1)\n{last}")
    project.run()
    trace = project.trace()
    assert trace.info.state is RunState.DIED
    assert trace.info.code is None
    assert not trace.finished
    assert trace.info.ended == trace.info.last_heard
    assert trace.calls[0].state is CallState.COMPUTED


def test_a_call_in_which_the_process_vanished_never_ends(project) -> None:
    project.write(
        "script.py",
        """
        import os, signal
        from jobtui_core import make

        @make
        def last(x):
            os.kill(os.getpid(), signal.SIGKILL)

        last(1)
        """,
    )
    project.run()
    (call,) = project.trace().calls
    assert call.state is CallState.RUNNING


def test_the_end_is_told_to_a_supervised_run_as_an_error_only(project) -> None:
    script = project.script("double(1)\nraise ValueError('boom')")
    project.run(env={"JOBTUI_RUN": "r1", "JOBTUI_SCRIPT": str(script)})
    text = (project.run_folders()[0] / "events.jsonl").read_text()
    assert '"event":"error"' in text
    assert "run_end" not in text


def test_secrets_in_a_message_are_left_out(project) -> None:
    project.script("raise ValueError('no answer from https://me:hunter2@host/, token='hunter2'')")
    project.run()
    project.script("@make\ndef f():\n    raise ValueError('https://me:hunter2@host/')\nf()")
    project.run()
    trace = project.trace()
    assert trace.error.message == "https://…@host/"
    events = "".join(path.read_text() for path in project.root.rglob("events*.jsonl"))
    assert "hunter2" not in events
