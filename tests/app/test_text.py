"""Untrusted text does nothing, numbers are short, and lines are broken between words."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from jobtui.glyphs import VERDICT_GLYPHS, to_ascii
from jobtui.plain import age, clock_time, duration, log_line, plain, plain_lines, short
from jobtui.views.diff import diff_lines
from jobtui.views.lines import line, search, text_of, wrap
from jobtui.views.plot import bars, curve
from jobtui_core.records import Verdict


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\rb", "a␍b"),
        ("a\nb", "a␊b"),
        ("a\tb", "a    b"),
        ("\x7f", "␡"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u202eb", "a\\u202eb"),
        ("\u200bx", "\\u200bx"),
        ("bad\udcff", "bad\\udcff"),
        ("größe 測定 [bold]", "größe 測定 [bold]"),
    ],
)
def test_characters_that_do_something_become_visible(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_plain_text_is_one_line_that_can_be_encoded(text: str) -> None:
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)
    shown.encode("utf-8")


@given(st.text())
def test_log_lines_are_harmless_too(text: str) -> None:
    assert "\x1b" not in log_line(text)
    assert "\r" not in log_line(text)


def test_lines_split_at_newlines_only() -> None:
    assert plain_lines("a\r\nb\x0cc\n") == ["a", "b␌c", ""]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0 ms"),
        (0.0125, "12 ms"),
        (0.9999, "1.0 s"),
        (3.25, "3.2 s"),
        (42.0, "42 s"),
        (99.7, "1m40s"),
        (600.0, "10 min"),
        (5400.0, "1h30m"),
        (260_000.0, "3 d"),
    ],
)
def test_duration_has_at_most_seven_characters(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats())
@example(253_402_351_199.0)
@example(999_999_999_999.0)
def test_any_number_may_be_shown_as_a_time(number: float) -> None:
    assert len(clock_time(number)) in (0, 19)
    assert duration(number).isprintable()
    assert age(number).isprintable()


@given(st.floats(min_value=0, max_value=1e9))
def test_times_fit_into_their_column(seconds: float) -> None:
    assert len(duration(seconds)) <= 7
    assert len(age(seconds)) <= 7


def test_young_ages_claim_no_precision() -> None:
    assert age(59.9) == "now"
    assert age(61.0) == "1 min"
    assert age(7300.0) == "2 h"


def test_short_marks_what_is_missing() -> None:
    assert short("abcdef", 4) == "abc…"
    assert short("abc", 3) == "abc"


@given(
    st.lists(st.tuples(st.text(max_size=30).map(plain), st.sampled_from(["", "dim"]))),
    st.integers(4, 40),
)
@example([("⺀", ""), ("000", ""), ("000000000\\xad", ""), ("0000000 ", "")], 5)
def test_wrapping_loses_no_character_and_keeps_to_the_width(
    spans: list[tuple[str, str]], width: int
) -> None:
    given_line = line(*spans)
    pieces = wrap(given_line, width)
    # A blank at the very end of a line has no width that anybody sees.
    assert all(cell_len(text_of(piece).rstrip()) <= width for piece in pieces)
    joined = "".join(text_of(piece) for piece in pieces)
    assert joined.replace(" ", "") == text_of(given_line).replace(" ", "")


def test_wrapped_text_hangs_below_its_beginning() -> None:
    pieces = wrap(line(("- ", "dim"), "alpha beta gamma"), 12)
    assert [text_of(piece) for piece in pieces] == ["- alpha beta ", "  gamma"]


def test_search_ignores_case_and_finds_nothing_for_nothing() -> None:
    assert search(["An Error", "fine"], "error") == [0]
    assert search(["x"], "") == []


def test_diff_signs_say_what_lines_are() -> None:
    lines = diff_lines("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n")
    assert [spans[0][1] for spans in lines] == ["dim", "dim", "hunk", "remove", "add", ""]


def test_endless_diff_is_cut_and_says_so() -> None:
    lines = diff_lines("+x\n" * 5000)
    assert len(lines) < 5000
    assert "more lines" in text_of(lines[-1])


def test_curve_rises_from_the_lower_left_to_the_upper_right() -> None:
    picture = curve([float(value) for value in range(50)], 20, 4)
    assert len(picture) == 4
    assert picture[0].strip("\u2800")[-1] != "\u2800"
    assert picture[-1][0] != "\u2800"
    assert picture[0][0] == "\u2800"


def test_curve_leaves_a_gap_for_what_is_missing() -> None:
    picture = curve([1.0, 1.0, None, None, None, None, 1.0, 1.0], 4, 1)
    assert "\u2800" in picture[0]


@given(
    st.lists(st.none() | st.floats(-1e6, 1e6), max_size=200),
    st.integers(0, 80),
    st.integers(0, 12),
)
def test_curve_keeps_to_its_room(values: list[float | None], width: int, height: int) -> None:
    picture = curve(values, width, height)
    assert len(picture) <= height
    assert all(len(row) <= width for row in picture)


@given(st.lists(st.integers(0, 10_000), max_size=100), st.integers(0, 80), st.integers(0, 12))
def test_bars_keep_to_their_room(counts: list[int], width: int, height: int) -> None:
    picture = bars(counts, width, height)
    assert len(picture) <= height
    assert all(len(row) <= width for row in picture)


def test_what_is_there_at_all_has_a_bar() -> None:
    assert bars([1, 10_000], 2, 3)[-1][0] != " "


def test_every_verdict_has_its_own_sign_in_ascii_too() -> None:
    assert set(VERDICT_GLYPHS) == set(Verdict)
    ascii_signs = {to_ascii(sign) for sign in VERDICT_GLYPHS.values()}
    assert len(ascii_signs) == len(Verdict)
    assert all(sign.isascii() for sign in ascii_signs)


@given(st.text().map(plain))
def test_ascii_keeps_the_width(text: str) -> None:
    shown = to_ascii(text)
    assert shown.isascii()
    assert cell_len(shown) == cell_len(text)
