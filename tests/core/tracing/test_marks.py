"""What a script prints is marked with time, stream and call, and put into the entry of the call."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.entry import read_info
from jobtui_core.stores import LocalStore
from jobtui_core.tracing.calls import CallHandle
from jobtui_core.tracing.marks import Mark, Marks

RUN = "2026-11-22T10-00-00-abcd"


def supervise(project: Any, **env: str) -> None:
    """Run the script as a supervisor does: its output descriptors are the log."""
    folder = project.root / ".jobtui" / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_text(
        json.dumps({"event": "run_queued", "run": RUN, "script": "script.py", "time": 1.0}) + "\n"
    )
    environment = project.environment(
        JOBTUI_RUN=RUN, JOBTUI_SCRIPT=str(project.root / "script.py"), PYTHONUNBUFFERED="1", **env
    )
    with (folder / "output.log").open("ab", buffering=0) as log:
        done = subprocess.run(
            [sys.executable, "script.py"],
            cwd=project.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
    assert done.returncode == 0, project.log().decode()


def by_hand(project: Any) -> None:
    done = project.run()
    assert done.returncode == 0, done.stderr.decode()


both = pytest.mark.parametrize("start", [by_hand, supervise])


def marks(project: Any, pattern: str = "marks.jsonl") -> list[dict[str, Any]]:
    (folder,) = project.run_folders()
    found = []
    for path in sorted(folder.glob(pattern)):
        first, *lines = path.read_text("ascii").splitlines()
        assert json.loads(first) == {"version": 1}
        found += [json.loads(line) for line in lines]
    return found


def marked(project: Any, pattern: str = "marks.jsonl") -> list[tuple[str, str, bytes]]:
    """Give stream, name of the step, and text of what was marked, in order."""
    names = {call.id: call.name for call in project.trace().calls}
    log, found = project.log(), []
    for mark in sorted(marks(project, pattern), key=lambda one: one["bytes"][0]):
        if "text" in mark:
            continue
        text = log[slice(*mark["bytes"])]
        who = names.get(mark["call"], mark["call"])
        if found and found[-1][:2] == (mark["stream"], who):
            text = found.pop()[2] + text
        found.append((mark["stream"], who, text))
    return found


def records(project: Any) -> list[tuple[str, str, str, str]]:
    return [
        (one["stream"], one["level"], one["logger"], one["text"])
        for one in marks(project)
        if "text" in one
    ]


def kept(project: Any) -> list[str]:
    """Give the logs of all entries, sorted."""
    store = LocalStore(project.root / ".jobtui" / "cache")
    names = [one.name for one in store.list("") if one.name.endswith(".entry")]
    return sorted(read_info(store, name).log for name in names)


@both
def test_output_is_marked_with_its_stream_and_the_innermost_call(project, start) -> None:
    project.write(
        "script.py",
        """
        import sys
        from jobtui_core import make

        @make
        def inner(x):
            print("in", x)
            print("error", file=sys.stderr)

        @make
        def outer(x):
            print("before")
            inner(x)
            print("after")

        outer(1)
        print("the script")
        """,
    )
    start(project)
    assert marked(project) == [
        ("out", "outer", b"before\n"),
        ("out", "inner", b"in 1\n"),
        ("err", "inner", b"error\n"),
        ("out", "outer", b"after\n"),
        ("out", "", b"the script\n"),
    ]
    begun = project.trace().info.started
    assert all(begun - 1 < one["time"] < begun + 60 for one in marks(project))
    # An outer call's log is all that it put out: a hit of it does not call the inner one.
    assert kept(project) == ["before\nin 1\nerror\nafter\n", "in 1\nerror\n"]


def test_output_of_other_programs_lies_between_the_marks_and_in_the_entry(project) -> None:
    project.script(
        """
        import os, subprocess

        @make
        def calls():
            print("first")
            subprocess.run(["echo", "from a child"])
            os.write(1, b"from a library\\n")
            print("last")

        calls()
        """
    )
    supervise(project)
    assert [text for _, _, text in marked(project)] == [b"first\nlast\n"]
    assert kept(project) == ["first\nfrom a child\nfrom a library\nlast\n"]


LOGS = """
import logging, logging.config, sys

