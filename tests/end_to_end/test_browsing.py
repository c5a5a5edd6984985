"""What a store keeps, on a terminal: from the steps, and by a command line."""

from __future__ import annotations


def test_results_of_a_run_are_found_filtered_shown_and_deleted(folder):
    folder.run()
    app = folder.app(width=130, height=36)
    app.wait_for(r"= fresh +scaled")
    app.press("2")
    app.wait_for(r"all functions +2 ")
    app.press("tab", "/")
    app.wait_for(r"fn:fit  size:>10M")
    app.press(*"factor=2", "enter")
    app.wait_for(r"Entries +filter: factor=2 +1 of 2")
    app.press("v")
    app.wait_for(r"━Preview +scaled━")
    app.wait_for(r"factor = 2")
    app.press("escape")
    app.wait_for(r"━Entries")
    app.press("D")
    app.wait_for(r"Stale then, and fresh now: scaled")
    app.press("d")
    app.wait_for(r"Entries +filter: factor=2 +0 of 1")
    app.press("1")
    app.wait_for(r"~ stale +scaled")
    app.press("q")
    assert app.wait_for_end() == 0


def test_command_that_stands_in_the_title_opens_the_same_again(folder):
    folder.run()
    app = folder.app("browse", ".jobtui/cache", "fn:read", width=130, height=36)
    app.wait_for(r"^ jobtui browse ./.jobtui/cache fn:read ")
    app.wait_for(r"Entries +filter: fn:read +1 of 2")
    app.press("q")
    assert app.wait_for_end() == 0
