"""Markdown of a report means what was gathered, whatever the texts in it are."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from jobtui_core.project.reporting.document import compose
from jobtui_core.project.reporting.markdown import MARK, is_own_picture, render_markdown
from jobtui_core.project.reporting.marked import code_span, escaped, fenced
from tests.core.reporting import samples
from tests.core.reporting.test_page import HOSTILE

OURS = re.compile(
    r"<!-- jobtui report -->|</details>"
    r"|<details(?: open)?><summary>[^<]*(?:<b>[^<]*</b>[^<]*)*</summary>"
)


def tokens(text: str) -> list[Token]:
    """Read Markdown with tables, all of it in one list."""
    found: list[Token] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        found += [token, *(token.children or ())]
    return found


def shape(text: str) -> list[str]:
    return [one.type for one in tokens(text) if one.type not in ("text", "text_special", "inline")]


def check(text: str, pictures: int = 0) -> list[Token]:
    """Check that there are no links, pictures and elements but those of the report."""
    found = tokens(text)
    types = [one.type for one in found]
    assert "link_open" not in types
    assert types.count("image") == pictures
    for one in found:
        if one.type in ("html_block", "html_inline"):
            for line in filter(None, one.content.splitlines()):
                assert OURS.fullmatch(line), line
        if one.type == "image":
            assert re.fullmatch(r"lab_files/figure-[0-9a-f]{16}\.(png|svg)", str(one.attrs["src"]))
    return found


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_becomes_a_mark(hostile):
    plain = render_markdown(compose(samples.two("x" * len(hostile)))).text
    text = render_markdown(compose(samples.two(hostile))).text
    check(text)
    assert shape(text) == shape(plain)


@pytest.mark.parametrize(
    "start",
    ["# a", "- a", "+ a", "1. a", "1) a", "> a", "===", "---", "    a", "```", "~~~", "| a"],
)
def test_no_text_begins_a_block(start):
    assert shape(escaped(start)) == ["paragraph_open", "paragraph_close"]


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("ab01 \\`*_{}[]()<>#+-.!|~$^&;:/@='\"\n\t\x1b\u202e"), min_size=1
    )
)
@example("a\\")
@example("&copy;")
@example("<http://evil.example>")
@example("![x](javascript:1)")
def test_an_escaped_text_is_the_text(text):
    found = tokens(f"x {escaped(text)} x")
    types = {one.type for one in found}
    assert types <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    (inline,) = (one for one in found if one.type == "inline")
    said = "".join(child.content for child in inline.children or ())
    shown = text.replace("\n", " ").replace("\t", "    ").replace("\x1b", "␛")
    assert said == f"x {shown.replace(chr(0x202E), chr(92) + 'u202e')} x"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="a`|\\ ", min_size=1))
def test_code_within_a_table_is_the_text(text):
    cell = code_span(text, in_table=True)
    found = tokens(f"| A | B |\n| --- | --- |\n| {cell} | end |")
    assert [one.type for one in found].count("td_open") == 2
    said = [one.content for one in found if one.type == "code_inline"]
    assert [one.strip() for one in said] == ([text.strip()] if text.strip() else [])


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="a`~\n<", min_size=1))
def test_fences_hold_what_is_in_them(text):
    (block,) = tokens(fenced(text))
    assert block.type == "fence"
    assert block.content.removesuffix("\n") == text


def test_it_tells_the_same_as_the_page():
    text = render_markdown(compose(samples.two())).text
    for words in (
        "First try",
        "`paper`",
        "window",
        "not as planned",
        "ValueError: no",
        "Uncommitted changes",
        "def trend(x):",
        "git checkout 0123abc",
        "jobtui run co2.py window=26",
        "0.25",
        "1,234 lines are left out",
        "## What differs",
    ):
        assert words in text
    assert "hunter2" not in text
    assert text.startswith(MARK)


def test_pictures_are_files_beside_it():
    found = render_markdown(compose(samples.data(samples.chapter("<](x"))), "lab_files")
    # An image among the results, and two of the three figures.
    check(found.text, pictures=3)
    assert set(found.files.values()) == {samples.png(), samples.SVG}
    assert all(map(is_own_picture, found.files))
    assert all(f"lab_files/{name}" in found.text for name in found.files)


def test_without_a_folder_it_says_which_figures_there_were():
    found = render_markdown(compose(samples.data(samples.chapter())))
    check(found.text)
    assert found.files == {}
    assert "(A figure, which is in no file: fit.png · trend)" in found.text


def test_numbers_are_drawn_by_characters():
    assert "▁▃▁█" in render_markdown(compose(samples.data(samples.chapter()))).text.replace(
        " ", "▁"
    )
