"""Figures of runs on the command line: told of, and written into a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from xxhash import xxh3_128_hexdigest

from jobtui.cli import main
from jobtui_core.palette import png
from tests.core.project_running.traces import Trace

RUN = "2026-11-20T10-14-05-ab12"
IMAGE = png(2, 1, 3, bytes(6))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with a figure of hostile names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    (tmp_path / "jobtui.toml").write_text("")
    trace = Trace(tmp_path, RUN, "plot.py").start()
    trace.call(1, "draw\x1b[2J")
    digest = xxh3_128_hexdigest(IMAGE)
    call = "4242-1"
    for event in (tmp_path / ".jobtui" / "runs" / RUN / "events.jsonl").read_text().splitlines():
        if '"call_start"' in event:
            call = event.partition('"call":')[2].split('"')[1]
    folder = tmp_path / ".jobtui" / "runs" / RUN / "figures"
    folder.mkdir()
    (folder / f"{digest}.png").write_bytes(IMAGE)
    trace.write("figure", call=call, name="../../evil\n.png", png=digest, width=2, height=1)
    trace.write("figure", call=None, name="gone.png", png="0" * 32)
    trace.end()


def test_the_figures_of_a_run_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", RUN]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "figures" in out
    assert "2×1" in out
    assert "the script itself" in out


def test_they_are_written_into_a_folder_under_harmless_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", RUN, "--figures", "plots/new"]) == 0
    (path,) = (tmp_path / "plots" / "new").iterdir()
    assert path.name.startswith("01-draw")
    assert path.name.endswith("evil-n.png")
    assert path.read_bytes() == IMAGE
    out = capsys.readouterr().out
    assert str(Path("plots/new") / path.name) in out
    assert "1 figure cannot be read any more" in out


def test_results_have_no_figures_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "fit", "--figures", "plots"]) == 2
    assert "those of a run" in capsys.readouterr().err


def test_a_run_without_figures_is_said_to_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Trace(tmp_path, "2026-11-21T10-14-05-ab12").start().end()
    assert main(["show", "2026-11-21", "--figures", str(tmp_path / "plots")]) == 0
    assert "no figures" in capsys.readouterr().out
    assert not (tmp_path / "plots").exists()
