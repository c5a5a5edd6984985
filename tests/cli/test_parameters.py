"""Parameters from files, and scripts with a command line of their own: run, shown, repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from jobtui.cli.dispatch import carry_out
from tests.cli.test_real_project import SCRIPT, Folder

ARGPARSE = """\
import argparse
from jobtui_core import make

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("--times", type=int, default=2)
options = parser.parse_args()

@make
def repeated(name, times):
    return name * times

print(repeated(options.name, options.times))
"""

CLICK = """\
import click
from jobtui_core import make

@make
def repeated(name, times):
    return name * times

@click.command()
@click.argument("name")
@click.option("--times", type=int, default=2)
def main(name, times):
    print(repeated(name, times))

if __name__ == "__main__":
    main()
"""

PLAIN = """\
import sys
from jobtui_core import make

@make
def repeated(name, times):
    return name * times

times = int(sys.argv[2].partition("=")[2]) if len(sys.argv) > 2 else 2
print(repeated(sys.argv[1], times))
"""


@pytest.fixture
def folder(tmp_path, repository) -> Iterator[Folder]:
    folder = Folder(tmp_path, repository)
    folder.write("jobtui.toml", "")
    yield folder
    folder.end()


@pytest.fixture
def sums(folder):
    folder.write("sums.py", SCRIPT)
    folder.write(
        "helpers.py", "def scale(numbers, factor):\n    return [n * factor for n in numbers]\n"
    )
    folder.write("numbers.txt", "1 2 3\n")
    folder.write("base.toml", "factor = 5\n")
    return folder


def test_a_file_of_parameters_is_run_planned_recorded_and_beaten_by_the_command_line(sums):
    done = sums("run", "sums.py", "--params", "base.toml")
    assert done.returncode == 0, done.stderr
    assert "sum 30" in done.stdout
    assert json.loads(sums("log", "--json").stdout)["parameters"] == {"factor": 5}
    assert sums.verdicts("--params", "base.toml") == {"read": "fresh", "scaled": "fresh"}
    assert sums.verdicts("--params", "base.toml", "factor=3")["scaled"] == "stale"
    planned = sums("plan", "sums.py", "--params", "base.toml", "--json")
    assert json.loads(planned.stdout)["scripts"][0]["starts"] is False
    assert "sum 18" in sums("run", "sums.py", "factor=3", "--params", "base.toml").stdout


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("factr = 5", (), "There is no parameter 'factr'; did you mean 'factor'?"),
        ("factor = 1.5", (), "sums.py, line 4: parameter 'factor' must be a whole number, not 1.5"),
        ("", ("factor=1.5",), "sums.py, line 4: parameter 'factor' must be a whole number, not '1"),
        ("factor =", (), "base.toml is not TOML"),
    ],
)
def test_what_is_refused_exits_with_2_and_one_sentence(
    sums, monkeypatch, capsys, text, words, said
):
    sums.write("base.toml", text)
    monkeypatch.chdir(sums.path)
    for command in ("run", "plan", "status"):
        assert carry_out([command, "sums.py", "--params", "base.toml", *words]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert said in told
    assert not (sums.path / ".jobtui" / "runs").exists()


@pytest.mark.parametrize("text", [ARGPARSE, CLICK, PLAIN], ids=["argparse", "click", "sys.argv"])
def test_a_script_with_a_command_line_of_its_own_is_run_shown_and_repeated(folder, text):
    folder.write("words.py", text)
    words = ("--", "ab", "--times=3")
    done = folder("run", "words.py", *words)
    assert done.returncode == 0, done.stdout
    assert "ababab" in done.stdout
    recorded = json.loads(folder("log", "--json").stdout)
    assert recorded["argv"] == ["ab", "--times=3"]
    data = json.loads(folder("status", "--json").stdout)
    assert data["scripts"][0]["argv"] == ["ab", "--times=3"]
    again = folder("run", "words.py")
    assert "ababab" in again.stdout
    assert "from the cache" in again.stdout
    # Other words are another call.
    other = folder("run", "words.py", "--", "cd")
    assert "cdcd" in other.stdout
    assert "+ repeated" in other.stdout
    assert folder.verdicts("--", "ab", "--times=3") == {"repeated": "fresh"}
    assert folder.verdicts("--", "ef") == {"repeated": "stale"}
