"""What ran, on a terminal: from a run to its log, its note and what differs from the one before."""

from __future__ import annotations


def test_runs_are_seen_noted_compared_and_repeated_with_another_value(folder):
    folder.run()
    app = folder.app(width=150, height=40)
    app.wait_for(r"= fresh +scaled")
    app.press("o")
    app.wait_for(r"factor +int +default")
    app.press("7")
    app.wait_for(r"jobtui run \S+ factor=27")
    app.press("enter")
    app.wait_for(r"= fresh +scaled")
    app.press("3")
    app.wait_for(r"^ jobtui runs --app ")
    app.wait_for(r"= done +now .*factor=27")
    app.press("0")
    app.wait_for(r"factor = 27")
    app.press("m")
    app.wait_for(r"worth remembering")
    app.press(*"seven", "enter")
    app.wait_for(r"factor=27 .*seven")
    app.press("*")
    app.wait_for(r"★ = done")
    app.press("=")
    app.wait_for(r"factor +\S+ → 27")
    app.press("escape")
    app.wait_for(r"━Runs")
    app.press("/")
    app.wait_for(r"step:fit")
    app.press(*"note:seven", "enter")
    app.wait_for(r"1 of 2")
    app.press("D")
    app.wait_for(r"has a star")
    app.press("q")
    assert app.wait_for_end() == 0


def test_command_in_the_title_opens_runs_again(folder):
    folder.run()
    app = folder.app("runs", "--app", "done", width=150, height=40)
    app.wait_for(r"^ jobtui runs --app done ")
    app.wait_for(r"= done ")
    app.press("1")
    app.wait_for(r"= fresh +scaled")
    app.press("q")
    assert app.wait_for_end() == 0
