"""The command line on a project of files, with scripts that really run."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCRIPT = """\
import helpers
from jobtui_core import default_param, make

factor = default_param("factor", 2)

@make(inputs=["{path}"])
def read(path):
    with open(path) as file:
        numbers = [int(word) for word in file.read().split()]
    print("read", len(numbers), "numbers")
    return numbers

@make
def scaled(numbers, factor):
    print("scaling")
    return helpers.scale(numbers, factor)

print("sum", sum(scaled(read("numbers.txt"), factor)))
"""

HELPERS = """\
def scale(numbers, factor):
    return [number * factor for number in numbers]
"""

WAITING = """\
import pathlib, time
from jobtui_core import make

@make
def wait():
    print("waiting", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
    return 1

wait()
"""

DEADLINE = 30
"""Seconds after which something that ought to happen is taken for not happening."""


def eventually(happened: Callable[[], object], what: str) -> None:
    """Wait until something is true."""
    end = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < end, f"not within {DEADLINE} s: {what}"
        time.sleep(0.02)


class Folder:
    """A project folder, and ``jobtui`` run in it."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.path = path
        self.environment = environment
        self.processes: list[subprocess.Popen[str]] = []

    def write(self, name: str, text: str) -> None:
        # At once, as editors do: half a file that a watcher sees is an edit of its own.
        new = self.path / f".{name.replace('/', '-')}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.path / name)

    def start(self, *words: str, **options) -> subprocess.Popen[str]:
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        environment = {**self.environment, **options.pop("environment", {})}
        process = subprocess.Popen(
            [sys.executable, "-m", "jobtui", *words],
            cwd=self.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            **options,
        )
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Leave no process behind, whatever a test did."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def __call__(self, *words: str, **options) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def verdicts(self, *words: str) -> dict[str, str]:
        data = json.loads(self("status", "--json", *words).stdout)
        return {
            step["name"]: step["verdict"] for script in data["scripts"] for step in script["steps"]
        }


@pytest.fixture
def folder(tmp_path, repository) -> Iterator[Folder]:
    folder = Folder(tmp_path, repository)
    folder.write("jobtui.toml", "")
    folder.write("sums.py", SCRIPT)
    folder.write("helpers.py", HELPERS)
    folder.write("numbers.txt", "1 2 3\n")
    yield folder
    folder.end()


@pytest.fixture
def waiting(tmp_path, repository) -> Iterator[Folder]:
    folder = Folder(tmp_path, repository)
    folder.write("jobtui.toml", "")
    folder.write("slow.py", WAITING)
    yield folder
    folder.write("go", "")
    folder.end()


def test_new_then_run_then_fresh_then_nothing_to_run(folder):
    assert folder.verdicts() == {"read": "new", "scaled": "new"}
    ran = folder("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "  read 3 numbers\n" in ran.stdout
    assert "  sum 12\n" in ran.stdout
    assert "+ scaled  computed in" in ran.stdout
    assert "\x1b" not in ran.stdout
    assert folder("status", "--fail-if-stale").returncode == 0
    again = folder("run")
    assert (again.returncode, again.stdout) == (
        0,
        "all fresh: 2 steps in 1 script, nothing to run\n",
    )


def test_a_deleted_output_is_put_back_and_nothing_is_computed(folder):
    folder.write(
        "sums.py",
        SCRIPT.replace("@make\n", "@make(output=JsonFile('sums.json'))\n").replace(
            "import default_param", "import JsonFile, default_param"
        ),
    )
    assert folder("run").returncode == 0
    assert "nothing to run" in folder("run").stdout
    kept = (folder.path / "sums.json").read_bytes()
    (folder.path / "sums.json").unlink()
    assert "sums.json is missing; running the script puts it back" in folder("status").stdout
    done = folder("run")
    assert done.returncode == 0
    assert "note: sums.py runs to put sums.json back" in done.stdout
    assert "0 computed, 2 from the cache" in done.stdout
    assert (folder.path / "sums.json").read_bytes() == kept
    assert "nothing to run" in folder("run").stdout


def test_an_edited_helper_is_named_and_only_what_uses_it_runs(folder):
    folder("run")
    folder.write("helpers.py", HELPERS.replace("number * factor", "number + factor + 1"))
    stale = folder("status", "--fail-if-stale")
    assert stale.returncode == 1
    assert "stale" in stale.stdout
    assert "scale" in stale.stdout
    why = folder("why", "scaled").stdout
    assert "-    return [number * factor for number in numbers]" in why
    assert "+    return [number + factor + 1 for number in numbers]" in why
    ran = folder("run").stdout
    assert "= read  from the cache" in ran
    assert "+ scaled  computed" in ran


def test_values_are_tried_out_without_running(folder):
    folder("run")
    assert folder.verdicts("factor=3") == {"read": "fresh", "scaled": "stale"}
    plan = folder("plan", "factor=3").stdout
    assert "will run" in plan
    assert "kept" in plan
    assert folder.verdicts() == {"read": "fresh", "scaled": "fresh"}
    assert "sum 18" in folder("run", "sums.py", "factor=3").stdout
    assert folder.verdicts() == {"read": "fresh", "scaled": "fresh"}


def test_json_has_the_promised_shape(folder):
    folder("run")
    folder.write("broken.py", "from jobtui_core import make\nprint((\n")
    data = json.loads(folder("status", "--json").stdout)
    assert data["project"] == "."
    by_path = {script["path"]: script for script in data["scripts"]}
    assert by_path["broken.py"]["error"]["line"] == 2
    assert set(by_path["broken.py"]["error"]) >= {"line", "column", "message"}
    script = by_path["sums.py"]
    assert script["error"] is None
    assert script["argv"] == []
    assert {"name": "factor", "type": "int", "default": 2, "value": 2}.items() <= (
        script["parameters"][0].items()
    )
    step = script["steps"][1]
    assert set(step) >= {
        "name", "function", "kind", "verdict", "reasons", "notes", "accepted", "calls",
        "duration", "last_run",
    }  # fmt: skip
    assert (step["name"], step["function"], step["kind"]) == ("scaled", "sums:scaled", "step")
    assert step["calls"] == 1
    assert isinstance(step["duration"], float)


def test_a_script_that_cannot_be_read_is_a_row_and_the_others_go_on(folder):
    folder.write("broken.py", "from jobtui_core import make\nprint((\n")
    status = folder("status")
    assert status.returncode == 0
    assert "broken.py" in status.stdout
    assert "line 2" in status.stdout
    assert "sums.py" in status.stdout
    ran = folder("run")
    assert ran.returncode == 1
    assert "broken.py: line 2" in ran.stdout
    assert "sum 12" in ran.stdout
    assert folder("run", "sums.py").returncode == 0


def test_a_script_that_raises_gives_1_and_keeps_what_was_finished(folder):
    folder.write("sums.py", SCRIPT.replace('print("scaling")', 'raise ValueError("no way")'))
    ran = folder("run")
    assert ran.returncode == 1
    assert "no way" in ran.stdout
    verdicts = folder.verdicts()
    assert verdicts == {"read": "fresh", "scaled": "failed"}


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("status", "summs.py"), "sums.py"),
        (("status", "facter=3"), "factor"),
        (("run", "facter=3"), "factor"),
        (("run", "factor=three"), "factor"),
        (("why", "scalled"), "scaled"),
        (("plan", "--only", "scalled"), "scaled"),
        (("run", "--recompute", "scalled"), "scaled"),
    ],
)
def test_unknown_names_exit_with_2_and_name_the_nearest(folder, words, near):
    done = folder(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert near in done.stderr
    assert done.stderr.startswith("jobtui: ")
    assert done.stderr.count("\n") == 1


def test_logs_are_printed_whole_or_by_step(folder):
    folder("run")
    whole = folder("log").stdout
    assert whole == "read 3 numbers\nscaling\nsum 12\n"
    assert folder("log", "scaled").stdout == "scaling\n"
    run = json.loads(folder("status", "--json").stdout)["scripts"][0]["steps"][0]["last_run"]
    assert folder("log", run).stdout == whole
    assert folder("log", run[:-2], "read").stdout == "read 3 numbers\n"
    folder("run", "sums.py")
    assert folder("log", "scaled").stdout == "scaling\n", "a hit prints nothing"
    hit = json.loads(folder("status", "--json").stdout)["scripts"][0]["steps"][0]["last_run"]
    stored = folder("log", hit, "read").stdout
    assert stored == f"read: from the cache, as written in run {run}\nread 3 numbers\n"
    timed = folder("log", hit, "read", "--time").stdout.splitlines()[1]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}  out       read 3 numbers", timed)
    lines = json.loads(folder("log", hit, "read", "--json").stdout)["lines"]
    assert [(line["text"], line["origin"]) for line in lines] == [("read 3 numbers", run)]
    unknown = folder("log", "scalled")
    assert unknown.returncode == 2
    assert "'scaled'" in unknown.stderr


