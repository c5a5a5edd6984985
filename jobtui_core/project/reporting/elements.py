"""Elements of a page, which can only be made of names that stand here, and of texts.

A text that is put into an element, or into an attribute, is escaped when the page is written;
there is no other way into it.  Names of elements and attributes come from the two lists below,
links lead to places on the same page, and pictures are part of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from jobtui_core.project.reporting.shown import shown, shown_lines

__all__ = ["ATTRIBUTES", "TAGS", "Element", "data_uri", "element"]

TAGS = frozenset(
    (
        *("body", "div", "figcaption", "figure", "footer", "header", "main", "nav", "section"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
        *("a", "code", "dd", "details", "dl", "dt", "img", "li", "p", "pre", "span", "strong"),
        *("caption", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"),
        *("circle", "line", "polyline", "rect", "svg", "text", "title"),
    )
)
"""All that a page may have in its body; its head is fixed."""

ATTRIBUTES = frozenset(
    (
        *("alt", "aria-label", "class", "data-gutter", "height", "href", "id", "open", "role"),
        *("scope", "src", "tabindex", "width"),
        *("cx", "cy", "dy", "points", "r", "text-anchor", "transform", "viewBox", "x", "x1", "x2"),
        *("xmlns", "y", "y1", "y2"),
    )
)

_VOID = frozenset({"img"})
_EMPTY_IS_SELF_CLOSED = frozenset(("circle", "line", "polyline", "rect"))
_is_link = re.compile(r"#[A-Za-z][A-Za-z0-9-]*").fullmatch
_is_picture = re.compile(r"data:image/(?:png|svg\+xml);base64,[A-Za-z0-9+/]*={0,2}").fullmatch
_is_word = re.compile(r"[A-Za-z][A-Za-z0-9 -]*").fullmatch


class Element:
    """An element with attributes and children.

    Parameters
    ----------
    tag : str
        One of `TAGS`.
    attributes : dict of str
        Names are those of `ATTRIBUTES`; a value may be any text.
    children : sequence of Element or str
    exact : bool
        Whether newlines in texts count, as within ``pre``.

    Raises
    ------
    ValueError
        If a name, a link or a picture is none that a page may have.
    """

    __slots__ = ("attributes", "children", "exact", "tag")

    def __init__(
        self,
        tag: str,
        attributes: dict[str, str],
        children: Sequence[Element | str],
        *,
        exact: bool = False,
    ) -> None:
        if tag not in TAGS:
            raise ValueError(f"no element of a report: {tag!r}")
        for name, value in attributes.items():
            _check(name, value)
        self.tag, self.attributes, self.children, self.exact = tag, attributes, children, exact

    def parts(self) -> Iterable[str]:
        """Give the element as pieces of the page."""
        attributes = "".join(
            f' {name}="{_quoted(value)}"' for name, value in self.attributes.items()
        )
        if self.tag in _VOID or (not self.children and self.tag in _EMPTY_IS_SELF_CLOSED):
            yield f"<{self.tag}{attributes}{'' if self.tag in _VOID else '/'}>"
            return
        yield f"<{self.tag}{attributes}>"
        for child in self.children:
            if isinstance(child, Element):
                yield from child.parts()
            else:
                yield _text(child, exact=self.exact)
        yield f"</{self.tag}>"

    def __str__(self) -> str:
        return "".join(self.parts())


def element(
    tag: str, *children: Element | str | None, exact: bool = False, **attributes: str | int | None
) -> Element:
    """Make an element; ``class_`` is the attribute ``class``, and ``_`` stands for ``-``.

    Attributes and children that are ``None`` are left out.
    """
    named = {
        name.rstrip("_").replace("_", "-"): str(value)
        for name, value in attributes.items()
        if value is not None
    }
    return Element(tag, named, [one for one in children if one is not None], exact=exact)


def data_uri(kind: Literal["png", "svg"], data: bytes) -> str:
    """Give a picture as an address that holds it."""
    media = "image/png" if kind == "png" else "image/svg+xml"
    return f"data:{media};base64,{base64.b64encode(data).decode('ascii')}"


def _check(name: str, value: str) -> None:
    if name not in ATTRIBUTES:
        raise ValueError(f"no attribute of a report: {name!r}")
    if name == "href" and _is_link(value) is None:
        raise ValueError("links of a report stay on the page")
    if name == "src" and _is_picture(value) is None:
        raise ValueError("pictures of a report are part of the page")
    if name in ("class", "id") and _is_word(value) is None:
        raise ValueError(f"no name for a style or a place: {value!r}")


def _text(text: str, *, exact: bool) -> str:
    if exact:
        return escape("\n".join(shown_lines(text)))
    return escape(shown(text.replace("\n", " ")))


def _quoted(value: str) -> str:
    if value.startswith("data:"):
        # Checked above; there is nothing to escape in megabytes of it.
        return value
    return escape(shown(value.replace("\n", " ")), quote=True)
