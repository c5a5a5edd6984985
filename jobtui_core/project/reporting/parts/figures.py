"""Figures that a run drew, or found drawn."""

from __future__ import annotations

from collections.abc import Mapping

from jobtui_core.labbook import FigureInfo
from jobtui_core.project.reporting.blocks import (
    Block,
    Gallery,
    Paragraph,
    Picture,
    Section,
    Span,
)
from jobtui_core.project.reporting.data import Chapter, figure_name
from jobtui_core.project.reporting.images import is_svg, shown_size

__all__ = ["figures", "picture_of"]


def figures(chapter: Chapter, pictures: Mapping[str, bytes]) -> Section | None:
    """Show the figures of a run; ``None`` if there are none."""
    known = chapter.detail.figures
    if not known:
        return None
    shown = [(figure, picture_of(figure, pictures)) for figure in known]
    blocks: list[Block] = []
    found = tuple(picture for _, picture in shown if picture is not None)
    if found:
        blocks.append(Gallery(found))
    absent = [figure.name for figure, picture in shown if picture is None]
    if absent:
        blocks.append(
            Paragraph(f"Not shown, since they are gone or too large: {', '.join(absent)}", "dim")
        )
    return Section("Figures", tuple(blocks))


def picture_of(figure: FigureInfo, pictures: Mapping[str, bytes]) -> Picture | None:
    """Give a figure as a picture: drawn from lines where that is at hand, else from pixels."""
    name = figure.name or "Figure"
    alt = f"{name}, drawn by {figure.step}" if figure.step else name
    caption: tuple[str | Span, ...] = (name,)
    if figure.step:
        caption = (*caption, Span(f" · {figure.step}", "dim"))
    if figure.hit:
        caption = (*caption, Span(f" · drawn in run {figure.run}", "dim"))
    data = pictures.get(figure_name(figure, "svg"), b"")
    if is_svg(data):
        return Picture("svg", data, alt, caption, *_size(figure.width, figure.height))
    data = pictures.get(figure_name(figure, "png"), b"")
    size = shown_size(data)
    return None if size is None else Picture("png", data, alt, caption, *size)


def _size(width: int, height: int) -> tuple[int, int]:
    """Give a size by which the browser makes room; none where it cannot be."""
    return (width, height) if 0 < width <= 20_000 and 0 < height <= 20_000 else (0, 0)
