"""Results of a user's own types are shown as a registered function says; errors cost nothing."""

from __future__ import annotations

import base64
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core import CacheWarning, Memory, Plot, Series, register_preview
from jobtui_core.drawing import png_size
from jobtui_core.entry import preview, read_info, registered
from jobtui_core.palette import png
from jobtui_core.pictures import Preview


class Mesh:
    def __init__(self, size: int = 3) -> None:
        self.size = size

    def __repr__(self) -> str:
        return f"Mesh({self.size})"


class Fine(Mesh):
    pass


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    registered.forget_all()
    yield
    registered.forget_all()


def shown_as(given: Any, value: Any = None) -> Preview:
    register_preview(Mesh, lambda mesh: given)
    return preview(Mesh() if value is None else value)


def test_a_text_is_shown_with_its_lines() -> None:
    shown = shown_as("a mesh\nof 3 \x1b[31mpoints")
    assert (shown.kind, shown.text) == ("text", "a mesh\nof 3 \\x1b[31mpoints")
    assert shown.type.endswith("Mesh")


@pytest.mark.parametrize(
    ("given", "columns", "rows"),
    [
        ({"n": [1, 2], "name": ["a", "b"]}, ("n", "name"), (("1", "a"), ("2", "b"))),
        ({"n": [1, 2], "name": ["a"]}, ("n", "name"), (("1", "a"), ("2", ""))),
        ({"n": 3, "password": "x"}, ("name", "value"), (("n", "3"), ("password", "<hidden>"))),
        ([(1, 2.5), (2, "b")], (), (("1", "2.5"), ("2", "b"))),
        ([{"n": 1}, {"n": 2, "m": 3}], ("n", "m"), (("1", ""), ("2", "3"))),
        (["a", "b"], (), (("a",), ("b",))),
        ([{"token": "x"}], ("token",), (("<hidden>",),)),
    ],
)  # fmt: skip
def test_tables_are_given_in_several_ways(
    given: Any, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> None:
    shown = shown_as(given)
    assert (shown.kind, shown.columns, shown.rows) == ("table", columns, rows)


def test_a_frame_is_a_table() -> None:
    pandas = pytest.importorskip("pandas")
    shown = shown_as(pandas.DataFrame({"a": [1, 2]}))
    assert (shown.kind, shown.columns) == ("table", ("a",))


def test_a_plot_has_lines_points_and_bars() -> None:
    shown = shown_as(
        Plot(
            series=(
                Series(y=np.array([1.0, np.nan, 3.0]), label="line"),  # type: ignore[arg-type]
                Series(y=[1, 2], x=[5, 6], kind="scatter"),  # type: ignore[arg-type]
            ),
            ylabel="size",
        )
    )
    assert shown.kind == "plot"
    assert shown.plot is not None
    line, points = shown.plot.series
    assert (line.y, line.x, line.label) == ((1.0, None, 3.0), (), "line")
    assert (points.kind, points.x, points.y) == ("scatter", (5.0, 6.0), (1.0, 2.0))


def test_a_long_series_keeps_its_ends() -> None:
    values = np.linspace(0, 1, 100_000)
    shown = shown_as(Plot(series=(Series(y=values),)))  # type: ignore[arg-type]
    assert shown.plot is not None
    (one,) = shown.plot.series
    assert len(one.y) == 200
    assert (one.y[0], one.y[-1], one.x[-1]) == (0.0, 1.0, 99_999.0)


def test_an_image_is_a_png_or_an_array_of_bytes() -> None:
    image = png(4, 2, 1, bytes(8))
    shown = shown_as(image)
    assert (shown.kind, base64.b64decode(shown.image)) == ("image", image)

    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:, :, 0] = 200
    shown = shown_as(pixels)
    assert shown.kind == "image"
    assert png_size(base64.b64decode(shown.image)) == (30, 20)
    assert shown.thumb is not None
    assert (shown.thumb.channels, shown.thumb.data[:3]) == (3, bytes([200, 0, 0]))


