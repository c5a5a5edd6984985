"""Reports of runs that really ran, and the files that they become."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobtui_core.errors import ReportError, UnknownNameError
from jobtui_core.project import (
    note_run,
    open_project,
    report,
    runs,
    write_report,
)
from jobtui_core.project.reporting.gather import gather
from tests.core.reporting.test_page import check

ROOT = Path(__file__).parents[3]

SCRIPT = """
import sys
import numpy as np
from jobtui_core import PathOutput, default_param, make, memoize, output_path

window = default_param("window", 3, help="weeks")
api_key = default_param("api_key", "none")
LIMIT = 40

@make(inputs=["{path}"])
def read(path):
    print("reading \\x1b[31m<b>loud</b>\\x1b[0m")
    return np.genfromtxt(path)

def mean(values, n):
    return np.convolve(values, np.ones(n) / n, "valid")

@make
def trend(series, window):
    return {"<i>curve</i>": mean(series, window), "limit": LIMIT}

@make(output=PathOutput("drawn.svg"))
def draw(series):
    with open(output_path(), "w") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    return output_path()

@make
def check(series, window):
    if window > 3:
        raise ValueError(f"<script>{window}</script> weeks are too many")

series = read("data.csv")
trend(series, window)
draw(series)
print("the end")
check(series, window)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A project with a run that is done and a later one that failed."""
    root = tmp_path_factory.mktemp("lab")
    (root / "jobtui.toml").touch()
    (root / "data.csv").write_text("\n".join(map(str, range(50))))
    (root / "study.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("JOBTUI_STORE", None)
    for words in ([], ["window=5", "api_key=hunter2"]):
        subprocess.run(
            [sys.executable, "-m", "jobtui", "run", "study.py", *words],
            cwd=root,
            env=environment,
            capture_output=True,
            timeout=100,
        )
    project = open_project(root)
    failed, done = runs(project)
    assert (done.state, failed.state) == ("done", "failed")
    note_run(project, failed.id, note="Too <many> weeks", tags=["paper"], starred=True)
    return project


@pytest.fixture
def newest(lab):
    return runs(lab)[0].id


@pytest.fixture
def oldest(lab):
    return runs(lab)[1].id


def words_of(page: str) -> str:
    return " ".join(" ".join(check(page).texts).split())


def test_a_report_of_the_newest_run_tells_all_about_it(lab):
    text = words_of(report(lab))
    for words in (
        "study.py",
        "Too <many> weeks",
        "paper",
        "★ starred",
        "window 5 3 weeks",
        "<script>5</script> weeks are too many",
        'raise ValueError(f"<script>{window}</script> weeks are too many")',
        "from the store",
        "the end",
        "LIMIT = 40",
        "def mean(values, n):",
        'series = read("data.csv")',
        "data.csv",
        "drawn.svg · draw",
        "<i>curve</i>",
        "jobtui run study.py window=5",
        "numpy==",
    ):
        assert words in text, words


def test_secrets_that_a_run_was_given_are_nowhere(lab):
    for form in ("html", "markdown"):
        text = report(lab, ["last"], form)
        assert "hunter2" not in text
        assert "hidden" in text


def test_what_a_hit_printed_when_it_was_computed_is_told_with_its_run(lab, oldest):
    text = words_of(report(lab))
    assert f"Lines with ↺ were put out when it was computed, in {oldest}." in text
    assert "reading <b>loud</b>" in text


def test_pictures_among_outputs_are_shown_as_images(lab):
    page = report(lab)
    assert "<script" not in page
    (source,) = (one["src"] for tag, one in check(page).tags if tag == "img")
    assert str(source).startswith("data:image/svg+xml;base64,")


def test_several_runs_are_chapters_after_what_differs(lab, oldest, newest):
    page = report(lab, [oldest, newest])
    text = words_of(page)
    assert text.index("What differs") < text.index("A: study.py") < text.index("B: study.py")
    assert "window 3 5" in text
    assert "api_key" in text
    assert "hunter2" not in page


def test_a_run_that_is_named_twice_counts_once(lab, newest):
    assert len(gather(lab, [newest, "last", newest]).chapters) == 1


def test_nothing_is_unpickled(lab, monkeypatch):
    import pickle

    def refuse(*_args, **_kwargs):
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)
    assert report(lab, ["last~1", "last"])


def test_progress_is_told(lab):
    told: list[str] = []
    report(lab, ["last~1", "last"], told=told.append)
    assert told[0] == "reading run 1 of 2"
    assert any(text.startswith("comparing") for text in told)


def test_what_is_gone_is_said(tmp_path, lab):
    root = tmp_path / "copy"
    shutil.copytree(lab.root, root)
    shutil.rmtree(root / ".jobtui" / "cache")
    text = words_of(report(open_project(root)))
    assert "it is no longer in the store" in text
    assert "the code of trend: the store has it no more" in text


JUNK: tuple[Any, ...] = (
    *(None, True, -1, 1e400, 10**30, "x", "<script>\x1b[2J", "../../etc/passwd", "\ud800"),
    *([], {}, [1], {"a": 1}, [["a"]]),
)

NEEDED = ("event", "time", "version", "run", "script")


def junked(value: Any, random: Random, share: float) -> Any:
    """Give a record in which some values are something else."""
    if random.random() < share:
        return random.choice(JUNK)
    if isinstance(value, dict):
        return {name: junked(part, random, share) for name, part in value.items()}
    return [junked(part, random, share) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(6))
def test_records_in_which_anything_stands_have_a_report(tmp_path, lab, seed):
    random = Random(seed)
    share = (0.01, 0.05, 0.2)[seed % 3]
    root = tmp_path / "copy"
    shutil.copytree(lab.root, root)
    shutil.rmtree(root / ".jobtui" / "index", ignore_errors=True)
    for path in sorted((root / ".jobtui" / "runs").glob("*/*.jsonl")):
        events = [json.loads(line) for line in path.read_text().splitlines()]
        # Without these there would hardly be a run.
        damaged = [
            {n: part if n in NEEDED else junked(part, random, share) for n, part in event.items()}
            for event in events
        ]
        path.write_text("".join(json.dumps(one) + "\n" for one in damaged))
    for path in sorted((root / ".jobtui" / "cache" / "code").iterdir()):
        path.write_text(json.dumps(junked(json.loads(path.read_text()), random, share)))
    project = open_project(root)
    check(report(project, ["last~1", "last"]))
    assert report(project, ["last"], "markdown")


def test_a_project_in_which_nothing_ran_has_no_report(tmp_path):
    (tmp_path / "jobtui.toml").touch()
    with pytest.raises(UnknownNameError, match="Nothing has run here yet"):
        report(open_project(tmp_path))


def test_a_page_is_one_file(lab, newest, tmp_path):
    written = write_report(lab, [], tmp_path / "lab.html")
    assert [one.name for one in tmp_path.iterdir()] == ["lab.html"]
    assert written.runs == (newest,)
    assert written.size == (tmp_path / "lab.html").stat().st_size
    check((tmp_path / "lab.html").read_text(encoding="utf-8"))


def test_markdown_has_its_pictures_beside_it(lab, tmp_path):
    written = write_report(lab, [], tmp_path / "lab.md")
    assert written.folder == tmp_path / "lab_files"
    (picture,) = written.folder.iterdir()
    assert f"(lab_files/{picture.name})" in (tmp_path / "lab.md").read_text(encoding="utf-8")
    assert written.size == (tmp_path / "lab.md").stat().st_size + picture.stat().st_size


def test_pictures_of_an_earlier_report_go_and_nothing_else_does(lab, tmp_path):
    write_report(lab, [], tmp_path / "lab.md")
    folder = tmp_path / "lab_files"
    (shown,) = folder.iterdir()
    (folder / f"figure-{'0' * 16}.png").touch()
    (folder / "mine.png").touch()
    write_report(lab, [], tmp_path / "lab.md")
    assert {one.name for one in folder.iterdir()} == {shown.name, "mine.png"}


@pytest.mark.parametrize("name", ["lab.html", "lab.md"])
def test_a_report_takes_the_place_of_a_report(lab, tmp_path, name):
    path = tmp_path / name
    write_report(lab, ["last"], path)
    before = path.read_bytes()
    write_report(lab, ["last~1"], path)
    assert path.read_bytes() != before


def test_a_file_that_is_no_report_stays_unless_one_insists(lab, tmp_path):
    path = tmp_path / "thesis.html"
    path.write_text("<html>years of work")
    with pytest.raises(ReportError, match="no report"):
        write_report(lab, [], path)
    assert path.read_text() == "<html>years of work"
    write_report(lab, [], path, replace=True)
    assert "jobtui report" in path.read_text(encoding="utf-8")


def test_a_folder_is_no_place_for_a_report(lab, tmp_path):
    with pytest.raises(ReportError, match="is a folder"):
        write_report(lab, [], tmp_path, replace=True)


def test_what_a_link_leads_to_is_written_and_the_link_stays(lab, tmp_path):
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write_report(lab, [], tmp_path / "link.html")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").is_file()


def test_a_report_that_cannot_be_written_leaves_the_old_one(lab, tmp_path, monkeypatch):
    path = tmp_path / "lab.html"
    write_report(lab, ["last"], path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_report(lab, ["last~1"], path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["lab.html"]


def test_the_command_writes_a_page_and_says_so(lab, tmp_path):
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jobtui", "report", *words],
            cwd=lab.root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=100,
        )

    path = tmp_path / "lab.html"
    done = call("tag:paper", "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"{re.escape(str(path))}: 1 run, \d+ kB\n", done.stdout)
    check(path.read_text(encoding="utf-8"))
    done = call("script:study.py", "--markdown", "-o", "-")
    assert done.stdout.startswith("<!-- jobtui report -->\n\n# 2 runs of study.py\n")
    done = call("tag:none", "-o", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "jobtui: no run is like that; jobtui runs lists them\n"
    done = call("last", "tag:paper")
    assert done.returncode == 2
    assert "takes runs or a filter" in done.stderr
