"""Declarations of parameters are read from sources, wherever they stand."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

import pytest

from jobtui_core.errors import ParameterError
from jobtui_core.parameters import as_plain, convert, declared_in
from jobtui_core.scripts.context import enter, leave
from jobtui_core.slices import analyse
from jobtui_core.sources import SourceTree

HEAD = """
import datetime, enum
from datetime import date
from pathlib import Path
from typing import Literal, Optional
from jobtui_core import default_param
SIZE = 3

class Colour(enum.Enum):
    RED = 1
    BLUE = 2
"""


@pytest.fixture
def declared(tmp_path):
    def read(text, *, head=HEAD):
        path = tmp_path / "script.py"
        path.write_text(head + textwrap.dedent(text))
        tree = SourceTree(tmp_path, [tmp_path])
        return declared_in(tree.module_at(path), tree)

    return read


@pytest.mark.parametrize(
    ("call", "kind", "default", "choices"),
    [
        ("'p', 52", "int", 52, ()),
        ("'p', default=0.5", "float", 0.5, ()),
        ("name='p', default=False", "bool", False, ()),
        ("'p', SIZE", "int", 3, ()),
        ("'p', [1, 2]", "list", [1, 2], ()),
        ("'p', (1, 2)", "tuple", [1, 2], ()),
        ("'p', Path('data', 'co2.csv')", "Path", "data/co2.csv", ()),
        ("'p', Path(__file__).parent", "any", None, ()),
        ("'p', date(2020, 1, 31)", "date", "2020-01-31", ()),
        ("'p', datetime.date.fromisoformat('2020-01-31')", "date", "2020-01-31", ()),
        ("'p', datetime.datetime(2020, 1, 31)", "datetime", "2020-01-31T00:00:00", ()),
        ("'p', Colour.RED", "Colour", "RED", ("RED", "BLUE")),
        ("'p', None, type=int", "int", None, ()),
        ("'p', None, type=int | None", "int | None", None, ()),
        ("'p', None, type=Optional[int]", "int | None", None, ()),
        ("'p', None, type=list[int]", "list[int]", None, ()),
        ("'p', 'a', type=Literal['a', 'b']", "str", "a", ("a", "b")),
        ("'p', None, type=Colour", "Colour", None, ("RED", "BLUE")),
        ("'p', 'x', '', ['x', 'y']", "str", "x", ("x", "y")),
        ("'p', Colour.RED, choices=[Colour.RED]", "Colour", "RED", ("RED",)),
        ("'p', None, type=lambda text: text.split()", "any", None, ()),
        ("'p', compute()", "any", None, ()),
    ],
)
def test_type_default_and_choices_are_read(declared, call, kind, default, choices):
    (one,) = declared(f"default_param({call})").parameters
    assert (one.name, one.type, one.default, one.choices) == ("p", kind, default, choices)


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("'p', 52", "26.5"),
        ("'p', 52, choices=[26, 52]", "27"),
        ("'p', 'x', choices=['x', 'y']", "z"),
        ("'p', Colour.RED", "blu"),
        ("'p', Colour.RED, choices=[Colour.RED]", "BLUE"),
        ("'p', None, type=Colour", "blu"),
        ("'p', Path('a'), choices=[Path('a'), Path('b')]", "c"),
        ("'p', date(2020, 1, 31)", "2020-02-30"),
        ("'p', date(2020, 1, 31), choices=[date(2020, 1, 31)]", "2020-02-01"),
        ("'p', 3, type=int | None", "x"),
        ("'p', 'a', type=Literal['a', 'b']", "c"),
        ("'p', [1]", "1,x"),
        ("'p', None, type=list[float]", "x"),
        ("'p', True", "ja"),
    ],
)
def test_what_is_refused_from_outside_is_refused_by_the_script_in_the_same_words(
    declared, tmp_path, call, wrong
):
    (info,) = declared(f"value = default_param({call})\n").parameters
    with pytest.raises(ParameterError) as outside:
        convert(wrong, info)
    with pytest.raises(ParameterError) as inside:
        _run(tmp_path / "script.py", p=wrong)
    assert str(outside.value) == str(inside.value)
    assert str(outside.value).startswith(f"script.py, line {info.line}: parameter 'p' must be ")


@pytest.mark.parametrize(
    ("call", "text", "expected"),
    [
        ("'p', Path('a'), choices=[Path('a'), Path('b')]", "b", Path("b")),
        ("'p', date(2020, 1, 31), choices=[date(2020, 1, 31)]", "2020-01-31", date(2020, 1, 31)),
        ("'p', (0, 1), choices=[(0, 1), (1, 2)]", "1,2", (1, 2)),
    ],
)
def test_what_is_allowed_outside_reaches_the_script_as_its_own_type(
    declared, tmp_path, call, text, expected
):
    (info,) = declared(f"value = default_param({call})\n").parameters
    assert _run(tmp_path / "script.py", p=as_plain(convert(text, info))) == expected


def _run(script, **given):
    """Run a script with values that nobody has looked at before."""
    context = enter(str(script), given)
    try:
        module = {"__name__": "__main__", "__file__": str(script)}
        exec(compile(script.read_text(), str(script), "exec"), module)
        return module["value"]
    finally:
        leave(context)


def test_they_are_found_in_functions_and_under_conditions(declared):
    found = declared("""
        def main():
            if SIZE > 2:
                return default_param("inner", 1, help="a line")
        lines = [default_param("listed", 2) for _ in range(3)]
        """)
    assert [(one.name, one.help) for one in found.parameters] == [
        ("inner", "a line"),
        ("listed", ""),
    ]
    assert found.certain


def test_other_spellings_are_known(declared):
    head = "import jobtui_core as jt\nfrom jobtui_core import default_param as given\n"
    found = declared("given('a', 1)\njt.default_param('b', 2)\n", head=head)
    assert [one.name for one in found.parameters] == ["a", "b"]


def test_a_computed_name_leaves_others_possible(declared):
    found = declared("for name in names:\n    default_param(name, 1)")
    assert not found.certain
    assert found.parameters == ()


def test_declared_twice_in_different_ways_it_may_be_either(declared):
    (one,) = declared("""
        if SIZE:
            n = default_param("n", 10)
        else:
            n = default_param("n", 0.5)
        """).parameters
    assert (one.type, one.default) == ("any", 10)


def test_an_analysis_has_those_of_imported_modules_too(tmp_path):
    (tmp_path / "settings.py").write_text(
        "from jobtui_core import default_param\n\nwindow = default_param('window', 26 * 2)\n"
    )
    (tmp_path / "unused.py").write_text(
        "from jobtui_core import default_param\ndefault_param('other', 1)\n"
    )
    script = tmp_path / "co2.py"
    script.write_text("from settings import window\nprint(window)\n")
    found = analyse(SourceTree(tmp_path, [tmp_path]), script, overrides={"window": 13})
    (one,) = found.parameters
    assert (one.name, one.type, one.default, one.value) == ("window", "int", 52, 13)
    assert (one.file, one.line) == ("settings.py", 3)