@make
def fit():
    log = logging.getLogger("lab.fit")
    log.warning("no handler for %s", "this")
    log.debug("below its level")
    logging.basicConfig(level="INFO", format="A %(message)s")
    log.info("formatted")
    logging.basicConfig(level="DEBUG", format="B %(message)s", force=True)
    log.debug("formatted anew")
    logging.config.dictConfig(
        {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
    )
    log.warning("not logged")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")

fit()
logging.getLogger("lab").error("of the script")
"""


@both
def test_records_of_logging_are_noted_and_shown_as_ever(project, start) -> None:
    project.script(LOGS)
    start(project)
    found = records(project)
    assert found[:3] == [
        ("log", "WARNING", "lab.fit", "no handler for this"),
        ("log", "INFO", "lab.fit", "formatted"),
        ("log", "DEBUG", "lab.fit", "formatted anew"),
    ]
    assert found[3][:3] == ("log", "ERROR", "lab.fit")
    assert found[3][3].startswith("failed\nTraceback")
    assert found[4:] == [("log", "ERROR", "lab", "of the script")]
    places = [one["place"] for one in marks(project) if "text" in one]
    assert places[0] == "script.py:12"
    plain = project.run(env={"JOBTUI_TRACE": "0"})
    # The second time it is a hit, and the handlers are not set up: all is as without us.
    assert plain.stderr == b"of the script\n"
    shown = project.log().decode().splitlines()
    assert shown[:3] == ["no handler for this", "A formatted", "B formatted anew"]


def test_logging_that_is_first_imported_within_a_step_is_noted_from_its_first_record(
    project,
) -> None:
    project.script(
        """
        import sys
        assert "logging" not in sys.modules

        @make
        def fit():
            import logging
            logging.getLogger().error("seen")

        @make
        def first():
            assert "logging" not in sys.modules

        first()
        fit()
        """
    )
    by_hand(project)
    assert records(project) == [("log", "ERROR", "root", "seen")]


UNUSUAL = """
import logging, sys

class Told:
    def __str__(self):
        print("told")
        return "secret"

def hide(record):
    record.msg = "hidden"
    return True

@make
def fit():
    logging.warning("%d and %d", "one")
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(hide)
    logging.getLogger().addHandler(handler)
    logging.error("the secret")
    handler.removeFilter(hide)
    logging.error(Told())

fit()
"""


@both
def test_records_are_noted_as_they_were_shown_and_nobody_notices(project, start) -> None:
    project.script(UNUSUAL)
    plain = project.run(
        env={"JOBTUI_TRACE": "0", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    for entry in (project.root / ".jobtui" / "cache").rglob("*.entry"):
        entry.unlink()
    start(project)
    assert project.log() == plain.stdout
    assert b"Call stack:" in plain.stdout
    assert [text for *_, text in records(project)] == ["%d and %d", "hidden", "secret"]


@both
def test_warnings_are_noted_and_shown_as_ever(project, start) -> None:
    project.script(
        """
        import warnings

        @make
        def fit():
            with warnings.catch_warnings(record=True):
                warnings.simplefilter("always")
                warnings.warn("caught")
            warnings.warn("far off", RuntimeWarning)
            warnings.warn("and again", DeprecationWarning)

        with warnings.catch_warnings():
            double(1)
        fit()
        """
    )
    start(project)
    assert records(project) == [
        ("warning", "RuntimeWarning", "", "far off"),
        ("warning", "DeprecationWarning", "", "and again"),
    ]
    shown = project.log().decode()
    assert "script.py:14: RuntimeWarning: far off\n" in shown
    assert [stream for stream, _, _ in marked(project)] == ["warning"]


THREADS = """
import threading
turn = threading.Barrier(2)

@make
def talk(name):
    for i in range(3):
        turn.wait()
        print(name, i)
        turn.wait()

threads = [threading.Thread(target=talk, args=(name,)) for name in "ab"]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@both
def test_calls_in_threads_get_their_own_lines(project, start) -> None:
    project.script(THREADS)
    start(project)
    assert kept(project) == ["a 0\na 1\na 2\n", "b 0\nb 1\nb 2\n"]


def test_tasks_of_an_event_loop_get_their_own_lines(project) -> None:
    project.script(
        """
        import asyncio
        memory = Memory(".jobtui/cache", verbose=0)

        @memory.cache
        async def talk(name):
            for i in range(2):
                print(name, i)
                await asyncio.sleep(0)

        async def main():
            await asyncio.gather(talk("a"), talk("b"))

        asyncio.run(main())
        """
    )
    by_hand(project)
    assert project.log() == b"a 0\nb 0\na 1\nb 1\n"
    store = LocalStore(project.root / ".jobtui" / "cache" / "jobtui")
    names = [one.name for one in store.list("") if one.name.endswith(".entry")]
    assert sorted(read_info(store, one).log for one in names) == ["a 0\na 1\n", "b 0\nb 1\n"]


def test_a_thread_that_a_step_starts_speaks_for_the_step(project) -> None:
    project.script(
        """
        import threading

        @make
        def fit():
            thread = threading.Thread(target=print, args=("from a thread",))
            thread.start()
            thread.join()

        fit()
        """
    )
    by_hand(project)
    assert marked(project) == [("out", "fit", b"from a thread\n")]


@both
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_mark_what_they_print(project, start, method) -> None:
    if method not in __import__("multiprocessing").get_all_start_methods():
        pytest.skip(f"no {method} here")
    project.script(
        f"""
        import multiprocessing

        @make
        def talk(x):
            print("worker", x)
            return x

        if __name__ == "__main__":
            double(1)
            process = multiprocessing.get_context("{method}").Process(target=talk, args=(1,))
            process.start()
            process.join()
            print("main")
        """
    )
    start(project)
    assert b"".join(text for _, _, text in marked(project, "marks-*.jsonl")) == b"worker 1\n"
    assert ("out", "", b"main\n") in marked(project)
    assert kept(project) == ["", "worker 1\n"]


def test_what_a_script_diverts_is_not_its_output(project) -> None:
    project.script(
        """
        import contextlib, io

        @make
        def fit():
            with contextlib.redirect_stdout(io.StringIO()) as held:
                print("diverted")
            print("seen")
            return held.getvalue()

        assert fit() == "diverted\\n"
        """
    )
    by_hand(project)
    assert kept(project) == ["seen\n"]


def test_what_is_printed_at_the_very_end_is_marked(project) -> None:
    project.write(
        "script.py",
        """
        import atexit
        atexit.register(print, "the end")
        from jobtui_core import make

        @make
        def double(x):
            return 2 * x

        double(1)
        """,
    )
    by_hand(project)
    assert marked(project)[-1] == ("out", "", b"the end\n")


def test_of_a_progress_bar_the_entry_keeps_the_last_state(project) -> None:
    project.script(
        """
        @make
        def fit():
            for i in range(1, 4):
                print(f"\\r{i} of 3", end="", flush=True)
            print()
            for i in range(1, 4):
                print(f"\\n\\rinner {i}\\x1b[A", end="", flush=True)
            print("\\rend")

        fit()
        """
    )
    by_hand(project)
    assert kept(project) == ["3 of 3\n\nend\n"]


def test_a_line_of_any_length_behind_a_carriage_return_is_kept_at_once(project) -> None:
    project.script(
        """
        @make
        def fit():
            print("1 of 2\\r" + "x" * 60_000)
            print("\\r" * 150_000)

        fit()
        """
    )
    # It is given a minute.
    by_hand(project)
    assert kept(project) == ["x" * 60_000 + "\n\n"]


def test_of_long_output_the_entry_keeps_the_end(project) -> None:
    project.script(
        """
        @make
        def fit():
            for i in range(30_000):
                print(i)

        fit()
        """
    )
    by_hand(project)
    (text,) = kept(project)
    assert len(text) == 64 << 10
    assert text.endswith("29998\n29999\n")
    assert len(marks(project)) < 1000


def test_marks_get_coarser_the_more_there_are(tmp_path: Path, monkeypatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    kept = Marks(tmp_path / "marks.jsonl")
    for index in range(400_000):
        now += 0.005
        kept.note(index, index + 1, "out", "", None)
    kept.flush()
    lines = (tmp_path / "marks.jsonl").read_text().splitlines()
    assert 10_000 < len(lines) < 60_000
    spans = [json.loads(line)["bytes"] for line in lines[1:]]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
    assert spans[-1][1] == 400_000


def test_marks_know_all_calls_in_whose_course_something_was_written(tmp_path: Path) -> None:
    outer = CallHandle("1-1", "m:outer", "outer", "step", None)
    inner = CallHandle("1-2", "m:inner", "inner", "step", outer)
    kept = Marks(tmp_path / "marks.jsonl")
    kept.note(0, 5, "out", "1-2", inner)
    (mark,) = kept.recent()
    assert isinstance(mark, Mark)
    assert mark.within == ("1-2", "1-1")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_full_disk_costs_the_marks_and_nothing_else() -> None:
    kept = Marks(Path("/dev/full"))
    kept.note(0, 5, "out", "", None)
    kept.record("log", "INFO", "lab", "text", "a.py:1", "", (0, 0), 1.0)
    kept.close()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
def test_a_terminal_gets_byte_for_byte_what_it_would_have_got(project) -> None:
    project.script(
        """
        import logging, os, subprocess, sys, warnings

        @make
        def fit(n):
            assert sys.stdout.isatty() and sys.stderr.isatty()
            assert os.get_terminal_size(sys.stdout.fileno())
            print("\\x1b[32mgreen\\x1b[0m", end="")
            print("error", file=sys.stderr)
            for i in range(3):
                print(f"\\r{i}", end="", flush=True)
            sys.stdout.write("no end")
            subprocess.run(["echo", "from a child"])
            sys.stdout.buffer.write(b"bytes \\xff\\n")
            logging.getLogger("lab").warning("logged")
            warnings.warn("careful", stacklevel=2)
            return n

        fit(int(os.environ["NUMBER"]))
        print("the end")
        """
    )

    def shown(**env: str) -> bytes:
        main, other = os.openpty()
        found = b""
        try:
            done = project.run(stdout=other, stderr=other, env=env)
            os.close(other)
            assert done.returncode == 0
            # What is left in a terminal whose other end is closed ends with an error.
            with contextlib.suppress(OSError):
                while data := os.read(main, 65536):
                    found += data
        finally:
            os.close(main)
        return found

    plain = shown(JOBTUI_TRACE="0", NUMBER="1")
    assert b"green" in plain
    assert b"careful" in plain
    assert shown(NUMBER="2") == plain


def test_a_log_that_grows_too_large_is_cut_and_the_script_goes_on(project) -> None:
    project.script(
        """
        from jobtui_core.tracing import capture
        capture.LARGEST_LOG = 1000

        @make
        def fit():
            for i in range(100):
                print("x" * 50)
            return 1

        assert fit() == 1
        """
    )
    by_hand(project)
    assert project.log().endswith(b"[more output was not kept]\n")
    assert len(project.log()) < 1100
    assert kept(project)[0].count("x" * 50) >= 15
