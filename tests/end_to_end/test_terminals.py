"""Terminals of all sizes, without colour, without UTF-8."""

from __future__ import annotations

import pytest

STEP = r". new +scaled +never ran"


def test_there_are_as_many_panes_as_there_is_room_for(folder):
    app = folder.app(width=60, height=15)
    app.wait_for(STEP)
    app.wait_for(r"q quit")
    app.wait_for(r"\? help")
    assert not app.find("Detail|Log")
    app.press("j", "enter")
    app.wait_for(r"━Detail━")
    app.wait_for(r"It never ran")
    app.press("tab")
    app.wait_for(r"━Log━")
    app.press("tab")
    app.wait_for(r"━Steps━")

    app.resize(80, 24)
    app.wait_for(r"─Detail─|─Log─")
    app.wait_for(STEP)
    app.resize(200, 50)
    app.wait_for(r"─Detail─")
    app.wait_for(r"─Log─")
    app.wait_for(lambda: len(app.find(r"jobtui .*watch")) > 190, what="a title of full width")
    app.wait_for(STEP)

    app.resize(59, 15)
    app.wait_for(r"This terminal has 59x15 characters")
    app.wait_for(r"jobtui needs 60x15")
    assert not app.find(STEP)
    app.resize(80, 24)
    app.wait_for(STEP)
    app.press("q")
    assert app.wait_for_end() == 0


def test_a_terminal_that_is_too_small_from_the_start_says_so_and_can_be_left(folder):
    app = folder.app(width=40, height=8)
    app.wait_for(r"This terminal has 40x8 characters")
    app.press("q")
    assert app.wait_for_end() == 0


def test_colours_are_left_out_on_request_and_words_still_say_everything(folder):
    app = folder.app(environment={"NO_COLOR": "1"})
    app.wait_for(STEP)
    app.wait_for(r"watch$")
    shades = app.colours - {"default"}
    assert {shade[:2] * 3 for shade in shades} == shades, app.picture
    app.press("q")
    assert app.wait_for_end() == 0


@pytest.mark.parametrize(
    "locale", [{"LANG": "C"}, {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_without_utf8_nothing_but_ascii_is_written(folder, locale):
    folder.edit("sums.py", "scaling by", "žluťoučký")
    folder.run()
    app = folder.app(environment=locale)
    app.wait_for(r"v sums\.py +all 2 steps fresh")
    folder.edit("scaling.py", "number * factor", "number + factor")
    app.wait_for(r"~ stale +scaled +scaling.scale changed")
    app.press("?")
    app.wait_for(r"\* running +a call of it is under way")
    app.press("q", "l")
    app.wait_for(r"\?lu\?ou\?k\? 2")
    app.press("R")
    app.wait_for(r"\* will run +scaled")
    app.press("enter")
    app.wait_for(r"the sum is 18")
    app.wait_for(r"v sums\.py +all 2 steps fresh")
    assert app.written.isascii()
    app.wait_until_gone(r"running \d")
    app.press("q")
    assert app.wait_for_end() == 0
