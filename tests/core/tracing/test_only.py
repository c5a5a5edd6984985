"""``--only`` ends a script when the statement with the step's last call is done."""

from __future__ import annotations

import ast
import json
import textwrap

import pytest

from jobtui_core.records import RunState
from jobtui_core.tracing.only import whole_statement

HEAD = """
from jobtui_core import make

@make
def first(x):
    return x

@make
def second(x):
    return x

"""

LOOP_IN_MAIN = """
def main():
    for i in [1, 2]:
        first(i)
        print(i)
    print("on")

if __name__ == "__main__":
    main()
"""


def run_only(project, body: str, *names: str):
    script = project.write("script.py", HEAD + textwrap.dedent(body))
    env = {
        "JOBTUI_RUN": "r1",
        "JOBTUI_SCRIPT": str(script),
        "JOBTUI_ONLY": json.dumps(names),
    }
    return project.run(env=env)


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        ("a = first(1)\nprint('on', a)\nb = second(a)", b""),
        ("print(first(1))\nprint('on')\nsecond(2)", b"1\n"),
        ("first(1)\nprint('a')\nfirst(2)\nprint('b')", b"a\n"),
        ("for i in range(3):\n    first(i)\n    print(i)\nprint('on')", b"0\n1\n2\n"),
        ("def main():\n    first(1)\n    print('on')\nmain()\nprint('more')", b""),
        (LOOP_IN_MAIN, b"1\n2\n"),
        ("if __name__ == '__main__':\n    first(1)\n    print('on')", b""),
        ("def f(n):\n    first(n)\n    print('f')\nf(1)\nprint('on')", b"f\n"),
        ("try:\n    first(1)\nfinally:\n    print('cleaned')\nprint('on')", b"cleaned\n"),
        ("try:\n    first(1)\nexcept Exception:\n    print('caught')\nprint('on')", b""),
        ("[first(i) for i in range(3)]\nprint('on')", b""),
        ("print('x' if first(0) else 'y')", b"y\n"),
    ],
)
def test_the_script_ends_behind_the_statement(project, body, printed) -> None:
    done = run_only(project, body, "first")
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed
    assert done.stderr == b""
    trace = project.trace()
    assert trace.only_stop is not None
    assert {call.name for call in trace.calls} == {"first"}
    assert trace.only_stop[0] == "script.py"


def test_the_last_of_several_steps_decides(project) -> None:
    body = "first(1)\nprint('a')\nsecond(1)\nprint('b')"
    assert run_only(project, body, "first", "script:second").stdout == b"a\n"


def test_hits_end_it_as_well(project) -> None:
    body = "first(1)\nprint('on')"
    run_only(project, body, "first")
    done = run_only(project, body, "first")
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_statement_passed_without_its_call_ends_it_at_the_next_call(project) -> None:
    body = """
    import os
    second(1)
    if os.environ.get("NEVER_SET"):
        first(1)
    print("between")
    second(2)
    print("on")
    """
    done = run_only(project, body, "first")
    assert done.returncode == 0
    assert done.stdout == b"between\n"


def test_a_step_that_fails_is_a_failure(project) -> None:
    body = """
    @make
    def broken(x):
        raise ValueError("boom")

    broken(1)
    print("on")
    """
    done = run_only(project, body, "broken")
    assert done.returncode == 1
    assert b"ValueError: boom" in done.stderr
    assert project.trace().only_stop is None


def test_a_name_that_the_script_does_not_call_ends_nothing(project) -> None:
    assert run_only(project, "first(1)\nprint('on')", "third").stdout == b"on\n"


def test_workers_are_not_ended(project) -> None:
    body = """
    import multiprocessing

    def work(n):
        return first(n)

    if __name__ == "__main__":
        with multiprocessing.get_context("fork").Pool(1) as pool:
            print(pool.map(work, [1, 2]))
        first(3)
        print("on")
    """
    done = run_only(project, body, "first")
    assert (done.returncode, done.stdout) == (0, b"[1, 2]\n"), done.stderr


def test_threads_go_on(project) -> None:
    body = """
    import threading
    thread = threading.Thread(target=lambda: (first(1), print("thread")))
    thread.start()
    thread.join()
    first(2)
    print("on")
    """
    assert run_only(project, body, "first").stdout == b"thread\n"


def test_it_does_not_count_as_finished(project) -> None:
    run_only(project, "first(1)\nprint('on')", "first")
    folder = project.run_folders()[0]
    with (folder / "events.jsonl").open("a") as file:
        file.write(
            '{"event": "run_end", "time": 2e9, "code": 0, "signal": null, "state": "done"}\n'
        )
    trace = project.trace()
    assert trace.info.state is RunState.DONE
    assert not trace.finished


def test_the_whole_statement_is_that_of_top_level_or_main() -> None:
    source = textwrap.dedent("""\
        for i in range(3):
            if i:
                f(i)
        def main():
            with x:
                f(1)
        if __name__ == "__main__":
            f(2)
            f(3)
    """)
    tree = ast.parse(source)
    assert whole_statement(tree, 3, 3) == (1, 3)
    assert whole_statement(tree, 6, 6) == (5, 6)
    assert whole_statement(tree, 8, 8) == (8, 8)
    assert whole_statement(tree, 99, 99) == (99, 99)
