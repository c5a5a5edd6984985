"""A page is made of known elements alone, whatever the texts in it are."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobtui_core.project.reporting.document import compose
from jobtui_core.project.reporting.elements import ATTRIBUTES, TAGS, data_uri, element
from jobtui_core.project.reporting.page import render_page
from tests.core.reporting import samples

HEAD = {"html", "head", "meta", "title", "style", "body"}

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]><svg onload=alert(1)>",
    "</pre></style></title><h1>",
    "<!-- <b>",
    "&lt;script&gt;&amp;#60;&#x3c;",
    "javascript:alert(1)",
    "\x1b[2J\x1b]8;;http://evil\x07\x00\x08\u202e\u2066\u200b\ud800",
    "`|*_[x](javascript:1)",
    "{{7*7}}${7*7}%s{0}",
)


class Seen(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.others: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    def handle_comment(self, data):
        self.others.append(data)

    def unknown_decl(self, data):
        self.others.append(data)

    def handle_pi(self, data):
        self.others.append(data)


def seen(page: str) -> Seen:
    parser = Seen()
    parser.feed(page)
    parser.close()
    assert not parser.open
    assert not parser.wrong
    return parser


def check(page: str) -> Seen:
    """Check that a page holds nothing but what it is made of."""
    found = seen(page)
    assert not found.others
    assert [tag for tag, _ in found.tags if tag in HEAD] == [
        "html",
        "head",
        *["meta"] * 6,
        "title",
        "style",
        "body",
        *["title"] * sum(tag == "svg" for tag, _ in found.tags),
    ]
    known = {name.lower() for name in ATTRIBUTES}
    for tag, attributes in found.tags:
        assert tag in TAGS | HEAD
        if tag in ("html", "meta"):
            continue
        assert set(attributes) <= known, (tag, attributes)
        assert re.fullmatch(r"#p[0-9a-f]+", attributes.get("href") or "#p0")
        assert (attributes.get("src") or "data:image/png").startswith("data:image/")
        assert re.fullmatch(r"[a-z0-9 -]*", attributes.get("class") or "")
    return found


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(tag, tuple(sorted(attributes))) for tag, attributes in seen(page).tags]


def test_a_page_tells_all_that_was_gathered():
    text = " ".join(" ".join(check(render_page(compose(samples.two()))).texts).split())
    for words in (
        "First try",
        "paper",
        "★ starred",
        "window",
        "52",
        "not as planned",
        "not reached",
        "innermost.py token=<hidden> 500 ms inner.py no",
        "ValueError: no",
        "raise",
        "Uncommitted changes",
        "def trend(x):",
        "data/co2.csv",
        "git checkout 0123abc",
        "jobtui==0.1.0",
        "jobtui run co2.py window=26",
        "max |Δ|",
        "0.25",
        "3 parameters",
        "1,234 lines are left out",
        "What differs",
        "What is not here",
    ):
        assert words in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_becomes_an_element(hostile):
    # Numbers in texts decide on what is aligned, and nothing else does on what there is.
    plain = render_page(compose(samples.two("x" * len(hostile))))
    page = render_page(compose(samples.two(hostile)))
    check(page)
    assert shape(page) == shape(plain)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_whatever_the_texts_are_the_elements_are_the_same(text):
    check(render_page(compose(samples.data(samples.chapter(text), text=text))))


def test_texts_are_shown_as_they_are():
    page = render_page(compose(samples.data(samples.chapter("<script>&amp;"))))
    assert "co2.py<script>&amp;" in "".join(check(page).texts)


def test_characters_that_act_are_shown_instead():
    page = render_page(compose(samples.two("\x1b]0;x\x07\u202e\u2066\x00\x9b")))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert "␛]0;x␇\\u202e\\u2066␀\\x9b" in page


def test_colours_of_a_log_and_what_was_overwritten_are_left_out():
    text = "\n".join(check(render_page(compose(samples.data(samples.chapter())))).texts)
    assert "\nred\n" in text
    assert "\ndone\n" in text
    assert "20%" not in text


def test_secrets_are_left_out():
    page = render_page(compose(samples.two(" password='hunter2'")))
    assert "hunter2" not in page
    assert "&lt;hidden&gt;" in page


def test_a_page_loads_runs_and_sends_nothing():
    page = render_page(compose(samples.two()))
    found = check(page)
    (policy,) = (
        attributes["content"]
        for tag, attributes in found.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    addresses = set(re.findall(r"\b(?:https?:)?//[^\s\"'<]+", re.sub(r"data:[^\"]*", "", page)))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "@import" not in page
    assert "url(" not in page


def test_the_style_is_the_one_that_the_policy_allows():
    import hashlib

    page = render_page(compose(samples.data(samples.chapter())))
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page


def test_pictures_are_parts_of_the_page_and_svg_is_never_markup():
    hostile = (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
    )
    pictures = {f"{samples.PNG_DIGEST}.png": samples.png(), f"{samples.SVG_DIGEST}.svg": hostile}
    page = render_page(compose(samples.data(samples.chapter(), pictures=pictures)))
    found = check(page)
    assert "alert" not in page
    sources = [attributes["src"] for tag, attributes in found.tags if tag == "img"]
    assert f"data:image/svg+xml;base64,{base64.b64encode(hostile).decode()}" in sources
    assert f"data:image/png;base64,{base64.b64encode(samples.png()).decode()}" in sources
    assert all(attributes["alt"] for tag, attributes in found.tags if tag == "img")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"GIF89a",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>',
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\xff" * 8 + b"\0" * 20,
    ],
)
def test_what_is_no_picture_is_not_shown_as_one(data):
    pictures = {f"{samples.PNG_DIGEST}.png": data, f"{samples.SVG_DIGEST}.svg": data}
    chapter = samples.chapter(results=())
    page = render_page(compose(samples.data(chapter, pictures=pictures)))
    assert "<img" not in page
    assert "gone or too large: fit.png, fit.svg, gone" in page


def test_headings_go_down_one_level_at_a_time():
    found = check(render_page(compose(samples.two())))
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_links_lead_to_places_that_there_are():
    found = check(render_page(compose(samples.two())))
    places = {attributes["id"] for _, attributes in found.tags if attributes.get("id")}
    links = [attributes["href"] for tag, attributes in found.tags if tag == "a"]
    assert len(links) >= 4
    assert {link[1:] for link in links if link} <= places


def test_tables_scroll_by_themselves_and_are_reached_from_the_keyboard():
    page = render_page(compose(samples.two()))
    assert page.count("<table>") == page.count('<div class="wide" tabindex="0" role="region"')


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("script", {}),
        ("iframe", {}),
        ("a", {"href": "javascript:alert(1)"}),
        ("a", {"href": "https://example.org"}),
        ("img", {"src": "https://example.org/x.png"}),
        ("img", {"src": "data:text/html,x"}),
        ("img", {"src": 'data:image/png;base64,x" onerror="'}),
        ("p", {"onclick": "alert(1)"}),
        ("p", {"style": "color:red"}),
        ("p", {"class_": 'a" b'}),
    ],
)
def test_elements_that_could_act_cannot_be_made(tag, attributes):
    with pytest.raises(ValueError, match=r"report|style"):
        element(tag, **attributes)


def test_a_picture_goes_into_an_address():
    assert data_uri("png", b"\x00") == "data:image/png;base64,AA=="
