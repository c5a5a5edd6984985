"""Pictures of what libraries make: figures, images, estimators.  None is imported here."""

from __future__ import annotations

import time
from base64 import b64encode
from io import BytesIO
from typing import Any

from jobtui_core.drawing import TooMuchError, draw, png_size
from jobtui_core.entry import thumbs
from jobtui_core.entry.describe import REDACTED, clean, describe, is_secret
from jobtui_core.entry.frame_previews import CELL, ROWS
from jobtui_core.entry.imports import is_a, loaded
from jobtui_core.pictures import Preview

__all__ = ["library_preview"]

_SIDES = (640, 320)
"""Pixels of the longer side of a figure's image: the second where the first is too large."""

_SECONDS = 2.0
"""That drawing a figure may take."""

_PARAMETERS = 100


def library_preview(value: Any, name: str, *, inner: bool = False) -> Preview | None:
    """Give the picture of a figure, an image or an estimator; ``None`` for anything else."""
    if is_a(value, "matplotlib.figure", "Figure"):
        return _figure(value, name, inner)
    if is_a(value, "PIL.Image", "Image"):
        return _pillow(value, name, inner)
    if is_a(value, "sklearn.base", "BaseEstimator"):
        return _estimator(value, name)
    return None


def _figure(figure: Any, name: str, inner: bool) -> Preview:
    until = time.monotonic() + _SECONDS
    image = b""
    for side in _SIDES[inner:]:
        try:
            image = draw(figure, "png", until=until, side=side)
        except TooMuchError:
            break
        if len(image) <= thumbs.LARGEST_IMAGE:
            return _of_png(image, name, inner)
    return Preview(kind="image", type=name, shape=_shape(image))


def _of_png(image: bytes, name: str, inner: bool) -> Preview:
    size = thumbs.INNER_SIZE if inner else thumbs.SIZE
    return Preview(
        kind="image",
        type=name,
        shape=_shape(image),
        image="" if inner else b64encode(image).decode("ascii"),
        thumb=thumbs.thumb_of_png(image, size),
    )


def _shape(image: bytes) -> tuple[int, ...]:
    """Give the height and width of a PNG, as of an array."""
    size = png_size(image)
    return () if size is None else size[::-1]


def _pillow(image: Any, name: str, inner: bool) -> Preview:
    small = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    small.thumbnail((240, 240))
    target = BytesIO()
    small.save(target, "PNG")
    shown = _of_png(target.getvalue(), name, inner)
    return Preview(
        kind="image",
        type=name,
        text=clean(f"mode {image.mode}", CELL),
        shape=(int(image.height), int(image.width)),
        image=shown.image,
        thumb=shown.thumb,
    )


def _estimator(value: Any, name: str) -> Preview:
    """Show the parameters of an estimator of scikit-learn, and what fitting gave it by name."""
    rows = []
    for parameter, given in list(value.get_params(deep=False).items())[:_PARAMETERS]:
        text = REDACTED if is_secret(str(parameter)) else describe(given, CELL)
        rows.append((clean(str(parameter), CELL), text))
    text = _repr(value)
    items = [("repr", Preview(kind="text", type="", text=text))]
    for start in range(0, len(rows), ROWS):
        table = Preview(
            kind="table",
            type="parameters",
            shape=(len(rows), 2),
            columns=("parameter", "value"),
            rows=tuple(rows[start : start + ROWS]),
        )
        items.append(("parameters" if not start else "and", table))
    fitted = [key for key in vars(value) if key[-1:] == "_" and key[:1] != "_"]
    if fitted:
        names = clean(", ".join(map(str, fitted)), 1000)
        items.append(("fitted", Preview(kind="text", type="", text=names)))
    return Preview(kind="mapping", type=name, text=text, shape=(len(rows),), items=tuple(items))


def _repr(value: Any) -> str:
    sklearn = loaded("sklearn")
    # Without parameters that are as they always are, and without colours.
    with sklearn.config_context(print_changed_only=True):
        return describe(value, 1000)