def test_a_log_before_any_run_says_so(folder):
    done = folder("log")
    assert done.returncode == 2
    assert "nothing has run here yet" in done.stderr


def test_binary_output_is_printed_and_does_not_break_anything(folder):
    folder.write(
        "noise.py",
        "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 10)\n",
    )
    assert folder("run", "noise.py").returncode == 0
    assert folder("log").returncode == 0


def test_words_after_two_dashes_reach_the_script_and_are_remembered(folder):
    folder.write("words.py", "import sys\nprint(sys.argv[1:])\n")
    assert "['--fast', 'a=b']" in folder("run", "words.py", "--", "--fast", "a=b").stdout
    assert "['--fast', 'a=b']" in folder("run", "words.py").stdout
    assert "[]" in folder("run", "words.py", "--").stdout


def test_a_reader_that_goes_away_is_no_error(folder):
    read, write = os.pipe()
    os.close(read)
    process = folder.start("status", stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, "")


def test_a_closed_output_is_no_error(folder):
    command = [sys.executable, "-m", "jobtui", "status", "--fail-if-stale"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command], cwd=folder.path, env=folder.environment
    )
    assert done.returncode == 1


def test_a_terminal_without_utf8_gets_ascii(folder):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    folder("run")
    status = folder("status", "factor=3", environment=plain)
    assert status.returncode == 0
    assert status.stdout.isascii()
    assert "2 -> 3" in status.stdout
    assert folder("demo", "--help", environment=plain).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_cancels_the_run(waiting, number):
    process = waiting.start("run")
    line = ""
    while "waiting" not in line:
        line = process.stdout.readline()
        assert line, "ended before the step began"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "cancelled" in out
    assert waiting.verdicts()["wait"] != "fresh"


