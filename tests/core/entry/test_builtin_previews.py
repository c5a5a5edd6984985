"""What arrays, frames, figures and estimators look like, as data, without their libraries."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import zlib
from typing import Any

import numpy as np
import pytest

from jobtui_core.drawing import png_size
from jobtui_core.entry import preview
from jobtui_core.entry.previews import preview_from_json, preview_to_json
from jobtui_core.palette import colours, png, png_of
from jobtui_core.pictures import Plot, Preview, Series, Thumb


def kept(value: Any) -> Preview:
    """Give a preview as it comes back from an entry."""
    shown = preview(value)
    again = preview_from_json(json.loads(json.dumps(preview_to_json(shown), allow_nan=False)))
    assert again == shown
    return shown


def levels(shown: Preview) -> list[list[int]]:
    thumb = shown.thumb
    assert thumb is not None
    assert thumb.channels == 1
    rows = range(thumb.height)
    return [list(thumb.data[row * thumb.width : (row + 1) * thumb.width]) for row in rows]


class TestArrays:
    def test_one_without_dimensions_has_its_value(self) -> None:
        shown = kept(np.array(3.5))
        assert (shown.text, shown.minimum, shown.thumb) == ("3.5", 3.5, None)

    def test_two_dimensions_are_a_heat_map(self) -> None:
        shown = kept(np.array([[0.0, 1.0], [2.0, np.nan]]))
        assert levels(shown) == [[1, 128], [255, 0]]
        assert shown.thumb is not None
        assert (shown.thumb.low, shown.thumb.high) == (0.0, 2.0)
        assert shown.missing == 1

    def test_infinities_and_masked_values_have_no_level(self) -> None:
        masked = np.ma.array([[1.0, 2.0], [3.0, np.inf]], mask=[[True, False], [False, False]])
        assert levels(kept(masked)) == [[0, 1], [255, 0]]

    def test_equal_values_are_in_the_middle(self) -> None:
        assert levels(kept(np.full((2, 2), 7))) == [[128, 128], [128, 128]]

    def test_a_large_one_is_sampled_to_its_corners(self) -> None:
        value = np.zeros((1000, 900))
        value[-1, -1] = 1
        found = levels(kept(value))
        assert (len(found), len(found[0])) == (48, 64)
        assert (found[0][0], found[-1][-1]) == (1, 255)

    def test_of_a_stack_of_pictures_the_middle_one_is_shown(self) -> None:
        stack = np.zeros((5, 2, 2))
        stack[2] = [[0, 1], [1, 0]]
        shown = kept(stack)
        assert levels(shown) == [[1, 255], [255, 1]]
        assert shown.text.endswith("(picture: [2, :, :])")

    def test_of_a_volume_in_fortran_order_a_slice_of_the_last_axes_is(self) -> None:
        volume = np.zeros((2, 2, 5, 3), order="F")
        volume[:, :, 2, 1] = [[0, 1], [1, 0]]
        shown = kept(volume)
        assert levels(shown) == [[1, 255], [255, 1]]
        assert "[:, :, 2, 1]" in shown.text

    def test_complex_numbers_are_two_lines(self) -> None:
        shown = kept(np.array([1 + 2j, 3 - 4j]))
        assert shown.plot is not None
        real, imaginary = shown.plot.series
        assert (real.label, real.y) == ("real", (1.0, 3.0))
        assert (imaginary.label, imaginary.y) == ("imaginary", (2.0, -4.0))
        assert shown.maximum == 5.0
        assert "magnitudes" in shown.text

    def test_complex_planes_are_shown_by_magnitude(self) -> None:
        assert levels(kept(np.array([[0, 1j], [-2, 1]]))) == [[1, 128], [255, 128]]

    @pytest.mark.parametrize("shape", [(20, 30, 3), (20, 30, 4)])
    def test_bytes_with_colours_are_an_image(self, shape: tuple[int, ...]) -> None:
        pixels = np.full(shape, 255, np.uint8)
        pixels[:10, :, 1:3] = 0
        shown = kept(pixels)
        image = base64.b64decode(shown.image)
        assert png_size(image) == (30, 20)
        assert shown.thumb is not None
        assert shown.thumb.data[:3] == bytes([255, 0, 0])
        assert shown.thumb.data[-3:] == bytes([255, 255, 255])

    def test_bytes_that_are_labels_are_none(self) -> None:
        labels = np.tile(np.arange(4, dtype=np.uint8), (20, 5))
        assert kept(labels).image == ""
        assert kept(labels * 60).image

    def test_an_image_of_noise_is_small_enough(self) -> None:
        pixels = np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8)
        assert 0 < len(kept(pixels).image) < 270_000

    def test_huge_arrays_take_no_time(self) -> None:
        value = np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 20, 1 << 20), (0, 0))
        begun = time.perf_counter()
        shown = preview(value)
        assert time.perf_counter() - begun < 5
        assert shown.shape == (1 << 20, 1 << 20)


class TestFrames:
    pandas = pytest.importorskip("pandas")

    def test_a_series_with_dates_is_a_line_over_them(self) -> None:
        index = self.pandas.date_range("2020-01-01", periods=3, name="day")
        shown = kept(self.pandas.Series([1.0, None, 3.0], index=index, name="size"))
        assert (shown.columns, shown.rows[0]) == (("day", "size"), ("2020-01-01", "1.0"))
        assert shown.plot is not None
        assert shown.plot.dates
        (one,) = shown.plot.series
        assert one.x == (1577836800.0, 1577923200.0, 1578009600.0)
        assert (one.label, one.y) == ("size", (1.0, None, 3.0))

    def test_dates_with_a_zone_are_the_same_moments(self) -> None:
        index = self.pandas.date_range("2020-01-01 01:00", periods=1, tz="Europe/Paris")
        shown = kept(self.pandas.Series([1.0], index=index))
        assert shown.plot is not None
        assert shown.plot.series[0].x == (1577836800.0,)

    def test_a_frame_over_dates_has_its_numbers_drawn_but_no_secrets(self) -> None:
        index = self.pandas.to_datetime(["2020-01-01", None, "2020-01-03"])
        shown = kept(
            self.pandas.DataFrame({"a": [1, 2, 3], "b": list("xyz"), "token": [1, 2, 3]}, index)
        )
        assert shown.plot is not None
        (one,) = shown.plot.series
        assert (one.label, one.y) == ("a", (1.0, 3.0))

    def test_a_frame_without_dates_is_a_table_alone(self) -> None:
        shown = kept(self.pandas.DataFrame({"a": [1, 2]}, index=["x", "y"]))
        assert (shown.columns, shown.rows) == (("", "a"), (("x", "1"), ("y", "2")))
        assert shown.plot is None

    def test_a_few_values_with_names_are_bars(self) -> None:
        shown = kept(self.pandas.Series([3, 1], index=["x", "y"], name="n"))
        assert shown.plot is not None
        assert shown.plot.ticks == ("x", "y")
        assert shown.plot.series == (Series(y=(3.0, 1.0), kind="bar", label="n"),)

    def test_frames_of_polars_are_drawn_over_their_dates(self) -> None:
        polars = pytest.importorskip("polars")
        from datetime import date

        shown = kept(polars.DataFrame({"day": [date(2020, 1, 1), None], "n": [1, 2]}))
        assert shown.plot is not None
        assert shown.plot.xlabel == "day"
        (one,) = shown.plot.series
        assert (one.x, one.y) == ((1577836800.0,), (1.0,))


def test_a_figure_is_an_image() -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([1, 2])
    figure.stale = True
    shown = kept(figure)
    assert (shown.kind, shown.shape) == ("image", (200, 300))
    assert png_size(base64.b64decode(shown.image)) == (300, 200)
    assert figure.stale


def test_an_image_of_pillow_is_one() -> None:
    pillow = pytest.importorskip("PIL.Image")
    shown = kept(pillow.new("RGB", (1000, 500), (255, 0, 0)))
    assert (shown.kind, shown.shape) == ("image", (500, 1000))
    assert png_size(base64.b64decode(shown.image)) == (240, 120)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"])
def test_a_sparse_array_shows_where_it_has_values(form: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    shown = kept(sparse.eye_array(100, 200, format=form))
    assert (shown.kind, shown.shape, shown.dtype) == ("array", (100, 200), "float64")
    assert f"{form}, 100 stored values, 0.005 of all" in shown.text
    found = levels(shown)
    assert (found[0][0] > 0, found[-1][0], found[-1][-1], found[47][31] > 0) == (True, 0, 0, True)


def test_an_estimator_shows_its_parameters_and_what_was_fitted() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    model = linear.Ridge(alpha=0.5).fit([[0.0], [1.0]], [0.0, 1.0])
    shown = kept(model)
    assert shown.text == "Ridge(alpha=0.5)"
    items = dict(shown.items)
    assert ("alpha", "0.5") in items["parameters"].rows
    assert items["repr"].text == "Ridge(alpha=0.5)"
    assert "coef_" in items["fitted"].text


def test_no_library_is_imported_for_it() -> None:
    script = (
        "import sys\n"
        "from jobtui_core.entry import preview\n"
        "class Mine: pass\n"
        "for value in (1, 'a', {'b': [1]}, Mine(), 2j): preview(value)\n"
        "heavy = ('numpy', 'pandas', 'polars', 'matplotlib', 'scipy', 'sklearn', 'PIL')\n"
        "assert not set(heavy) & set(sys.modules), set(heavy) & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


class TestPng:
    def test_pixels_are_as_they_were_given(self) -> None:
        pillow = pytest.importorskip("PIL.Image")
        from io import BytesIO

        data = bytes(range(24))
        with pillow.open(BytesIO(png(4, 2, 3, data))) as image:
            assert image.tobytes() == data

    def test_levels_have_their_colours_and_nothing_where_there_is_no_value(self) -> None:
        pillow = pytest.importorskip("PIL.Image")
        from io import BytesIO

        thumb = Thumb(width=3, height=1, channels=1, data=bytes([0, 1, 255]))
        with pillow.open(BytesIO(png_of(thumb))) as image:
            pixels = list(np.asarray(image.convert("RGBA"))[0])
        assert pixels[0][3] == 0
        assert tuple(pixels[1]) == (*colours()[1], 255)
        assert tuple(pixels[2]) == (*colours()[255], 255)


class TestReading:
    """What lies in a store may be anybody's."""

    def read(self, **facts: Any) -> Preview:
        found = preview_from_json({"kind": "image", "type": "x", **facts})
        assert found is not None
        return found

    def test_what_is_no_png_is_no_image(self) -> None:
        large = zlib.compress(bytes(100))
        bomb = png(1, 1, 1, b"\0").replace(b"\0\0\0\1\0\0\0\1", b"\0\1\0\0\0\1\0\0", 1)
        for data in (b"<svg onload=alert(1)>", large, bomb, b""):
            assert self.read(image=base64.b64encode(data).decode()).image == ""
        for other in (3, None, "é", "====", "a" * 300_000):
            assert self.read(image=other).image == ""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"width": 1 << 40}, {"height": -1}, {"channels": 2}, {"channels": True},
            {"channels": 1.0}, {"data": "A"}, {"data": "AAAA"}, {"data": 5}, {"width": "2"},
        ],
    )  # fmt: skip
    def test_a_small_picture_is_whole_or_none(self, wrong: dict[str, Any]) -> None:
        good = {"width": 2, "height": 1, "channels": 1, "data": "AAE=", "low": 0, "high": 1}
        assert self.read(thumb=good).thumb is not None
        assert self.read(thumb={**good, **wrong}).thumb is None

    def test_plots_are_bounded_and_of_numbers(self) -> None:
        many = [{"y": [1.0] * 1000, "label": "\x1b[2J"}] * 50
        plot = self.read(plot={"series": many, "ticks": [1, "a"], "dates": "yes"}).plot
        assert plot is not None
        assert (len(plot.series), len(plot.series[0].y)) == (10, 200)
        assert plot.series[0].label.isprintable()
        assert (plot.ticks, plot.dates) == (("", "a"), False)

    @pytest.mark.parametrize(
        "series", [3, [], [3], [{"y": []}], [{"y": [1], "x": [1, 2]}], [{"y": [1], "x": ["a"]}]]
    )
    def test_what_is_no_plot_is_none(self, series: Any) -> None:
        assert self.read(plot={"series": series}).plot is None

    def test_numbers_without_an_end_are_gaps(self) -> None:
        plot = self.read(plot={"series": [{"y": [1, float("nan"), 1e999, 10**400]}]}).plot
        assert plot == Plot(series=(Series(y=(1.0, None, None, None)),))

    def test_previews_of_before_are_read(self) -> None:
        old = {"kind": "array", "type": "numpy.ndarray", "shape": [2, 2], "histogram": [1, 3]}
        found = preview_from_json(old)
        assert found is not None
        assert (found.image, found.thumb, found.plot, found.note) == ("", None, None, "")

    def test_a_kind_of_later_is_opaque(self) -> None:
        assert preview_from_json({"kind": "hologram", "type": "x"}) == Preview(
            kind="opaque", type="x"
        )
        assert preview_from_json({"kind": ["array"], "type": "x"}) == Preview(
            kind="opaque", type="x"
        )
