"""``jobtui compare``: what differs, in words, in JSON and by the exit code."""

from __future__ import annotations

import io
import json

import pytest
from rich.text import Text

from jobtui.cli import main
from jobtui.cli.candidates import candidates
from jobtui.cli.compare import print_comparison
from jobtui.cli.output import Output
from jobtui.views.differences import KINDS, letter, summary
from jobtui_core.labbook import Comparison, Difference
from jobtui_core.records import RunInfo, RunState
from tests.core.comparing.conftest import Bench


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A project with two runs of a script, which differ in a value and in what came of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    bench = Bench(tmp_path)
    for window, text in ((5, "1\n2\n"), (6, "1\n3\n")):
        run = bench.run().parameter("window", window, 5)
        run.step("load", [1, 2], inputs=[bench.note("data.txt", text)])
        run.step("fit", [1.0, window + 0.5], log=f"window is {window}\n")
        run.end()
    return bench


@pytest.mark.usefixtures("bench")
def test_only_what_differs_is_printed_kind_by_kind(capsys):
    assert main(["compare"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("A  2026-11-22T10-00-00-ab12  a.py  done  ")
    assert lines[1].startswith("B  2026-11-22T10-00-01-ab12  a.py  done  ")
    at = lines.index("parameters")
    assert lines[at + 1] == "  window  5  →  6"
    assert lines.index("inputs") > at
    assert "      -2" in lines
    results = lines[lines.index("results") + 1 :]
    assert results[0].split()[:2] == ["fit", "[1.0,"]
    assert results[1] == "      [1]: 5.5 → 6.5 (max |Δ| 1, relative 0.182)"
    logs = lines[lines.index("logs") + 1 :]
    assert logs[0] == "  fit  window is 5  →  window is 6"
    assert "1 parameter, 1 input, 1 result, 1 log differ" in lines
    assert any(line.startswith("the same: 1 script, ") for line in lines)
    assert "load" not in "\n".join(lines[lines.index("results") :])


@pytest.mark.usefixtures("bench")
def test_kinds_and_steps_are_chosen(capsys):
    assert main(["compare", "--only", "parameter", "--only", "log"]) == 0
    out = capsys.readouterr().out
    assert "parameters" in out
    assert "results" not in out
    assert main(["compare", "last~1", "last", "--step", "load"]) == 0
    out = capsys.readouterr().out
    assert "inputs" in out
    assert "parameters" not in out
    assert main(["compare", "--only", "results"]) == 2
    assert "did you mean result?" in capsys.readouterr().err
    assert main(["compare", "--step", "fitt"]) == 2
    assert "did you mean 'fit'" in capsys.readouterr().err


@pytest.mark.usefixtures("bench")
def test_the_exit_code_tells_where_that_is_asked(capsys):
    assert main(["compare", "--exit-code"]) == 1
    assert main(["compare", "--exit-code", "last", "last"]) == 0
    assert "nothing differs in what was compared" in capsys.readouterr().out
    assert main(["compare", "--exit-code", "--only", "figure"]) == 0


@pytest.mark.usefixtures("bench")
def test_json_goes_out_in_one_object(capsys):
    assert main(["compare", "--json", "--only", "result"]) == 0
    out, err = capsys.readouterr()
    data = json.loads(out)
    assert (data["version"], data["equal"], err) == (1, False, "")
    assert [one["kind"] for one in data["differences"]] == ["result"]
    assert set(data["same"]) <= {"result"}


def test_without_runs_to_compare_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobtui.toml").write_text("")
    assert main(["compare"]) == 2
    assert "Nothing has run here yet" in capsys.readouterr().err


@pytest.mark.usefixtures("bench")
def test_its_words_are_completed():
    assert candidates(["compare", "2026"]) == [
        "2026-11-22T10-00-01-ab12",
        "2026-11-22T10-00-00-ab12",
    ]
    assert candidates(["compare", "--only", ""]) == list(KINDS)
    assert candidates(["compare", "--only", "pa"]) == ["parameter", "package"]
    assert "--exit-code" in candidates(["compare", "--"])


EVIL = "x\x1b[2Jy\u202e"


def comparison(runs=2):
    infos = [
        RunInfo(id=f"r{n}", script=f"{EVIL}.py", state=RunState.DONE, note=EVIL)
        for n in range(runs)
    ]
    values = tuple(f"{EVIL}{n}" for n in range(runs))
    return Comparison(
        runs=tuple(infos),
        differences=(
            Difference(kind="parameter", subject=EVIL, values=values),
            Difference(kind="result", subject="fit", values=values, detail=EVIL, where=EVIL,
                       numbers=(("max_abs", 1.0), ("count", 3), ("size", 9), ("places", 2))),
            Difference(kind="result", subject="fit", values=values, detail=EVIL, run=runs - 1),
            Difference(kind="code", subject="f", values=(None,) * runs, where=EVIL,
                       detail="--- a\n+++ b\n@@ -1 +1 @@\n" + "+x\n" * 100),
        ),
        same=(("code", 2),),
        not_compared=(EVIL,),
    )  # fmt: skip


def test_a_terminal_is_not_steered_and_nothing_is_cut_that_fits(terminal):
    print_comparison(comparison(), Output(terminal))
    shown = terminal.getvalue()
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    assert "… 44 more lines" in shown
    assert "2 places, max |Δ| 1, 3 of 9 numbers" in shown


def test_sides_that_do_not_fit_beside_each_other_stand_below(terminal):
    values = "x" * 50, "y" * 50
    one = Difference(kind="input", subject="data.csv", values=values)
    print_comparison(Comparison(runs=comparison().runs, differences=(one,)), Output(terminal))
    lines = [line.rstrip() for line in Text.from_ansi(terminal.getvalue()).plain.splitlines()]
    at = lines.index("  data.csv")
    assert lines[at + 1 : at + 3] == [f"    A  {values[0]}", f"    B  {values[1]}"]


def test_three_runs_stand_in_columns_and_each_detail_says_of_which():
    stream = io.StringIO()
    print_comparison(comparison(3), Output(stream))
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["A", "B", "C"]
    (row,) = [line for line in lines if line.lstrip().startswith("fit")]
    assert row.count("|") == 2
    assert [line for line in lines if line.strip() in ("B:", "C:")] == ["    B:", "    C:"]


def test_of_many_differences_of_a_kind_the_first_are_printed():
    many = tuple(
        Difference(kind="result", subject=f"fit({n})", values=("1", "2")) for n in range(100)
    )
    stream = io.StringIO()
    print_comparison(Comparison(runs=comparison().runs, differences=many), Output(stream))
    assert "  … 40 more; --json has them\n" in stream.getvalue()
    assert "100 results differ" in stream.getvalue()


def test_runs_have_letters_and_things_are_counted_once():
    assert [letter(n) for n in (0, 25, 26, 52)] == ["A", "Z", "AA", "BA"]
    assert summary(comparison(3).differences) == "1 parameter, 1 definition, 1 result differ"
    assert summary(comparison().differences[:1]) == "1 parameter differs"
