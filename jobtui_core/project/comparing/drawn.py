"""Figures of runs side by side: which are others, and by how many of their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from jobtui_core.project.comparing.work import Side, Work, unlike
from jobtui_core.project.drawings import figure_bytes, figures

if TYPE_CHECKING:
    from jobtui_core.labbook import FigureInfo

__all__ = ["compare_figures"]

_MOST_PIXELS = 40_000_000
"""Of a picture that is decoded: 160 MB."""

Name = tuple[str, str, int]
"""Step and name of a figure, and which one of those with both it is."""


def compare_figures(work: Work) -> None:
    """Compare figures of the same name that were drawn by the same step."""
    known = [_figures(work, side) for side in work.sides]
    for name in dict.fromkeys(name for one in known for name in one):
        row = [one.get(name) for one in known]
        states = [None if one is None else (one.png or one.svg) for one in row]
        if len(set(states)) == 1:
            work.found.equal("figure")
            continue
        work.look(f"comparing figure {name[1]}")
        subject = f"{name[0]}: {name[1]}" if name[0] else name[1]
        values = [None if one is None else _value(one) for one in row]
        for number in unlike(states):
            numbers, detail = _apart(work, subject, row[0], row[number])
            work.found.add(
                "figure",
                subject,
                values,
                run=number,
                detail=detail,
                numbers=numbers,
                figures=row,
            )


def _figures(work: Work, side: Side) -> dict[Name, FigureInfo]:
    found: dict[Name, FigureInfo] = {}
    mine = {call.id for call in work.calls(side)}
    for one in figures(work.project, side.info.id):
        if work.step is not None and one.call not in mine:
            continue
        number = 0
        while (one.step, one.name, number) in found:
            number += 1
        found[one.step, one.name, number] = one
    return found


def _value(figure: FigureInfo) -> str:
    size = f"{figure.width}x{figure.height} " if figure.width and figure.height else ""
    return f"{size}#{(figure.png or figure.svg)[:8]}"


def _apart(
    work: Work, subject: str, old: FigureInfo | None, new: FigureInfo | None
) -> tuple[Sequence[tuple[str, float]], str]:
    """Give the share of pixels that differ, and the largest difference of one; or why not."""
    if old is None or new is None:
        return (), "drawn in one of the runs only"
    data = [figure_bytes(work.project, one, "png") for one in (old, new)]
    if data[0] is None or data[1] is None:
        work.found.cannot(f"figure {subject}: its picture is gone")
        return (), "not compared: its picture is gone"
    if max(old.width * old.height, new.width * new.height) > _MOST_PIXELS:
        work.found.cannot(f"figure {subject}: too large")
        return (), "not compared: too large"
    try:
        pixels = [_decoded(one) for one in (data[0], data[1])]
    except ImportError:
        work.found.cannot("pixels of figures: neither Pillow nor matplotlib is installed here")
        return (), "not compared: nothing here can read PNG"
    except Exception as error:  # noqa: BLE001  decoders raise whatever a strange file makes them
        work.found.cannot(f"figure {subject}: it cannot be read ({type(error).__name__})")
        return (), "not compared: it cannot be read"
    return _pixels_apart(pixels[0], pixels[1])


def _decoded(data: bytes) -> Any:
    """Give the pixels of a PNG: rows, columns, red, green, blue and opacity as bytes.

    Raises
    ------
    ImportError
        If neither Pillow nor matplotlib is installed.
    ValueError
        If it is larger than its records say.
    """
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if width * height > _MOST_PIXELS:
        raise ValueError("too many pixels")
    try:
        return _by_pillow(data)
    except ImportError:
        return _by_matplotlib(data)


def _by_pillow(data: bytes) -> Any:
    import numpy as np
    from PIL import Image

    with Image.open(BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image.convert("RGBA"))


def _by_matplotlib(data: bytes) -> Any:
    import numpy as np
    from matplotlib.image import imread

    pixels = np.round(imread(BytesIO(data), format="png") * 255).astype(np.uint8)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels.shape[2] == 3:
        pixels = np.concatenate([pixels, np.full_like(pixels[:, :, :1], 255)], axis=2)
    return pixels


def _pixels_apart(old: Any, new: Any) -> tuple[Sequence[tuple[str, float]], str]:
    import numpy as np

    if old.shape != new.shape:
        sizes = (f"{one.shape[1]}x{one.shape[0]}" for one in (old, new))
        return (), f"another size: {next(sizes)} → {next(sizes)}"
    apart = np.maximum(old, new) - np.minimum(old, new)
    most = apart.max(axis=2)
    share, largest = float(np.count_nonzero(most)) / max(most.size, 1), float(most.max()) / 255
    if not share:
        return (("share", 0.0), ("max", 0.0)), "the same pixels, another file"
    rows, columns = np.nonzero(most)
    box = f"{columns.min()},{rows.min()} to {columns.max()},{rows.max()}"
    words = f"{share:.2%} of the pixels differ, by at most {largest:.0%}; within {box}"
    return (("share", share), ("max", largest)), words
