"""What the README shows is what happens."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui.cli.catalogue import COMMANDS
from jobtui.commands.catalogue import ALL_COMMANDS
from jobtui.commands.catalogue import COMMANDS as COMMANDS_OF_THE_APP
from jobtui.demo import TEMPLATE
from jobtui_core.records import ReasonKind, Verdict

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def python(tmp_path):
    """Runs Python in a folder with the record of the demo, and gives what it prints."""
    (tmp_path / "data").mkdir()
    shutil.copyfile(TEMPLATE / "data" / "co2.csv", tmp_path / "data" / "co2.csv")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_first_script_runs_by_hand_and_has_verdicts(python, tmp_path):
    (tmp_path / "co2.py").write_text(BLOCKS[0], encoding="utf-8")
    assert float(python("co2.py")) == pytest.approx(371.0, abs=1.0)
    assert (tmp_path / "results" / "trend.npy").is_file()
    data = json.loads(python("-m", "jobtui", "status", "--json"))
    steps = data["scripts"][0]["steps"]
    assert {step["name"]: step["verdict"] for step in steps} == {"read": "fresh", "trend": "fresh"}
    data = json.loads(python("-m", "jobtui", "status", "window=26", "--json"))
    assert [step["verdict"] for step in data["scripts"][0]["steps"]] == ["fresh", "stale"]


def test_a_joblib_user_changes_one_import(python, tmp_path):
    script = BLOCKS[1].replace("...", "return seed * 2") + "\nprint(simulate(21))\n"
    (tmp_path / "simulate.py").write_text(script, encoding="utf-8")
    assert python("simulate.py") == "42\n"
    data = json.loads(python("-m", "jobtui", "status", "--json"))
    step = data["scripts"][0]["steps"][0]
    assert (step["name"], step["kind"], step["verdict"]) == ("simulate", "memoized", "fresh")


@pytest.mark.skipif(
    (3, 12) <= sys.version_info < (3, 12, 2), reason="these have a limit of calls through C"
)
def test_a_recursive_function_is_memoized(python, tmp_path):
    (block,) = (one for one in BLOCKS if "memoize" in one)
    (tmp_path / "fib.py").write_text(block, encoding="utf-8")
    assert len(python("fib.py").strip()) == 105
    data = json.loads(python("-m", "jobtui", "status", "--json"))
    step = data["scripts"][0]["steps"][0]
    assert (step["name"], step["kind"], step["verdict"]) == ("fibonacci", "memoized", "fresh")


def test_every_command_and_every_key_stands_in_it():
    for command in COMMANDS:
        assert f"`jobtui {command.name}" in README
    written = set(re.findall(r"`(.)`", README))
    names = {"slash": "/", "full_stop": ".", "comma": ",", "question_mark": "?", "colon": ":"}
    for command in ALL_COMMANDS:
        keys = {names.get(key, key) for key in command.keys}
        short = {key for key in keys if len(key) == 1} - {"g", "G", "h"}
        assert not short or short & written, f"{command.name}: {keys}"


def test_every_command_that_can_have_another_key_stands_in_it():
    (listed,) = re.findall(r"Commands that can have other keys: (.+?)\.", README, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == {one.id for one in COMMANDS_OF_THE_APP} - {
        "interrupt"  # Ctrl+C is everybody's.
    }


def test_every_verdict_and_every_kind_of_reason_stands_in_it():
    for word in (*Verdict, *ReasonKind):
        assert word.value in README


def test_every_picture_is_there():
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture
        assert (ROOT / picture).with_suffix(".png").is_file(), picture