def test_a_lost_terminal_leaves_the_run_going(waiting):
    process = waiting.start("run")
    while "waiting" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert waiting.verdicts() == {"wait": "running"}
    waiting.write("go", "")
    eventually(lambda: waiting.verdicts() == {"wait": "fresh"}, "the run ends by itself")


def test_watching_runs_again_what_a_save_makes_stale(folder):
    process = folder.start("run", "--watch")
    seen: list[str] = []

    def read_until(words: str) -> None:
        while not seen or words not in seen[-1]:
            line = process.stdout.readline()
            assert line, "".join(seen) + process.stderr.read()
            seen.append(line)

    read_until("watching")
    # Python itself takes an edit for none if neither size nor second of the file has changed.
    folder.write("helpers.py", HELPERS.replace("number * factor", "number + factor + 1"))
    read_until("sum 15")
    read_until("watching")
    folder.write("helpers.py", HELPERS.replace("number * factor", "number - factor"))
    read_until("sum 0")
    read_until("watching")
    same = HELPERS.replace("number * factor", "number - factor") + "# a comment\n"
    folder.write("helpers.py", same)
    read_until("nothing that matters has changed")
    folder.write("helpers.py", HELPERS.replace("number * factor", "number +"))
    read_until("cannot be read: helpers.py, line 2: invalid syntax")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


def on_a_terminal(
    folder: Folder,
    *words: str,
    seen: str = "",
    then: Callable[[], object] = lambda: None,
    **environment: str,
) -> str:
    """What a terminal of 80 columns is sent; once ``seen`` is among it, ``then`` is called."""
    ours, theirs = pty.openpty()
    environment = {**folder.environment, "TERM": "xterm-256color", "COLUMNS": "80", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "jobtui", *words],
        cwd=folder.path,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    data = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                # Linux answers so when the other side is closed.
                break
            if not piece:
                break
            data += piece
            if seen and seen.encode() in data:
                seen = ""
                then()
    os.close(ours)
    assert not seen, data.decode()
    assert process.wait(timeout=60) in (0, 1)
    return data.decode()


def test_a_terminal_gets_colours_and_a_clock(waiting):
    text = on_a_terminal(
        waiting, "run", seen="● slow.py  wait", then=lambda: waiting.write("go", "")
    )
    assert "\x1b[" in text
    assert "  waiting" in text
    assert "slow.py: done" in text
    status = on_a_terminal(waiting, "status")
    assert "= fresh" in status
    assert "1 fresh" in status


def test_no_color_is_respected(folder):
    text = on_a_terminal(folder, "status", NO_COLOR="1")
    assert "· new" in text
    assert "\x1b[3" not in text


@pytest.mark.slow
def test_the_demo_without_a_terminal_runs_and_prints_the_table(tmp_path, repository):
    folder = Folder(tmp_path, repository)
    made = folder("demo")
    assert made.returncode == 0, made.stdout + made.stderr
    table = [line for line in made.stdout.splitlines() if line.split()[2:3] == ["fresh"]]
    assert len(table) == 9
    demo = tmp_path / "co2-demo"
    for name in ("figures/co2.svg", "figures/forecast.svg", "results/forecast.json"):
        assert (demo / name).is_file(), name
    script = demo / "co2.py"
    script.write_text(script.read_text().replace('"window", 52', '"window", 26'))
    inside = Folder(demo, repository)
    assert inside.verdicts() == {
        "read": "fresh",
        "fill_gaps": "fresh",
        "trend": "stale",
        "seasonal_cycle": "unsure",
        "growth_rate": "unsure",
        "bootstrap": "stale",
        "figure": "unsure",
        "forecast": "unsure",
        "outlook": "unsure",
    }
    script.write_text(script.read_text().replace('"window", 26', '"window", 52'))
    assert set(inside.verdicts().values()) == {"fresh"}


def test_a_run_can_show_again_what_hits_had_written(folder):
    folder("run", "sums.py")
    first = json.loads(folder("status", "--json").stdout)["scripts"][0]["steps"][0]["last_run"]
    again = folder("run", "sums.py", "--replay").stdout
    assert f"read: from the cache, as written in run {first}" in again
    assert "read 3 numbers" in again
    assert "read 3 numbers" not in folder("run", "sums.py").stdout
