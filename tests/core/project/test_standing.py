"""A process that looks again pays for what changed, and says what one would that never looked."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core.project import open_project, status
from jobtui_core.project.judging.judge import Judge
from jobtui_core.records import ProjectStatus, StepStatus, Verdict
from jobtui_core.slices import analysis
from tests.core.project.test_end_to_end import Folder
from tests.core.project.test_incremental import status_of

SCRIPT = """
from jobtui_core import JsonFile, make

import parts


@make(inputs=["data.txt"])
def read():
    with open("data.txt") as file:
        return file.read()


@make
def scaled(text):
    return parts.scale(text)


@make(output=JsonFile("out.json"))
def write(text):
    return text * 3


write(scaled(read()))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A project that ran, and that this process looked at."""
    folder = Folder(tmp_path / "project")
    folder.write("script.py", SCRIPT)
    folder.write("parts.py", "def scale(text):\n    return text * 2\n")
    folder.write("data.txt", "abc\n")
    folder.run("script.py")
    assert verdicts(look(folder)) == ["fresh", "fresh", "fresh"]
    return folder


def look(folder: Folder) -> ProjectStatus:
    """Look again, and hold it against a look that remembers nothing."""
    found = status(open_project(folder.root))
    assert found == status_of(folder, indexed=False)
    return found


def verdicts(found: ProjectStatus) -> list[str]:
    return [step.verdict.value for step in found.steps]


def rows(found: ProjectStatus) -> dict[str, StepStatus]:
    return {step.name: step for step in found.steps}


def test_an_entry_that_goes_away_is_missed(folder: Folder) -> None:
    entry = next((folder.root / ".jobtui/cache").glob("*scaled*/**/*"))
    for path in sorted(entry.parent.rglob("*")):
        if path.is_file():
            path.unlink()
    assert rows(look(folder))["scaled"].verdict is Verdict.STALE


def test_an_input_that_changes_and_changes_back_is_seen(folder: Folder) -> None:
    folder.write("data.txt", "xyz\n")
    assert verdicts(look(folder)) == ["stale", "unsure", "unsure"]
    folder.write("data.txt", "abc\n")
    assert verdicts(look(folder)) == ["fresh", "fresh", "fresh"]


def test_an_output_that_is_edited_is_noted(folder: Folder) -> None:
    folder.write("out.json", "mine")
    assert rows(look(folder))["write"].notes


def test_a_module_that_git_ignores_is_seen_when_it_appears(folder: Folder) -> None:
    folder.write(".gitignore", "factor.py\n")
    folder.write(
        "parts.py",
        """
        try:
            from factor import FACTOR
        except ImportError:
            FACTOR = 2


        def scale(text):
            return text * FACTOR
        """,
    )
    folder.run("script.py")
    assert verdicts(look(folder)) == ["fresh", "fresh", "fresh"]
    folder.write("factor.py", "FACTOR = 3\n")
    assert verdicts(look(folder))[1] != "fresh"


def test_upstream_that_is_no_longer_fresh_is_seen_downstream(folder: Folder) -> None:
    folder.edit("parts.py", "text * 2", "text * 4")
    assert verdicts(look(folder)) == ["fresh", "stale", "unsure"]
    folder.edit("parts.py", "text * 4", "text * 2")
    assert verdicts(look(folder)) == ["fresh", "fresh", "fresh"]


def test_another_run_is_seen(folder: Folder) -> None:
    folder.edit("parts.py", "text * 2", "text * 4")
    assert verdicts(look(folder)) == ["fresh", "stale", "unsure"]
    folder.run("script.py")
    assert verdicts(look(folder)) == ["fresh", "fresh", "fresh"]


def test_an_error_while_typing_does_not_cost_what_was_known(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.edit("parts.py", "text * 2", "text * (")
    assert look(folder).scripts[0].error is not None
    folder.edit("parts.py", "text * (", "text * 5")
    monkeypatch.setattr(analysis, "Walk", None)
    assert verdicts(status(open_project(folder.root))) == ["fresh", "stale", "unsure"]


def test_rows_and_verdicts_that_stand_are_not_made_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(status(open_project(folder.root)))
    judged: list[str] = []
    judge = Judge._site

    def noted(self: Judge, site, analysed, upstream):  # type: ignore[no-untyped-def]  # passed on
        judged.append(site.name)
        return judge(self, site, analysed, upstream)

    monkeypatch.setattr(Judge, "_site", noted)
    monkeypatch.setattr(analysis, "Walk", None)
    folder.edit("script.py", "return text * 3", "return text * 4")
    after = rows(status(open_project(folder.root)))
    assert judged == ["write"]
    assert after["read"] is before["read"]


@pytest.mark.slow
def test_a_chain_of_ten_thousand_calls_is_followed_to_its_end(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "project")
    lines = [
        "from jobtui_core import make",
        "",
        "@make",
        "def more(value):",
        "    return value + 1",
    ]
    lines += ["", "value = more(0)", *["value = more(value)"] * 9_999, "print(value)"]
    folder.write("chain.py", "\n".join(lines))
    assert folder.run("chain.py") == "10000\n"
    assert verdicts(status(open_project(folder.root))) == ["fresh"]
    folder.edit("chain.py", "value + 1", "value + 2")
    assert verdicts(status(open_project(folder.root))) == ["stale"]
