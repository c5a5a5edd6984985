"""What somebody types becomes a value of the parameter's type, or a clear refusal."""

from __future__ import annotations

import datetime as dt
import enum
import json
from pathlib import Path
from typing import Literal

import pytest

from jobtui_core.errors import ParameterError
from jobtui_core.parameters import as_plain, convert, type_name
from jobtui_core.records import ParameterInfo


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("26", 52, 26),
        ("1_000", 52, 1000),
        ("1e3", 52, 1000),
        ("-3", 52, -3),
        ("0.5", 1.0, 0.5),
        ("3", 1.0, 3.0),
        ("yes", False, True),
        ("OFF", True, False),
        ("26", "x", "26"),
        ("1+2j", 0j, 1 + 2j),
        ("a/b", Path("c"), Path("a/b")),
        ("1,2,3", [0], [1, 2, 3]),
        ("[1, 2]", [0.0], [1.0, 2.0]),
        ("a, b", ["c"], ["a", "b"]),
        ("a,1", [], ["a", 1]),
        ("1,2", (0, 0), (1, 2)),
        ("{'a': 1}", {}, {"a": 1}),
        ("none", None, None),
        ("3.5", None, 3.5),
        ("word", None, "word"),
        ("true", None, True),
        ("BLUE", Colour.RED, Colour.BLUE),
        ("2020-02-03", dt.date(2019, 1, 1), dt.date(2020, 2, 3)),
        ("2020-02-03T04:05", dt.datetime(2019, 1, 1), dt.datetime(2020, 2, 3, 4, 5)),
        ("04:05", dt.time(1), dt.time(4, 5)),
        ("", [1], []),
        ("'a,b',c", ["x"], ["a,b", "c"]),
        ('["a,b", c]', ["x"], ["a,b", "c"]),
        ("don't,c", ["x"], ["don't", "c"]),
        ("a:b,c", ["x"], ["a:b", "c"]),
        ("2020-02-03", [dt.date(2019, 1, 1)], [dt.date(2020, 2, 3)]),
    ],
)
def test_text_becomes_a_value_of_the_defaults_type(text, default, expected):
    value = convert(text, name="p", default=default)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("value", "default", "expected"),
    [
        (3, 1.0, 3.0),
        (26.0, 52, 26),
        (Path("a"), "b", "a"),
        ((1, 2), [0], [1, 2]),
        (dt.datetime(2020, 1, 2), dt.date(2019, 1, 1), dt.date(2020, 1, 2)),
        (dt.date(2020, 1, 2), dt.datetime(2019, 1, 1), dt.datetime(2020, 1, 2)),
        (Colour.BLUE, Colour.RED, Colour.BLUE),
        (None, None, None),
    ],
)
def test_values_are_widened_where_nothing_is_lost(value, default, expected):
    converted = convert(value, name="p", default=default)
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("value", "default", "said"),
    [
        ("26.5", 52, "nearest is 26"),
        ("many", 52, "a whole number"),
        (True, 52, "nearest is 1"),
        ("flase", True, "did you mean 'false'"),
        (1, True, "true or false"),
        ("wide", 1.0, "a number"),
        (3, "x", "did you mean '3'"),
        ("1,x", [0], "a list whose items are each a whole number"),
        (5, [0], "a list"),
        ("GREY", Colour.RED, "one of RED, BLUE"),
        ("when", dt.date(2019, 1, 1), "date"),
        ("2026-02-30", dt.date(2019, 1, 1), "nearest is 2026-02-28"),
        (dt.datetime(2020, 1, 2, 3), dt.date(2019, 1, 1), "nearest is 2020-01-02"),
        ("red", Colour.RED, "did you mean 'RED'"),
    ],
)
def test_a_wrong_value_is_refused_with_the_nearest_allowed(value, default, said):
    with pytest.raises(ParameterError, match="p") as caught:
        convert(value, name="p", default=default, where="co2.py, line 5")
    assert said in str(caught.value)
    assert str(caught.value).startswith("co2.py, line 5: ")


