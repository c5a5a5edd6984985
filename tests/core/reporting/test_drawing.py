"""Drawings of numbers, whatever the numbers are."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobtui_core.pictures import Plot, Series
from jobtui_core.project.reporting.blocks import Drawing
from jobtui_core.project.reporting.drawing import HEIGHT, WIDTH, draw, sparkline
from jobtui_core.project.reporting.scales import Scale, date_ticks, number_ticks, scale_of

numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True)


def drawn(*series: Series, **rest) -> str:
    return str(draw(Drawing(Plot(series=series, **rest), "a drawing")))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(numbers, max_size=12),
    st.lists(numbers, max_size=12),
    st.sampled_from(["line", "scatter", "bar"]),
    st.booleans(),
)
@example([None, 0.0], [0.0, -1.2e308], "bar", True)
@example([1.0, 0.0], [1.7e308, -1.7e308], "bar", False)
@example([0.0], [1.7056058825759011e308], "line", False)
def test_any_numbers_can_be_drawn_and_stay_within_the_drawing(y, x, kind, dates):
    text = drawn(Series(y=tuple(y), x=tuple(x)[: len(y)], kind=kind), dates=dates)
    if text == "None":
        return
    assert not re.search("nan|inf|None", text)
    for place in re.findall(r' (?:x|cx|x1|x2)="(-?[\d.]+)"', text):
        assert -1 <= float(place) <= WIDTH + 1
    for place in re.findall(r' (?:y|cy|y1|y2)="(-?[\d.]+)"', text):
        assert -1 <= float(place) <= HEIGHT + 1


def test_nothing_is_drawn_of_no_numbers():
    assert drawn(Series(y=())) == "None"
    assert drawn(Series(y=(None, math.nan))) == "None"


def test_a_gap_parts_a_line():
    text = drawn(Series(y=(1.0, 2.0, None, 3.0, 4.0, None, 5.0)))
    assert text.count("<polyline") == 2
    assert text.count("<circle") == 1


def test_bars_stand_on_zero():
    text = drawn(Series(y=(2.0, -2.0), kind="bar"))
    (up, high), (down, deep) = re.findall(r'<rect[^>]* y="([\d.]+)"[^>]* height="([\d.]+)"', text)
    assert float(up) + float(high) == pytest.approx(float(down), abs=0.2)
    assert float(high) == pytest.approx(float(deep), abs=0.2)


def test_several_series_have_names_and_colours():
    text = drawn(Series(y=(1.0, 2.0), label="old"), Series(y=(2.0, 1.0), label="new"))
    assert "curve s0" in text
    assert "curve s1" in text
    assert ">old</text>" in text


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.0, 10.0, ["0", "2", "4", "6", "8", "10"]),
        (0.1, 0.52, ["0.1", "0.2", "0.3", "0.4", "0.5"]),
        (-3.5, 3.1, ["-2", "0", "2"]),
        (1e-9, 5e-9, ["1e-09", "2e-09", "3e-09", "4e-09", "5e-09"]),
    ],
)
def test_ticks_are_round_numbers(low, high, texts):
    assert [text for _, text in number_ticks(Scale(low, high, 0, 100))] == texts


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300))
def test_ticks_are_few_and_within(low, width):
    scale = scale_of([low, low + width], 0, 100)
    if scale is None:
        return
    for ticks in (number_ticks(scale), date_ticks(scale)):
        assert len(ticks) <= 7
        assert all(-0.01 <= scale(value) <= 100.01 for value, _ in ticks)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30.0, ":"), (86400.0 * 3, "2026-11-"), (86400.0 * 400, "202"), (86400.0 * 9000, "20")],
)
def test_dates_are_written_as_their_span_needs_it(seconds, text):
    ticks = date_ticks(Scale(1795358914.0, 1795358914.0 + seconds, 0, 100))
    assert ticks
    assert all(text in written for _, written in ticks)


def test_numbers_as_characters():
    assert sparkline(Series(y=(0.0, 1.0, None, 2.0))) == "▁▅ █"
    assert sparkline(Series(y=(None,))) == ""
    assert sparkline(Series(y=(1.0, 1.0))) == "▅▅"
    assert len(sparkline(Series(y=tuple(map(float, range(200)))))) == 60
