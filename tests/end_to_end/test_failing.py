"""A script that fails or is killed loses nothing that was finished, and can be looked into."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pexpect
import pytest

from tests.support import wait_until

STEPS = """
import os, pathlib, sys, time
from jobtui_core import make

def note(text):
    with open("notes.txt", "a") as file:
        file.write(text + "\\n")

@make
def first(n):
    note("first")
    return n + 1

@make
def second(n):
    note("second")
    pathlib.Path("in-second").touch()
    while pathlib.Path("wait").exists():
        time.sleep(0.01)
    return n * 2

@make
def third(n, most=3):
    note("third")
    if n > most and not pathlib.Path("mended").exists():
        raise ValueError(f"{n} is too many")
    return n

print("result", third(second(first(1))))
"""


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    (tmp_path / "jobtui.toml").touch()
    (tmp_path / "steps.py").write_text(textwrap.dedent(STEPS))
    return tmp_path


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(folder), "PYTHONWARNINGS": "error", "TERM": "xterm"}


def _script(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "steps.py"],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _notes(folder: Path) -> list[str]:
    return (folder / "notes.txt").read_text().split()


def test_after_a_failure_only_what_is_missing_runs(lab: Path) -> None:
    assert "4 is too many" in _script(lab).stderr
    (lab / "mended").touch()

    assert _script(lab).stdout == "result 4\n"
    assert _notes(lab) == ["first", "second", "third", "third"]


def test_after_a_kill_only_what_is_missing_runs(lab: Path) -> None:
    (lab / "wait").touch()
    (lab / "mended").touch()
    process = subprocess.Popen([sys.executable, "steps.py"], cwd=lab, env=_environment(lab))
    wait_until((lab / "in-second").exists, 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (lab / "wait").unlink()

    assert _script(lab).stdout == "result 4\n"
    assert _notes(lab) == ["first", "second", "second", "third"]


def test_the_debugger_opens_where_a_replayed_call_raises(lab: Path) -> None:
    _script(lab)
    # NO_COLOR and PYTHON_COLORS: later Pythons colour the debugger's prompt.
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "jobtui", "replay", "third", "--pdb"],
        cwd=str(lab),
        env={**_environment(lab), "NO_COLOR": "1", "PYTHON_COLORS": "0"},
        timeout=60,
        encoding="utf-8",
    )
    try:
        terminal.expect(r"ValueError: 4 is too many")
        terminal.expect(r"\(Pdb\) ")
        terminal.sendline("p n, most")
        terminal.expect(r"\(4, 3\)")
        terminal.expect(r"\(Pdb\) ")
        # An interrupt is the debugger's, and ends neither it nor us.
        terminal.sendintr()
        terminal.expect(r"\(Pdb\) ")
        terminal.sendline("q")
        terminal.expect(pexpect.EOF)
    finally:
        terminal.close()
    assert terminal.exitstatus == 1
    assert _notes(lab)[-2:] == ["third", "third"]


def test_a_failure_is_shown_without_running_anything(lab: Path) -> None:
    _script(lab)
    shown = subprocess.run(
        [sys.executable, "-m", "jobtui", "replay", "--show"],
        cwd=lab,
        env=_environment(lab),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout

    assert "  n = 4" in shown
    assert "    most = 3" in shown
    assert "steps.py:26, in third" in shown
    assert 'raise ValueError(f"{n} is too many")' in shown
    assert shown.rstrip().endswith("ValueError: 4 is too many")
    assert _notes(lab) == ["first", "second", "third"]