def test_a_figure_of_matplotlib_is_an_image() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2])
    shown = shown_as(figure)
    assert shown.kind == "image"
    assert png_size(base64.b64decode(shown.image)) == (200, 100)
    assert shown.thumb is not None


def test_nothing_leaves_it_to_what_is_built_in() -> None:
    shown = shown_as(None)
    assert (shown.kind, shown.text, shown.note) == ("opaque", "Mesh(3)", "")


@pytest.mark.parametrize("given", [object(), b"no png", 3, Plot(series=()), Plot(series=(3,))])  # type: ignore[arg-type]
def test_what_cannot_be_shown_leaves_the_built_in_picture_and_a_note(given: Any) -> None:
    shown = shown_as(given)
    assert (shown.kind, shown.text) == ("opaque", "Mesh(3)")
    assert "failed" in shown.note


def test_an_error_is_told_and_costs_nothing_else() -> None:
    def broken(mesh: Mesh) -> str:
        raise KeyError("no\nthing")

    register_preview(Mesh, broken)
    shown = preview(Mesh())
    assert shown.text == "Mesh(3)"
    assert "broken failed: KeyError" in shown.note
    assert shown.note.isprintable()


def test_the_nearest_class_decides() -> None:
    register_preview(Mesh, lambda mesh: "any mesh")
    assert preview(Fine()).text == "any mesh"
    register_preview(Fine, lambda mesh: "a fine one")
    assert preview(Fine()).text == "a fine one"
    assert preview(Mesh()).text == "any mesh"


def test_what_is_built_in_may_be_replaced() -> None:
    register_preview(np.ndarray, lambda array: f"{array.size} numbers")
    assert preview(np.zeros(3)).text == "3 numbers"


def test_parts_of_containers_are_shown_so_too() -> None:
    register_preview(Mesh, lambda mesh: np.zeros((20, 30, 3), np.uint8))
    ((_, part),) = preview({"mesh": Mesh()}).items
    assert part.kind == "image"
    assert part.image == ""
    assert part.thumb is not None


def test_a_class_that_is_not_loaded_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "lazily.py").write_text("class Late:\n    pass\n")
    script = """
        import sys
        from jobtui_core import register_preview
        from jobtui_core.entry import preview

        register_preview("lazily.Late", lambda late: "late, but known")
        assert "lazily" not in sys.modules
        preview(3)
        import lazily
        print(preview(lazily.Late()).text)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "late, but known\n"


def test_it_is_a_decorator_too() -> None:
    @register_preview(Mesh)
    def show(mesh: Mesh) -> str:
        return "decorated"

    assert preview(Mesh()).text == "decorated"
    assert show(Mesh()) == "decorated"


def test_wrong_use_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="made by a function"):
        register_preview(Mesh, 3)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="dotted name"):
        register_preview("Mesh", str)


def test_a_function_that_takes_long_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(registered.time, "perf_counter", lambda: clock[0])

    def slow(mesh: Mesh) -> str:
        clock[0] += 0.7
        return "drawn"

    register_preview(Mesh, slow)
    assert preview(Mesh()).text == "drawn"
    # A tenth of what the results took is added to the second that it has.
    assert preview(Mesh(), duration=10.0).text == "drawn"
    with pytest.warns(CacheWarning, match="takes too long for a preview"):
        assert preview(Mesh()).text == "drawn"
    shown = preview(Mesh())
    assert shown.text == "Mesh(3)"
    assert "takes too long" in shown.note


def test_it_is_kept_with_the_result(tmp_path: Path) -> None:
    register_preview(Mesh, lambda mesh: f"{mesh.size} points")
    memory = Memory(tmp_path / "cache", verbose=0)
    memory.cache(make_mesh)(7)
    (name,) = [one.name for one in memory.store.list() if one.name.endswith(".entry")]
    info = read_info(memory.store, name)
    assert info is not None
    assert info.preview is not None
    assert info.preview.text == "7 points"


def make_mesh(size: int) -> Mesh:
    return Mesh(size)
