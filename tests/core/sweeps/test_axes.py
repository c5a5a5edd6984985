"""Lists and ranges of values, as they are typed."""

from __future__ import annotations

import pytest

from jobtui_core.errors import ParameterError
from jobtui_core.project.sweeps.axes import values_of
from jobtui_core.records import ParameterInfo


def parameter(default, kind=None, **facts):
    kind = kind or type(default).__name__
    return ParameterInfo(
        name="p", type=kind, default=default, value=default, file="fit.py", line=3, **facts
    )


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("10,20,50", 1, (10, 20, 50)),
        ("10, 20,10", 1, (10, 20)),
        ("1..5", 1, (1, 2, 3, 4, 5)),
        ("5..3", 1, (5, 4, 3)),
        ("1..9:4", 1, (1, 5, 9)),
        ("-1..1", 1, (-1, 0, 1)),
        ("1..3,10,20:30:5", 1, (1, 2, 3, 10, 20, 25, 30)),
        ("0.1:0.5:0.1", 1.0, (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("0:1:0.3", 1.0, (0.0, 0.3, 0.6, 0.9)),
        ("1e-3:3e-3:1e-3", 1.0, (0.001, 0.002, 0.003)),
        ("3:1:-1", 1, (3, 2, 1)),
        ("7", 1, (7,)),
        ("a,b", "x", ("a", "b")),
        ("'a,b',c", "x", ("a,b", "c")),
        ("1:3", "x", ("1:3",)),
        ("10:30,1..3", "x", ("10:30", "1..3")),
        ("don't,do", "x", ("don't", "do")),
        ("", "x", ("",)),
        ("yes,no", True, (True, False)),
        ("none,3", None, (None, 3)),
        ("1,2", [0], ([1, 2],)),
        ("[1,2],[3,4]", [0], ([1, 2], [3, 4])),
    ],
)
def test_what_is_typed_becomes_values(text, default, expected):
    found = values_of(parameter(default, "None" if default is None else None), text)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


def test_dates_and_paths_travel_as_text():
    days = values_of(parameter("2020-01-01", "date"), "2020-01-01,2020-02-01")
    assert days == ("2020-01-01", "2020-02-01")
    assert values_of(parameter("data", "Path"), "a:b,c") == ("a:b", "c")


def test_what_is_in_quotes_is_no_range():
    assert values_of(parameter(None, "any"), '"1..3",4..5') == ("1..3", "4", "5")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1:5:-1", "the range '1:5:-1' leads nowhere"),
        ("1:5:0", "leads nowhere"),
        ("1..10000000", "has more than 100000 values"),
        ("0:1:1e-9", "has more than 100000 values"),
        ("0:1e99999999:1e-99999999", "leads nowhere"),
        ("1,x", "fit.py, line 3: parameter 'p' must be a whole number, not 'x'"),
        ("0:1:0.5", "fit.py, line 3: parameter 'p' must be a whole number, not '0.5'"),
    ],
)
def test_what_cannot_be_a_range_or_a_value_is_refused(text, said):
    with pytest.raises(ParameterError, match="p") as caught:
        values_of(parameter(1), text)
    assert said in str(caught.value)
