"""``jobtui status``: one line a step into a pipe, a table on a terminal, one object as JSON."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest

import jobtui_core.project
from jobtui.cli import main
from jobtui.cli.output import Output
from jobtui.cli.status import print_status, summary
from jobtui_core.records import ProjectStatus, ScriptStatus, Verdict


def only(status: ProjectStatus, verdict: Verdict) -> ProjectStatus:
    """The same project with just its steps of one verdict."""
    script = status.scripts[0]
    steps = tuple(step for step in script.steps if step.verdict is verdict)
    return dataclasses.replace(status, scripts=(dataclasses.replace(script, steps=steps),))


def test_a_pipe_gets_one_aligned_line_a_step_without_escapes(facade, capsys):
    assert main(["status"]) == 0
    assert capsys.readouterr().out == (
        "co2.py     read    fresh   12 ms\n"
        "co2.py     trend   stale   3.2 s  helpers:running_mean was edited (and 1 more)\n"
        "co2.py     figure  unsure  -      takes what trend gives\n"
        "broken.py  -       error   -      line 3: '(' was never closed\n"
    )


def test_nothing_fresh_matters_to_the_exit_code_unless_asked(facade):
    assert main(["status"]) == 0
    assert main(["status", "--fail-if-stale"]) == 1


@pytest.mark.parametrize("verdict", [Verdict.STALE, Verdict.UNSURE])
def test_fail_if_stale_fails_on_every_verdict_that_is_not_fresh(facade, verdict):
    facade.status_now = only(facade.status_now, verdict)
    assert main(["status", "--fail-if-stale"]) == 1


def test_fail_if_stale_succeeds_when_everything_is_fresh(facade):
    facade.status_now = only(facade.status_now, Verdict.FRESH)
    assert main(["status", "--fail-if-stale"]) == 0


def test_fail_if_stale_fails_on_a_script_that_cannot_be_read(facade):
    facade.status_now = dataclasses.replace(
        facade.status_now, scripts=facade.status_now.scripts[1:]
    )
    assert main(["status", "--fail-if-stale"]) == 1


def test_json_is_one_object_made_by_the_core(facade, monkeypatch, capsys):
    monkeypatch.setitem(
        vars(jobtui_core.project), "to_json", lambda status: {"project": status.root}
    )
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"project": "/project"}


def test_a_terminal_gets_scripts_with_their_values_and_a_caret(terminal, some_status):
    print_status(some_status, Output(terminal))
    text = terminal.getvalue()
    assert "co2.py  window=26 -- --fast" in text
    assert "~ stale" in text
    lines = text.splitlines()
    caret = next(n for n, line in enumerate(lines) if "^" in line)
    assert "print((" in lines[caret - 1]
    assert "1 script with an error, 1 stale, 1 unsure, 1 fresh" in text


def test_no_color_leaves_no_colours_on_a_terminal(terminal, some_status, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    print_status(some_status, Output(terminal))
    assert "\x1b[3" not in terminal.getvalue()
    assert "~ stale" in terminal.getvalue()


@pytest.mark.parametrize("columns", ["20", "40"])
def test_a_narrow_terminal_keeps_verdict_and_name(terminal, some_status, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    print_status(some_status, Output(terminal))
    assert "stale" in terminal.getvalue()


def test_names_and_reasons_cannot_send_escapes_or_break_lines(terminal, step):
    evil = step("a\x1b[2Jb", Verdict.STALE, notes=("one\ntwo\x9b31m",))
    status = ProjectStatus(root="/p", scripts=(ScriptStatus(path="x\ny.py", steps=(evil,)),))
    plain = io.StringIO()
    print_status(status, Output(plain))
    assert plain.getvalue() == "x y.py  a␛[2Jb  stale  -  one two\\x9b31m\n"
    print_status(status, Output(terminal))
    assert "\x1b[2J" not in terminal.getvalue()
    assert "\x9b" not in terminal.getvalue()


def test_an_empty_folder_says_how_to_begin(facade, capsys):
    facade.status_now = ProjectStatus(root="/project")
    assert main(["status"]) == 0
    assert "jobtui demo" in capsys.readouterr().out


def test_scripts_without_steps_are_said_to_have_none(facade, capsys):
    scripts = (ScriptStatus(path="a.py"), ScriptStatus(path="b.py"))
    facade.status_now = ProjectStatus(root="/p", scripts=scripts)
    assert main(["status"]) == 0
    assert capsys.readouterr().out.splitlines() == ["a.py  no steps", "b.py  no steps"]


def test_the_summary_counts_the_worst_first(some_status):
    assert summary(some_status) == "1 script with an error, 1 stale, 1 unsure, 1 fresh"
    assert summary(ProjectStatus(root="/p")) == "no steps"


def test_the_signs_and_words_are_those_of_the_app():
    """Told twice, since the app's come with Textual, which a table must not wait for."""
    from jobtui import glyphs
    from jobtui.cli.phrases import ACTION_WORDS, GLYPHS

    assert GLYPHS == glyphs.VERDICT_GLYPHS
    assert ACTION_WORDS == glyphs.ACTION_WORDS
