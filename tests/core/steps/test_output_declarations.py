"""Another ``output=`` than before: the verdict says what the next run will do about it."""

from __future__ import annotations

import pytest

from jobtui_core.records import ReasonKind, StepStatus, Verdict
from tests.core.steps.agreement import Agreement

pytestmark = pytest.mark.slow

SCRIPT = """
from jobtui_core import JsonFile, PickleFile
import os

class Own(TextFile):
    def save(self, data):
        Path(self.filename).write_text(str(data))

FOLDER = "out"

@make{declared}
def step():
    ran("step")
    return "1"

step()
"""


class Declared(Agreement):
    """A script with one step whose declaration is edited."""

    def write(self, declared: str, **names: str) -> None:
        text = SCRIPT.replace("{declared}", f"({declared})" if declared else "")
        text = text.replace('return "1"', f"return {names.pop('step', repr('1'))}")
        for old, new in names.items():
            text = text.replace(f'{old} = "out"', f'{old} = "{new}"')
        self.write_script(text)

    def row(self, declared: str, *, runs: bool, **names: str) -> StepStatus:
        """Judge and run with a declaration."""
        self.write(declared, **names)
        return self.check(*(["step"] if runs else []))["step"]


@pytest.fixture
def lab(tmp_path):
    found = Declared(tmp_path, "")
    found.write("output=TextFile('a.txt')")
    found.check("step")
    return found


def test_an_output_that_was_taken_away_and_comes_back(lab):
    row = lab.row("", runs=True)
    assert row.reasons[0].kind is ReasonKind.VERSION_CHANGED
    assert row.reasons[0].summary == "output= of step: TextFile(a.txt) → none"
    lab.row("output=TextFile('a.txt')", runs=False)
    lab.row("", runs=False)
    (lab.root / "a.txt").unlink()
    assert lab.row("output=TextFile('a.txt')", runs=False).restores == ("a.txt",)


def test_another_class_on_the_same_path_and_back(lab):
    row = lab.row("output=JsonFile('a.txt')", runs=True)
    assert row.reasons[0].summary == "output= of step: TextFile(a.txt) → JsonFile(a.txt)"
    lab.row("output=JsonFile('a.txt')", runs=False)
    lab.row("output=Own('a.txt')", runs=True)
    # All that was ever declared is kept, each with its own file.
    lab.row("output=TextFile('a.txt')", runs=False)
    assert (lab.root / "a.txt").read_text() == "1"
    assert lab.row("output=JsonFile('a.txt')", runs=False).restores == ("a.txt",)
    assert (lab.root / "a.txt").read_text().strip() == '"1"'


def test_constants_come_and_go_as_files_do(lab):
    lab.row("output={'a': TextFile('a.txt'), 'b': 1}", runs=True, step="{'a': '1', 'b': 0}")
    lab.row("output={'a': TextFile('a.txt'), 'b': 2}", runs=True, step="{'a': '1', 'b': 0}")
    lab.write("output={'a': TextFile('a.txt'), 'b': 1}", step="{'a': '1', 'b': 0}")
    verdict = lab.rows()["step"].verdict
    assert "ran" not in lab.run().stdout
    # More than is told beforehand, and never less.
    assert verdict is not Verdict.FRESH
    lab.check()


def test_a_path_that_is_computed_or_named_elsewhere(lab):
    declared = "output=TextFile(f'{FOLDER}/a.txt')"
    lab.row(declared, runs=True)
    lab.row(declared, runs=False)
    lab.row(declared, runs=True, FOLDER="elsewhere")
    declared = "output=TextFile(Path(FOLDER) / 'a.txt')"
    lab.write(declared, FOLDER="elsewhere")
    lab.run()
    lab.row(declared, runs=False, FOLDER="elsewhere")
    lab.row(declared, runs=True, FOLDER="other")


def test_spelling_is_no_declaration(lab):
    lab.row("None, TextFile(filename = 'a.txt'), history=False", runs=False)
    lab.row("output=TextFile('a.' 'txt'), debug=False", runs=False)


def test_a_path_from_outside_leaves_the_verdict_open(lab):
    lab.write("output=TextFile(os.environ.get('HOME', '') + '/a.txt' if 0 else 'a.txt')")
    lab.run()
    lab.write("output=TextFile(os.environ['JUST_NOW'] if 'JUST_NOW' in os.environ else 'a.txt')")
    lab.run()
    assert lab.rows()["step"].reasons[0].kind is ReasonKind.CANNOT_FOLLOW


def test_what_says_nothing_of_the_place_for_results(lab):
    declared = "output=TextFile('a.txt'), memory=Memory('kept', verbose=0)"
    lab.row(declared, runs=True)
    lab.row(declared.replace("verbose=0", "verbose=1, compress=True"), runs=False)


@pytest.mark.parametrize("declared", ["cachedir='kept'", "memory=Memory('kept')"])
def test_another_place_for_results_and_back(lab, declared):
    declared = f"output=TextFile('a.txt'), {declared}"
    lab.row(declared, runs=True)
    lab.row(declared, runs=False)
    lab.row("output=TextFile('a.txt')", runs=False)
