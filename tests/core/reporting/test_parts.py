"""What goes into a report where there is much, little, or something damaged."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from jobtui_core.labbook import DifferenceKind, LogLine, RunDetail, RunNotes
from jobtui_core.pictures import Preview, Thumb
from jobtui_core.project.reporting import page
from jobtui_core.project.reporting.data import Chapter, Result, Source
from jobtui_core.project.reporting.document import compose
from jobtui_core.project.reporting.packages import installable
from jobtui_core.project.reporting.parts.comparing import KINDS, letter
from jobtui_core.project.reporting.printed import bounded
from jobtui_core.project.reporting.sources import add_lines, definitions_in
from jobtui_core.records import RunInfo, RunState
from tests.core.reporting import samples
from tests.core.reporting.test_page import check

STYLE = (Path(page.__file__).parent / "report.css").read_text(encoding="utf-8")


def text_of(*chapters: Chapter) -> str:
    found = check(page.render_page(compose(samples.data(*chapters))))
    return " ".join(" ".join(found.texts).split())


def bare(**changes) -> Chapter:
    """Make a chapter about a run of which hardly anything is known."""
    info = RunInfo(id="2026-11-22T10-14-05-ab12", script="a.py", state=RunState.DIED)
    return Chapter(detail=RunDetail(info=replace(info, **changes), notes=RunNotes()))


def test_a_run_of_which_nothing_is_known_has_a_report():
    text = text_of(bare())
    assert "a.py · 2026-11-22T10-14-05-ab12" in text
    assert "died: its process is gone" in text
    assert "It called no steps." in text
    assert "The commit is not known" in text


@pytest.mark.parametrize("state", RunState)
def test_each_state_has_its_words(state):
    assert text_of(bare(state=state))


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -1e300, 1e18])
def test_times_that_are_none_are_left_out(time):
    text = text_of(bare(started=time, ended=time))
    assert "nan" not in text
    assert "inf" not in text


def test_a_long_log_has_its_beginning_and_its_end():
    part = bounded("fit", [LogLine(text=str(number)) for number in range(1000)])
    shown = [line.text for line in part.lines]
    assert (shown[0], shown[-1]) == ("0", "999")
    assert len(shown) + part.left_out == 1000
    text = text_of(samples.chapter(log=(part,)))
    assert "fit · 1000 lines" in text
    assert "199 … 600 lines are left out: jobtui log 2026-11-22T10-14-05-ab12 fit 800" in text


def test_results_of_a_loop_are_folded_but_for_the_first():
    preview = Preview(kind="scalar", type="int", text="1")
    results = tuple(
        Result(step="fit", function="a:fit", key=str(number), preview=preview)
        for number in range(20)
    )
    text = page.render_page(compose(samples.data(samples.chapter(results=results))))
    folds = re.findall(r"<details( open=\"\")?><summary><strong>fit</strong>", text)
    assert [bool(one) for one in folds] == [True] + [False] * 19


def test_numbers_of_a_table_have_six_digits_and_stand_right():
    preview = Preview(
        kind="table",
        type="DataFrame",
        columns=("name", "score"),
        rows=(("a", "0.12345678901234"), ("b", "1e-07"), ("c", "")),
    )
    chapter = samples.chapter(results=(Result(step="s", function="a:s", key="0", preview=preview),))
    text = page.render_page(compose(samples.data(chapter)))
    assert '<td class="num">0.123457</td>' in text
    assert '<td class="num">1e-07</td>' in text
    assert "<td>a</td>" in text


def test_rows_of_a_table_may_be_of_any_length():
    preview = Preview(
        kind="table", type="x", columns=("a",), rows=((), ("1", "2", "3"), tuple("x" * 100))
    )
    chapter = samples.chapter(results=(Result(step="s", function="a:s", key="0", preview=preview),))
    assert "There is more of it" not in text_of(chapter)
    tables = re.findall(r"<table>.*?</table>", page.render_page(compose(samples.data(chapter))))
    assert any(one.count("<td") == 3 * 40 for one in tables)


def test_arrays_of_two_dimensions_are_heat_maps():
    thumb = Thumb(width=2, height=2, channels=1, data=b"\1\x80\xff\0", low=0.5, high=8.0)
    preview = Preview(kind="array", type="numpy.ndarray", shape=(2, 2), thumb=thumb)
    chapter = samples.chapter(results=(Result(step="s", function="a:s", key="0", preview=preview),))
    text = page.render_page(compose(samples.data(chapter)))
    assert 'alt="s, numpy.ndarray, as an image" width="240" height="240" class="pixels"' in text
    assert "dark: 0.5, bright: 8" in text


def test_an_image_that_is_none_is_left_out():
    for image in ("not base64!", "AAAA"):
        preview = Preview(kind="image", type="Image", image=image, text="Image(3)")
        chapter = samples.chapter(
            results=(Result(step="s", function="a:s", key="0", preview=preview),)
        )
        assert "Image(3)" in text_of(chapter)


def test_what_definitions_use_stands_by_file_in_its_order():
    sources = (
        Source(name="h:b", source="def b():\n    return A", file="h.py", line=5),
        Source(name="h:A", source="A = 1", file="h.py", line=2),
        Source(name="h:B", source="A = 1", file="h.py", line=2),
    )
    text = page.render_page(compose(samples.data(samples.chapter(sources=sources))))
    lines = re.search(r"<code>h.py</code></p><pre tabindex=\"0\">(.*?)</pre>", text)
    assert lines is not None
    shown = re.sub("<[^>]*>", "|", lines[1])
    assert [one for one in shown.split("|") if one] == ["A = 1", "def b():", "    return A"]


@pytest.mark.parametrize(
    "symbols",
    [None, 3, "x", [1, None, "x"], [{"name": 3, "source": "x"}], [{"name": "a"}], {"name": "a"}],
)
def test_definitions_that_are_none_are_passed_over(symbols):
    assert list(definitions_in(symbols, "a:f")) == []


@pytest.mark.parametrize(
    "site",
    [
        {},
        {"slice": 3, "lines": []},
        {"slice": "a", "lines": [["a.py", 1]]},
        {"slice": "a", "lines": [["a.py", 1, 10**12]]},
        {"slice": "a", "lines": [["a.py", 5, 1]]},
        {"slice": "a", "lines": [["a.py", 1, 4000], ["a.py", 1, 4000]]},
        {"slice": "a\nb", "lines": [["a.py", 1, 1]]},
    ],
)
def test_statements_of_a_script_that_are_none_are_passed_over(site):
    files: dict[str, dict[int, str]] = {}
    add_lines(site, files)
    assert files == {}


def test_statements_of_a_script_stand_at_their_lines():
    files: dict[str, dict[int, str]] = {}
    add_lines({"slice": "a = 1\nf(\n  a)", "lines": [["s.py", 3, 3], ["s.py", 7, 8]]}, files)
    assert files == {"s.py": {3: "a = 1", 7: "f(", 8: "  a)"}}


def test_packages_have_the_names_that_pip_knows():
    known = installable(
        [("python", "3.12"), ("yaml_of_mine", "1"), ("jobtui_core", "0.1"), ("xxhash", "3.5")]
    )
    assert known == (("jobtui", "0.1"), ("xxhash", "3.5"), ("yaml_of_mine", "1"))


def test_runs_are_named_by_letters():
    assert [letter(number) for number in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


def colours(block: str) -> dict[str, tuple[int, ...]]:
    pairs = re.findall(r"--([a-z0-9-]+): #([0-9a-f]{3,6});", block)
    return {
        name: tuple(
            int(part * (2 // len(part)), 16)
            for part in re.findall("..?" if len(text) == 6 else ".", text)
        )
        for name, text in pairs
    }


def luminance(colour: tuple[int, ...]) -> float:
    parts = [one / 255 for one in colour]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_writing_can_be_read_on_its_background(scheme):
    light, dark, printed = (
        colours(one) for one in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    )
    known = (light, light | dark, light | printed)[scheme]
    pairs = [
        (name, paper)
        for name in ("ink", "quiet", "link", "good", "bad", "warn")
        for paper in ("paper", "sheet")
    ]
    pairs += [("good", "good-wash"), ("bad", "bad-wash"), ("ink", "bad-wash"), ("ink", "note-wash")]
    pairs += [("ink", "warn-wash"), ("warn", "warn-wash")]
    for name, paper in pairs:
        assert contrast(known[name], known[paper]) >= 4.5, (name, paper)
    for number in range(6):
        # Lines and bars need less than writing does.
        assert contrast(known[f"c{number}"], known["paper"]) >= 3


def test_each_kind_of_difference_has_a_heading():
    assert set(KINDS) == set(get_args(DifferenceKind))
