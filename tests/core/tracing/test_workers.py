"""Child processes of a script take part in its run."""

from __future__ import annotations

import os

import pytest

from jobtui_core.records import RunState
from jobtui_core.tracing.read import read_run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_a_forked_child_writes_its_own_events(project) -> None:
    project.script(
        """
        import os, sys
        double(1)
        child = os.fork()
        if not child:
            double(2)
            sys.exit(5)
        os.waitpid(child, 0)
        double(3)
        """
    )
    done = project.run("-W", "error", "script.py")
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    (folder,) = project.run_folders()
    (child,) = folder.glob("events-*.jsonl")
    trace = project.trace()
    assert trace.info.state is RunState.DONE
    assert [call.process for call in trace.calls] == ["events", child.stem, "events"]
    assert [call.id.split("-")[0] for call in trace.calls].count(str(trace.info.pid)) == 2
    assert child.read_text().count("run_end") == 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing_belong_to_the_run(project, method) -> None:
    project.script(
        f"""
        import multiprocessing

        if __name__ == "__main__":
            double(0)
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                print(pool.map(double, [1, 2, 3]))
        """
    )
    done = project.run()
    assert done.stdout == b"[2, 4, 6]\n", done.stderr
    trace = project.trace()
    assert trace.info.state is RunState.DONE
    assert len(trace.calls) == 4
    assert {call.function for call in trace.calls} == {"script:double"}
    assert len({call.process for call in trace.calls}) >= 2
    assert [call.site for call in trace.calls if call.process != "events"] == [None] * 3


def test_spawned_workers_join_before_the_script_has_called_anything(project) -> None:
    project.script(
        """
        import multiprocessing, os

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                pool.map(double, [1])
            double(2)
        """
    )
    env = {"JOBTUI_RUN": "r1", "JOBTUI_SCRIPT": str(project.root / "script.py")}
    assert project.run(env=env).returncode == 0
    trace = project.trace()
    assert len(trace.calls) == 2
    assert trace.start["pid"] == int(trace.calls[-1].id.split("-")[0])


def test_a_script_whose_workers_make_all_calls_has_a_record(project) -> None:
    project.script(
        """
        import joblib

        if __name__ == "__main__":
            joblib.Parallel(n_jobs=2)(joblib.delayed(double)(x) for x in (1, 2))
        """
    )
    assert project.run().returncode == 0
    assert len(project.run_folders()) == 1
    trace = project.trace()
    assert trace.info.state is RunState.DONE
    assert len(trace.calls) == 2
    assert all(call.process != "events" for call in trace.calls)


def test_workers_that_are_killed_leave_the_run_alone(project) -> None:
    project.script(
        """
        import os, signal
        double(1)
        child = os.fork()
        if not child:
            double(2)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        """
    )
    assert project.run().returncode == 0
    trace = project.trace()
    assert trace.info.state is RunState.DONE
    assert len(trace.calls) == 2


def test_a_fork_inside_a_step_ends_its_call_once(project) -> None:
    project.write(
        "script.py",
        """
        import os
        from jobtui_core import make

        @make
        def outer(x):
            child = os.fork()
            if not child:
                inner(x)
                return os._exit(0)
            os.waitpid(child, 0)
            return x

        @make
        def inner(x):
            return x

        outer(1)
        """,
    )
    assert project.run().returncode == 0
    outer, inner = project.trace().calls
    assert inner.parent == outer.id
    assert outer.parent is None


def test_output_is_not_doubled_by_a_fork(project) -> None:
    project.script(
        """
        import os, sys
        double(1)
        print("begun", end="", flush=False)
        sys.stdout.flush()
        child = os.fork()
        if not child:
            print(" child", end=" ")
            sys.exit(0)
        os.waitpid(child, 0)
        print("parent")
        """
    )
    project.run()
    assert project.log() == b"begun child parent\n"


def test_threads_of_a_step_tell_it_what_they_read(project) -> None:
    project.write("extra.txt", "hello")
    project.write(
        "script.py",
        """
        from concurrent.futures import ThreadPoolExecutor
        from jobtui_core import make

        @make
        def count(x):
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(lambda: len(open("extra.txt").read())).result()

        count(1)
        """,
    )
    assert project.run().returncode == 0
    (call,) = project.trace().calls
    assert [path for path, _ in call.met] == ["extra.txt"]


def test_two_runs_at_once_do_not_mix(project) -> None:
    project.script("double(1)")
    project.run()
    project.run()
    traces = [read_run(folder) for folder in project.run_folders()]
    assert len(traces) == 2
    assert all(len(trace.calls) == 1 for trace in traces)
