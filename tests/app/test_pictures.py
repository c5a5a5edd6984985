"""Pictures of results: the same lines in the app and on the command line, on any terminal."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from jobtui.inks import INKS, painted
from jobtui.plain import plain
from jobtui.views.chart import chart_lines
from jobtui.views.heat import heat_lines
from jobtui.views.lines import Line, text_of
from jobtui.views.picture import picture_lines
from jobtui.views.record import figures_lines
from jobtui_core.labbook import FigureInfo
from jobtui_core.palette import colours
from jobtui_core.records import Plot, Preview, Series, Thumb

PAINTS: tuple[Any, ...] = ("colours", "shades", "ascii")


def texts(lines: list[Line]) -> list[str]:
    return [text_of(spans) for spans in lines]


def grid(*rows: bytes, **options: Any) -> Thumb:
    return Thumb(width=len(rows[0]), height=len(rows), channels=1, data=b"".join(rows), **options)


class TestSmallPictures:
    def test_two_pixels_share_a_cell(self) -> None:
        (one,) = heat_lines(grid(b"\x01", b"\xff"), 1, 1, "colours")
        low, high = colours()[1], colours()[255]
        assert one == (("▀", "#{:02x}{:02x}{:02x} on #{:02x}{:02x}{:02x}".format(*low, *high)),)

    def test_where_there_is_no_value_there_is_no_colour(self) -> None:
        upper, lower = heat_lines(grid(b"\0", b"\xff", b"\xff", b"\0"), 1, 2, "colours")
        assert [upper[0][0], lower[0][0]] == ["▄", "▀"]
        assert " on " not in upper[0][1] + lower[0][1]

    def test_few_values_are_enlarged_and_many_are_thinned_out(self) -> None:
        few = heat_lines(grid(b"\x01\xff", b"\xff\x01"), 40, 10, "colours")
        assert [cell_len(text) for text in texts(few)] == [16] * 8
        many = heat_lines(grid(*(bytes([9]) * 64 for _ in range(48))), 20, 5, "colours")
        assert len(many) == 5
        assert all(cell_len(text) <= 20 for text in texts(many))

    def test_levels_are_told_in_numbers_below(self) -> None:
        thumb = grid(b"\x01\xff", low=-1.5, high=2.0)
        for paint in PAINTS:
            last = texts(heat_lines(thumb, 20, 4, paint))[-1]
            assert last.startswith("-1.5")
            assert last.endswith("2")

    def test_without_colours_light_is_told_by_signs(self) -> None:
        dark_and_light = grid(b"\x01\xff")
        assert texts(heat_lines(dark_and_light, 2, 1, "shades")) == [" █"]
        assert texts(heat_lines(dark_and_light, 2, 1, "ascii")) == [".%"]

    def test_colours_are_those_of_the_image(self) -> None:
        thumb = Thumb(width=1, height=1, channels=3, data=bytes([1, 2, 3]))
        assert heat_lines(thumb, 1, 1, "colours")[0] == (("▀", "#010203"),)


class TestPlots:
    def test_lines_have_their_ends_and_labels(self) -> None:
        plot = Plot(
            series=(Series(y=(0.0, 5.0), label="up"), Series(y=(5.0, 0.0), label="down")),
            title="both",
            xlabel="step",
        )
        found = texts(chart_lines(plot, 40, 4, "ascii"))
        assert found[0] == "both"
        assert found[1].startswith("5 ")
        assert found[4].startswith("0 ")
        assert "step" in found[5]
        assert ("* up" in found[6], "o down" in found[6]) == (True, True)
        assert (found[1].rstrip()[-1], found[4].rstrip()[-1]) == ("*", "o")

    def test_dates_stand_below(self) -> None:
        plot = Plot(series=(Series(x=(0.0, 86_400.0 * 365), y=(1.0, 2.0)),), dates=True)
        below = texts(chart_lines(plot, 50, 3, "shades"))[3]
        assert below.split() == ["1970-01-01", "1971-01-01"]

    def test_points_are_not_joined(self) -> None:
        plot = Plot(series=(Series(x=(0.0, 9.0), y=(1.0, 2.0), kind="scatter"),))
        found = texts(chart_lines(plot, 20, 4, "ascii"))
        assert sum(text.count("*") for text in found) == 2

    def test_bars_have_their_names_and_values(self) -> None:
        plot = Plot(series=(Series(y=(4.0, None, 2.0), kind="bar"),), ticks=("one", "two", "three"))
        found = texts(chart_lines(plot, 40, 4, "ascii"))
        assert [text.split()[0] for text in found] == ["one", "two", "three"]
        assert [text.split()[-1] for text in found] == ["4", "?", "2"]
        assert found[0].count("#") == 2 * found[2].count("#")

    def test_what_has_no_values_says_so(self) -> None:
        assert texts(chart_lines(Plot(series=(Series(y=(None,)),)), 40, 4, "shades")) == [
            "no values to draw"
        ]


NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
SERIES = st.lists(NUMBERS, min_size=1, max_size=30).flatmap(
    lambda y: st.builds(
        Series,
        y=st.just(tuple(y)),
        x=st.just(())
        | st.lists(
            st.floats(allow_nan=False, allow_infinity=False), min_size=len(y), max_size=len(y)
        ).map(tuple),
        kind=st.sampled_from(["line", "scatter", "bar"]),
        label=st.text(max_size=30),
    )
)
PLOTS = st.builds(
    Plot,
    series=st.lists(SERIES, min_size=1, max_size=3).map(tuple),
    title=st.text(max_size=30),
    xlabel=st.text(max_size=30),
    ylabel=st.text(max_size=30),
    dates=st.booleans(),
    ticks=st.lists(st.text(max_size=20), max_size=5).map(tuple),
)


@given(PLOTS, st.integers(20, 120), st.integers(1, 20), st.sampled_from(PAINTS))
def test_any_plot_can_be_drawn_and_keeps_to_its_height(
    plot: Plot, width: int, height: int, paint: Any
) -> None:
    found = chart_lines(plot, width, height, paint)
    assert len(found) <= max(height, 20) + 4
    assert all(text == plain(text) for text in texts(found))


@pytest.mark.parametrize("paint", PAINTS)
def test_every_style_is_known(paint: Any) -> None:
    shown = Preview(
        kind="array",
        type="numpy.ndarray",
        shape=(2, 2),
        thumb=grid(b"\x01\x80", b"\0\xff", low=0.0, high=1.0),
        plot=None,
        note="why",
    )
    plot = Preview(kind="plot", type="x", plot=Plot(series=(Series(y=(1.0, 2.0), label="a"),)))
    for spans in [*picture_lines(shown, 60, 12, paint), *picture_lines(plot, 60, 12, paint)]:
        for _, style in spans:
            assert isinstance(painted(style), Style) if style[:1] == "#" else style in {"", *INKS}


def test_a_terminal_without_unicode_gets_a_picture_too() -> None:
    for shown in (
        Preview(kind="array", type="a", shape=(3,), line=(1.0, None, 3.0)),
        Preview(kind="array", type="a", shape=(2, 2), thumb=grid(b"\x01\x80", b"\0\xff")),
        Preview(kind="plot", type="x", plot=Plot(series=(Series(y=(1.0, 2.0), label="a"),))),
    ):
        drawn = texts(picture_lines(shown, 60, 6, "ascii"))[1:]
        assert all(text.isascii() for text in drawn)
        assert "".join(drawn).strip()


def test_some_points_of_a_long_array_stand_for_all_of_it() -> None:
    shown = Preview(kind="array", type="a", shape=(1000,), line=tuple(map(float, range(200))))
    assert texts(picture_lines(shown, 60, 6, "ascii"))[-1].split() == ["0", "999"]


def test_a_plot_stands_above_its_table_and_a_note_below() -> None:
    shown = Preview(
        kind="table",
        type="pandas.Series",
        shape=(2,),
        columns=("a",),
        rows=(("1",), ("2",)),
        plot=Plot(series=(Series(y=(1.0, 2.0)),), title="drawn"),
        note="show_it failed",
    )
    found = texts(picture_lines(shown, 60, 4))
    assert found.index("drawn") < found.index("a") < found.index("show_it failed")


def test_a_text_has_its_lines() -> None:
    found = texts(picture_lines(Preview(kind="text", type="Mesh", text="one\ntwo"), 60, 4))
    assert found == ["Mesh", "one", "two"]


def test_an_image_without_a_small_picture_is_told_by_its_size() -> None:
    image = base64.b64encode(b"x").decode()
    found = texts(
        picture_lines(Preview(kind="image", type="Figure", shape=(2, 3), image=image), 60, 4)
    )
    assert found == ["Figure  2 × 3"]


def test_figures_of_runs_are_drawn_where_a_small_picture_is_known() -> None:
    thumb = Thumb(width=2, height=2, channels=3, data=bytes(12))
    known = FigureInfo(name="a.png", run="r", step="draw", png="0" * 32, thumb=thumb)
    found = texts(figures_lines([known, FigureInfo(name="b", run="r")], width=40, paint="ascii"))
    assert "a.png" in found[0]
    assert found[1] == " " * 16
    assert "b" in found[-1]
