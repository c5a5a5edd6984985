"""The key that opens the user's editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Folder

EDITOR = """\
#!/bin/sh
echo "$@" > "$HOME/edited"
printf '\\033[2J\\033[Hthis is the editor'
read typed
for last; do :; done
case "$typed" in
    fail) exit 3 ;;
    comment) echo '# a remark' > "$last.new"; cat "$last" >> "$last.new" ;;
    *) sed "s/\\"factor\\", 2/\\"factor\\", $typed/" "$last" > "$last.new" ;;
esac
mv "$last.new" "$last"
"""
"""Does what is typed into it, once enter is pressed."""


@pytest.fixture
def editor(folder: Folder, environment: dict[str, str]) -> Path:
    """An editor with the name of one that takes a line number; gives where its words are put."""
    home = Path(environment["HOME"])
    program = home / "nano"
    program.write_text(EDITOR)
    program.chmod(0o755)
    folder.environment["EDITOR"] = str(program)
    return home / "edited"


def test_editing_a_parameter_comes_back_to_what_is_stale_because_of_it(folder, editor):
    folder.run()
    app = folder.app()
    app.wait_for(r"sums\.py +all 2 steps fresh")
    app.wait_for(r"e edit")
    app.press("e")
    app.wait_for(r"this is the editor")
    app.press("3", "enter")
    app.wait_until_gone(r"this is the editor")
    app.wait_for(r"~ stale +scaled +factor: 2 → 3")
    app.wait_for(r"= fresh +read")
    line, path = editor.read_text().split()
    assert (line, Path(path)) == ("+4", folder.path / "sums.py")
    app.press("R")
    app.wait_for(r"● will run +scaled")
    app.press("enter")
    app.wait_for(r"the sum is 30")


def test_a_comment_changes_no_verdict_and_a_step_is_opened_at_its_line(folder, editor):
    folder.run()
    app = folder.app()
    app.wait_for(r"sums\.py +all 2 steps fresh")
    app.press("G")
    app.wait_for(r"= fresh +scaled +sums\.py:\d+")
    app.press("e")
    app.wait_for(r"this is the editor")
    app.press("comment", "enter")
    app.wait_for(r"= fresh +scaled +sums\.py:17")  # one line further down
    app.wait_for(r"sums\.py +all 2 steps fresh")
    assert editor.read_text().startswith("+16 ")
    assert len(folder.runs()) == 1


def test_an_editor_that_fails_and_one_that_is_missing_are_said(folder, editor):
    app = folder.app()
    app.wait_for(r"sums\.py +2 new")
    app.wait_for(r"e edit")
    app.press("e")
    app.wait_for(r"this is the editor")
    app.press("fail", "enter")
    app.wait_for(r"ended with code 3")
    app.wait_for(r"sums\.py +2 new")
    app.press("q")
    assert app.wait_for_end() == 0

    del folder.environment["EDITOR"]
    app = folder.app()
    app.wait_for(r"e edit")
    app.press("e")
    app.wait_for(r"no editor: set VISUAL or EDITOR")