def test_a_value_outside_the_choices_is_refused():
    with pytest.raises(ParameterError, match="did you mean 'linear'"):
        convert("liner", name="kind", default="linear", choices=["linear", "cubic"])
    with pytest.raises(ParameterError, match="nearest is 26"):
        convert("30", name="window", default=52, choices=[13, 26, 52])
    with pytest.raises(ParameterError, match="one of 0, 1"):
        convert("2", name="n", default=0, choices=[0, 1])


def test_a_named_type_wins_over_the_default():
    assert convert("3", name="p", default=None, type=float) == 3.0
    assert convert("3", name="p", default=None, type="int") == 3
    assert convert("a b", name="p", default=None, type=str.split) == ["a", "b"]
    with pytest.raises(ParameterError, match="a number"):
        convert("x", name="p", default=None, type=float)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("none", int, None),
        ("7", int, 7),
        ("none", int | None, None),
        ("7", int | None, 7),
        ("1,2", list[int], [1, 2]),
        ("1,2", "list[int] | None", [1, 2]),
        ("none", list[int] | None, None),
        ("1,2.5", tuple[float, ...], (1.0, 2.5)),
        ("7", int | str, 7),
        ("seven", str | int, "seven"),
        ("b", Literal["a", "b"], "b"),
        ("3", Literal[1, 3], 3),
        ("BLUE", Colour, Colour.BLUE),
        ("BLUE", Colour | None, Colour.BLUE),
        ("a/b", Path | None, Path("a/b")),
        ("2020-02-03", dt.date | None, dt.date(2020, 2, 3)),
    ],
)
def test_the_type_may_be_any_annotation(text, kind, expected):
    value = convert(text, name="p", default=None, type=kind)
    assert value == expected
    assert type(value) is type(expected)


def test_what_none_of_the_types_takes_is_refused_with_all_of_them():
    with pytest.raises(ParameterError, match="a whole number or none, not 'x'"):
        convert("x", name="p", default=3, type=int | None)
    with pytest.raises(ParameterError, match="one of 'a', 'b', not 'c'"):
        convert("c", name="p", default="a", type=Literal["a", "b"])


def test_choices_tell_the_type_where_the_default_does_not():
    colours = list(Colour)
    assert convert("BLUE", name="p", default=None, choices=colours) is Colour.BLUE
    assert convert("10", name="p", default=None, choices=["10", "20"]) == "10"
    assert convert("10", name="p", default=None, choices=[10, 20]) == 10
    assert convert("none", name="p", default=None, choices=["none", "all"]) == "none"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Path("a/b"), "a/b"),
        (dt.date(2020, 2, 3), "2020-02-03"),
        (Colour.BLUE, "BLUE"),
        ((1, 2), [1, 2]),
        ({3, 1}, [1, 3]),
        ({"a": 1}, {"a": 1}),
        ({1: 2}, "{1: 2}"),
        (1 + 2j, "(1+2j)"),
        (None, None),
        (True, True),
    ],
)
def test_a_value_travels_as_plain_data_and_comes_back(value, plain):
    assert as_plain(value) == plain
    assert json.loads(json.dumps(as_plain(value))) == plain
    assert convert(as_plain(value), name="p", default=value) == value


def test_a_type_that_only_the_script_knows_is_left_to_it():
    info = ParameterInfo(name="p", type="any", default=None, value=None)
    assert convert("3:5", info) == "3:5"


def test_a_refusal_names_the_place_of_the_declaration():
    info = ParameterInfo(name="p", type="int", default=1, value=1, file="lib/settings.py", line=12)
    with pytest.raises(ParameterError, match=r"^settings\.py, line 12: parameter 'p' must be"):
        convert("x", info)


def test_a_recorded_parameter_is_enough_to_convert():
    info = ParameterInfo(name="window", type="int", default=52, value=52, choices=(26, 52))
    assert convert("26", info) == 26
    with pytest.raises(ParameterError, match="window"):
        convert("27", info)
    typed = ParameterInfo(name="level", type="float", default=None, value=None)
    assert convert("3", typed) == 3.0


def test_the_type_of_a_parameter_has_a_name():
    assert [type_name(value) for value in (1, 1.0, True, "a", None, Path("a"), [1])] == [
        "int", "float", "bool", "str", "None", "Path", "list",
    ]  # fmt: skip
    assert type_name(None, float) == "float"
