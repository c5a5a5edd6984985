"""``jobtui sweep``: the table, its other forms, and being interrupted."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator

import pytest

from jobtui.cli.dispatch import carry_out
from tests.cli.test_real_project import Folder, eventually

SCRIPT = """\
from jobtui_core import default_param, make

n = default_param("n", 1)
kind = default_param("kind", "a")

@make
def score(n, kind):
    return n / 2 if kind == "a" else -n

score(n, kind)
"""

WAITING = """\
import pathlib, time
from jobtui_core import default_param

n = default_param("n", 1)
pathlib.Path(f"begun{n}").touch()
while n == 2 and not pathlib.Path("go").exists():
    time.sleep(0.02)
"""


@pytest.fixture
def folder(tmp_path, repository) -> Iterator[Folder]:
    folder = Folder(tmp_path, repository)
    folder.write("jobtui.toml", "")
    folder.write("fit.py", SCRIPT)
    yield folder
    folder.write("go", "")
    folder.end()


def test_a_table_has_one_row_for_each_combination(folder):
    dry = folder("sweep", "fit.py", "n=1,2", "kind=a,b", "--dry-run")
    assert dry.stdout.splitlines()[1].split() == ["1", "a", "1", "to", "run"]
    assert dry.stdout.splitlines()[-1] == "4 combinations, 4 to run"
    done = folder("sweep", "fit.py", "n=1,2", "kind=a,b", "--show", "score", "-j", "2")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert lines[-5].split() == ["n", "kind", "state", "time", "saved", "score"]
    assert [line.split()[:3] + line.split()[-1:] for line in lines[-4:]] == [
        ["1", "a", "done", "0.5"],
        ["1", "b", "done", "-1"],
        ["2", "a", "done", "1"],
        ["2", "b", "done", "-2"],
    ]
    rows = list(
        csv.DictReader(
            folder("sweep", "fit.py", "n=1,2", "kind=a,b", "--show", "score", "--csv")
            .stdout.splitlines()
        )
    )  # fmt: skip
    assert [(row["n"], row["kind"], row["state"], row["score"]) for row in rows][:2] == [
        ("1", "a", "done", "0.5"),
        ("1", "b", "done", "-1"),
    ]
    again = folder("sweep", "fit.py", "n=1,2", "kind=a,b", "--show", "score", "--json")
    data = json.loads(again.stdout)
    assert [run["value"] for run in data["runs"]] == [0.5, -1, 1.0, -2]
    assert "all done before" in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("n=1,2",), "takes one script, and none was named"),
        (("fit.py", "fit.py", "n=1"), "takes one script, and there are 2"),
        (("fit.py", "n=1..400"), "these are 400 runs; --yes runs that many"),
        (("fit.py", "n=1,x"), "fit.py, line 3: parameter 'n' must be a whole number, not 'x'"),
        (("fit.py", "n=3:1:1"), "the range '3:1:1' leads nowhere"),
        (("fit.py", "m=1"), "There is no parameter 'm'"),
        (("ft.py", "n=1"), "There is no script 'ft.py'; did you mean 'fit.py'?"),
    ],
)
def test_wrong_use_exits_with_2_and_one_sentence(folder, monkeypatch, capsys, words, said):
    monkeypatch.chdir(folder.path)
    assert carry_out(["sweep", *words]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert said in told
    assert not (folder.path / ".jobtui" / "runs").exists()


def test_an_interrupted_sweep_is_cancelled_and_gone_on_with(folder):
    folder.write("fit.py", WAITING)
    process = folder.start("sweep", "fit.py", "n=1..3")
    eventually((folder.path / "begun2").exists, "the second run begins")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "interrupted; 2 runs left: the same command goes on" in out
    assert [line.split()[1] for line in out.splitlines()[-3:]] == ["done", "cancelled", "cancelled"]
    assert not (folder.path / "begun3").exists()
    (folder.path / "begun1").unlink()
    folder.write("go", "")
    done = folder("sweep", "fit.py", "n=1..3")
    assert done.returncode == 0, done.stdout
    assert "3 combinations of fit.py, 1 done before" in done.stdout
    assert not (folder.path / "begun1").exists()
    assert (folder.path / "begun3").exists()


def test_a_lost_terminal_leaves_the_sweep_running(folder):
    folder.write("fit.py", WAITING)
    process = folder.start("sweep", "fit.py", "n=1..3")
    eventually((folder.path / "begun2").exists, "the second run begins")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0
    folder.write("go", "")
    eventually((folder.path / "begun3").exists, "the sweep goes on by itself")
