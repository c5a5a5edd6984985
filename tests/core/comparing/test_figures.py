"""Figures of two runs: by name, and by their pixels."""

from __future__ import annotations

import struct
import zlib

import pytest

from jobtui_core.hashing import digest_bytes
from jobtui_core.project.comparing import drawn


def png(width, height, *, dots=(), colour=(255, 255, 255)):
    """Make a picture of one colour with black dots."""
    rows = [[bytes(colour) for _ in range(width)] for _ in range(height)]
    for x, y in dots:
        rows[y][x] = bytes(3)
    body = zlib.compress(b"".join(b"\0" + b"".join(row) for row in rows))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", body),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def draw(run, data, name="fig.png", step="plot", size=(10, 10)):
    call = run.step(step, 1)
    folder = run.trace.folder / "figures"
    folder.mkdir(exist_ok=True)
    digest = digest_bytes(data)
    (folder / f"{digest}.png").write_bytes(data)
    run.trace.write(
        "figure", call=call, name=name, png=digest, svg="", width=size[0], height=size[1]
    )
    return run


def pair(bench, old, new, **options):
    return [draw(bench.run(), data, **options).end() for data in (old, new)]


@pytest.fixture(params=["Pillow", "matplotlib"])
def decoder(request, monkeypatch):
    """Both of the libraries that can read pictures."""
    pytest.importorskip("PIL")
    if request.param == "matplotlib":
        pytest.importorskip("matplotlib.image")
        monkeypatch.setattr(drawn, "_by_pillow", drawn._by_matplotlib)


@pytest.mark.usefixtures("decoder")
def test_figures_are_told_by_the_share_of_pixels_that_differ(bench):
    runs = pair(bench, png(10, 10), png(10, 10, dots=[(2, 3), (4, 5)]))
    one = bench.one("figure", *runs)
    assert dict(one.numbers) == {"share": 0.02, "max": 1.0}
    assert one.detail == "2.00% of the pixels differ, by at most 100%; within 2,3 to 4,5"
    assert one.subject == "plot: fig.png"
    assert [figure.run for figure in one.figures] == [run.id for run in runs]


def test_equal_figures_are_counted_and_other_sizes_told(bench):
    same = bench.compare(*pair(bench, png(4, 4), png(4, 4), size=(4, 4)))
    assert (same.of("figure"), dict(same.same)["figure"]) == ((), 1)
    other = bench.one("figure", *pair(bench, png(4, 4), png(4, 5)))
    assert other.detail == "another size: 4x4 → 4x5"


def test_a_figure_that_one_run_did_not_draw_has_no_counterpart(bench):
    first, second = bench.run(), bench.run()
    draw(first, png(4, 4), size=(4, 4))
    first.end()
    second.step("plot", 1)
    one = bench.one("figure", first, second.end())
    assert (one.figures[1], one.values[1]) == (None, None)


def test_figures_of_one_name_go_by_their_order(bench):
    first, second = bench.run(), bench.run()
    for run, dots in ((first, [(0, 0)]), (second, [(1, 1)])):
        draw(run, png(4, 4))
        draw(run, png(4, 4, dots=dots))
        run.end()
    found = bench.compare(first, second)
    assert len(found.of("figure")) == 1
    assert dict(found.same)["figure"] == 1


def test_pictures_that_are_gone_damaged_or_too_large_are_named(bench, monkeypatch):
    runs = pair(bench, png(4, 4), png(4, 4, dots=[(0, 0)]))
    monkeypatch.setattr(drawn, "_MOST_PIXELS", 10)
    assert bench.one("figure", *runs).detail == "not compared: too large"
    monkeypatch.setattr(drawn, "_MOST_PIXELS", 10_000)
    for path in (runs[0].trace.folder / "figures").iterdir():
        path.unlink()
    assert bench.one("figure", *runs).detail == "not compared: its picture is gone"
    broken = png(4, 4, dots=[(1, 1)])[:45]
    found = bench.compare(*pair(bench, png(4, 4), broken))
    assert found.of("figure")[0].detail.startswith("not compared: it cannot be read")


def test_without_a_library_figures_only_differ(bench, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "matplotlib.image", None)
    found = bench.compare(*pair(bench, png(4, 4), png(4, 4, dots=[(0, 0)])))
    assert found.of("figure")[0].detail == "not compared: nothing here can read PNG"
    assert any("Pillow" in words for words in found.not_compared)
