"""The whole loop as a newcomer goes through it: run, edit, see what is stale and why, run again."""

from __future__ import annotations

import pytest

from jobtui.demo import create_demo
from jobtui_core.records import RunState

LONG = 80.0
"""Seconds that the demo's computing may take where other work keeps the processors busy."""


@pytest.mark.slow
@pytest.mark.timeout(300)  # it computes for 10 s, on a machine with nothing else to do
def test_the_demo_opens_on_its_first_run_and_goes_through_the_loop(empty):
    app = empty.app("demo", "co2")
    app.wait_for(r"Try: press e, set window to 26, save")
    app.wait_for(r"● running +bootstrap", LONG)
    assert (empty.path / "co2" / "data" / "co2.csv").is_file()
    app.wait_for(r"= fresh +trend", LONG)
    app.wait_for(r"bootstrap: \d+ of 15000", LONG)
    app.wait_for(r"co2\.py +all 7 steps fresh", LONG)
    app.wait_for(r"forecast\.py +all 2 steps fresh", LONG)
    app.wait_until_gone(r"running \d")

    project = empty.inside("co2")
    before = project.runs()
    project.edit("drawing.py", "WIDTH, HEIGHT = 720, 220", "WIDTH, HEIGHT = 800, 220")
    app.wait_for(r"~ stale +figure +drawing\.WIDTH: 720.* → 800")
    app.wait_for(r"~ stale +outlook +drawing\.WIDTH: 720.* → 800")
    app.wait_for(r"= fresh +bootstrap")
    assert project.runs() == before

    app.press("R")
    app.wait_for(r"● will run +figure")
    app.wait_for(r"= kept +bootstrap")
    app.press("enter")
    app.wait_for(r"co2\.py +all 7 steps fresh")
    app.wait_for(r"forecast\.py +all 2 steps fresh")
    app.wait_for(r"to \d+\.\d ppm")  # what forecast.py printed, in the log
    app.wait_until_gone(r"running \d")
    assert 'viewBox="0 0 800' in (project.path / "figures" / "co2.svg").read_text()
    app.press("q")
    assert app.wait_for_end() == 0


def test_an_edited_helper_is_seen_explained_and_run_at_a_key(empty):
    create_demo(empty.path)
    empty.edit("co2.py", '"replicates", 15000', '"replicates", 200')
    app = empty.app()
    app.wait_for(r"co2\.py +7 new")
    assert not empty.runs()

    app.press("R")
    app.wait_for(r"9 will run")
    app.press("enter")
    app.wait_for(r"co2\.py +all 7 steps fresh")
    app.wait_for(r"forecast\.py +all 2 steps fresh")
    app.wait_until_gone(r"running \d")

    before = empty.runs()
    empty.edit("helpers.py", "weights = np.ones(window) / window", "weights = np.hanning(window)")
    app.wait_for(r"~ stale +trend +helpers\.running_mean changed")
    app.wait_for(r"= fresh +fill_gaps")
    app.wait_for(r"\? unsure +growth_rate +waits for trend")
    assert empty.runs() == before

    app.press("/")
    app.wait_for(r"filter the steps")
    app.press("trend", "enter")
    app.wait_until_gone(r"filter the steps")
    app.press("down")  # from the script to the first of its steps that are left
    app.wait_for(r"~ stale +trend +co2\.py:\d+")
    app.press("d")
    app.wait_for(r"━Detail")
    app.wait_for(r"- +weights = np\.ones\(window\) / window")
    app.wait_for(r"\+ +weights = np\.hanning\(window\)")
    app.press("escape")
    app.wait_for(r"━Steps")
    app.press("escape")  # a second one takes back the filter
    app.wait_for(r"forecast\.py")

    app.press("R")
    app.wait_for(r"● will run +trend")
    app.wait_for(r"\? may run +growth_rate")
    app.wait_for(r"= kept +fill_gaps")
    app.press("enter")
    app.wait_for(r"co2\.py +all 7 steps fresh")
    app.wait_for(r"forecast\.py +all 2 steps fresh")
    app.wait_until_gone(r"running \d")
    first, second = [run for run in empty.runs() if run.script == "co2.py"]
    assert (first.hits, first.computed, second.computed) == (2, 5, 7)


def test_the_log_of_a_script_and_of_one_step_can_be_read(folder):
    folder.run()
    app = folder.app()
    app.wait_for(r"= fresh +scaled")
    app.press("l")
    app.wait_for(r"━Log")
    app.wait_for(r"the sum is 20")
    app.wait_for(r"scaling by 2")
    app.press("escape")
    app.wait_for(r"━Steps")
    app.press("G")
    app.wait_for(r"= fresh +scaled +sums\.py:\d+")
    app.press("l")
    app.wait_for(r"━Log .* scaled")
    app.wait_until_gone(r"the sum is 20")
    app.wait_for(r"scaling by 2")


def test_what_is_searched_for_is_seen_while_typing_and_after(folder):
    folder.run()
    app = folder.app()
    app.wait_for(r"= fresh +read")
    app.press("/")
    app.wait_for(r"filter the steps")
    app.press("scal")
    app.wait_for(r"^ scal")
    app.wait_until_gone(r"= fresh +read ")
    app.press("enter")
    app.wait_for(r"Steps  filter: scal")
    app.wait_for(r"r run")
    app.press("escape")
    app.wait_for(r"= fresh +read ")
    app.press("l")
    app.wait_for(r"the sum is 20")
    app.press("/")
    app.wait_for(r"search in the log")
    app.press("sum", "enter")
    app.wait_for(r"━Log  'sum' 1 of 1")


def test_undoing_an_edit_needs_no_run(folder):
    folder.run()
    app = folder.app()
    app.wait_for(r"sums\.py +all 2 steps fresh")
    folder.edit("scaling.py", "number * factor", "number + factor")
    app.wait_for(r"~ stale +scaled +scaling\.scale changed")
    folder.edit("scaling.py", "number + factor", "number * factor")
    app.wait_for(r"sums\.py +all 2 steps fresh")
    assert [run.state for run in folder.runs()] == [RunState.DONE]
