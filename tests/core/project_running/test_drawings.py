"""Figures of runs are found again, also those of results that a run only found stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core import Memory
from jobtui_core.drawing import png_size
from jobtui_core.labbook import FigureInfo
from jobtui_core.project import figure_bytes, figures, open_project, runs
from jobtui_core.tracing import enable_for_tests
from jobtui_core.tracing.figurewatch import FigureWatch

pytest.importorskip("matplotlib")


def draw(number: int) -> int:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1), label="curve")
    figure.subplots().plot([number, 1])
    figure.savefig(f"{number}.svg")
    return number


def run_twice(root: Path) -> list[FigureInfo]:
    """Give the figures of a run, and of one that finds all its results."""
    memory = Memory(root / ".jobtui" / "cache", verbose=0)
    found = []
    for _ in range(2):
        with enable_for_tests(root) as run:
            run.observers.append(FigureWatch(run))
            memory.cache(draw)(3)
            run.close_observers()
        found += figures(open_project(root), run.id or "")
    return found


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "jobtui.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_of_hits_shows_the_figures_of_the_results(root: Path) -> None:
    first, second = run_twice(root)
    (newest,) = (one for one in runs(open_project(root)) if one.id != first.run)
    assert (first.name, first.step, first.hit) == ("3.svg", "draw", False)
    assert (second.run, second.name, second.hit) == (first.run, "3.svg", True)
    assert second.png == first.png
    assert second.call is not None
    assert newest.hits == 1
    png = figure_bytes(open_project(root), second, "png")
    assert png is not None
    assert png_size(png) == (200, 100)


def test_pictures_outlive_the_run_that_drew_them(root: Path) -> None:
    _, second = run_twice(root)
    folder = root / ".jobtui" / "runs" / second.run / "figures"
    for one in folder.iterdir():
        one.unlink()
    svg = figure_bytes(open_project(root), second, "svg")
    assert svg is not None
    assert b"<svg" in svg


@pytest.mark.parametrize("run", ["..", "../..", ".", "a/../b", "a\0b", ""])
def test_what_names_no_run_and_no_digest_is_not_looked_for(root: Path, run: str) -> None:
    outside = root / ".jobtui" / "figures"
    outside.mkdir(parents=True)
    digest = "0" * 32
    (outside / f"{digest}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    project = open_project(root)
    assert figure_bytes(project, FigureInfo(name="", run=run, png=digest), "png") is None
    named = FigureInfo(name="", run="a", png="../../secret")
    assert figure_bytes(project, named, "png") is None


def test_a_picture_that_is_something_else_is_none(root: Path) -> None:
    first, _ = run_twice(root)
    folder = root / ".jobtui" / "runs" / first.run / "figures"
    project = open_project(root)
    good = figure_bytes(project, first, "png")
    (folder / f"{first.png}.png").write_bytes(b"<html>")
    assert figure_bytes(project, first, "png") == good is not None
    (blob,) = (root / ".jobtui" / "cache").rglob(first.png)
    blob.write_bytes(b"<html>")
    assert figure_bytes(project, first, "png") is None
    # What it was saved as is another picture, and no PNG.
    mixed = FigureInfo(name="", run=first.run, png=first.svg)
    assert figure_bytes(project, mixed, "png") is None
