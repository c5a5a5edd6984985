"""Figures of matplotlib are kept without a word in the user's code, and without disturbing it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from xxhash import xxh3_128_hexdigest

from jobtui_core import Memory, drawing
from jobtui_core.drawing import png_size
from jobtui_core.entry import read_info
from jobtui_core.entry.figures import figure_from, figures_from
from jobtui_core.stores import LocalStore
from jobtui_core.tracing import enable_for_tests, figures
from jobtui_core.tracing.figurewatch import FigureWatch
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.written import Run

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def agg() -> Iterator[None]:
    before = matplotlib.get_backend()
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    # What matplotlib finds out once, about fonts, is not what is tested.
    plt.figure().savefig(BytesIO())
    plt.close("all")
    yield
    plt.close("all")
    matplotlib.use(before)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with enable_for_tests(tmp_path) as found:
        observer = FigureWatch(found)
        found.observers.append(observer)
        yield found
        observer.close()


def plot(values: Any = (1, 3, 2), **options: Any) -> Any:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(2, 1), **options)
    axes.plot(values)
    return figure


def pyplot() -> Any:
    import matplotlib.pyplot as plt

    return plt


def events(run: Run) -> list[tuple[str | None, str]]:
    found = read_run(run.folder)
    steps = {call.id: call.name for call in found.calls}
    return [(steps.get(one.call or ""), one.name) for one in found.figures]


def entry_figures(tmp_path: Path) -> list[Any]:
    store = LocalStore(tmp_path / "cache" / "jobtui")
    entries = [one.name for one in store.list("") if one.name.endswith(".entry")]
    found = []
    for name in entries:
        info = read_info(store, name)
        assert info is not None
        found += info.figures
        for one in info.figures:
            for digest in (one.png, one.svg):
                data = store.read(f"blobs/{digest}")
                assert data is not None
                assert xxh3_128_hexdigest(data) == digest
    return found


def test_a_figure_that_is_there_when_a_step_ends_is_kept_with_its_result(
    tmp_path: Path, run: Run
) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def draw(number: int) -> int:
        plot([number, 2])
        return number

    assert draw(3) == 3
    ((step, name),) = events(run)
    assert (step, name) == ("draw", "Figure 1")
    (facts,) = entry_figures(tmp_path)
    assert (facts.width, facts.height) == (200, 100)
    assert (facts.thumb.width, facts.thumb.height, facts.thumb.channels) == (48, 24, 3)
    png = (run.folder / "figures" / f"{facts.png}.png").read_bytes()
    assert png_size(png) == (200, 100)
    assert b"<svg" in (run.folder / "figures" / f"{facts.svg}.svg").read_bytes()


def test_a_figure_that_was_saved_and_closed_is_kept_as_it_was_saved(
    tmp_path: Path, run: Run
) -> None:
    import matplotlib.pyplot as plt

    memory = Memory(tmp_path / "cache", verbose=0)
    saved = tmp_path / "a.png"

    @memory.cache
    def draw() -> int:
        plot()
        plt.savefig(saved, dpi=50)
        plt.close()
        return 1

    draw()
    assert events(run) == [("draw", "a.png")]
    (facts,) = entry_figures(tmp_path)
    assert (run.folder / "figures" / f"{facts.png}.png").read_bytes() == saved.read_bytes()
    assert facts.svg


@pytest.mark.parametrize("shape", ["alone", "tuple", "dict"])
def test_a_figure_that_pyplot_does_not_know_is_kept_where_a_call_gives_it_back(
    run: Run, shape: str
) -> None:
    from matplotlib.figure import Figure

    memory = Memory(run.root / "cache", verbose=0)

    @memory.cache
    def draw(shape: str) -> Any:
        figure = Figure(figsize=(2, 1), label="mine")
        figure.subplots().plot([1, 2])
        return {"alone": figure, "tuple": (1, figure), "dict": {"a": figure}}[shape]

    draw(shape)
    assert events(run) == [("draw", "mine")]


def test_a_figure_is_kept_once_however_often_it_is_saved(run: Run) -> None:
    memory = Memory(run.root / "cache", verbose=0)

    @memory.cache
    def draw() -> int:
        figure = plot()
        figure.savefig(BytesIO())
        figure.savefig(run.root / "a.pdf")
        return 1

    draw()
    assert [name for _, name in events(run)] == ["Figure 1"]


def test_what_the_script_saves_outside_of_steps_is_kept_too(run: Run) -> None:
    plot().savefig(run.root / "late.svg")
    assert events(run) == [(None, "late.svg")]


def test_a_figure_of_before_counts_only_where_it_was_changed(run: Run) -> None:
    memory = Memory(run.root / "cache", verbose=0)
    plot(num="mine")

    @memory.cache
    def look() -> int:
        pyplot().figure("mine").get_size_inches()
        return 1

    @memory.cache
    def change() -> int:
        pyplot().figure("mine").axes[0].set_title("changed")
        return 2

    look()
    change()
    assert events(run) == [("change", "mine")]


def test_the_figure_of_an_inner_call_is_also_that_of_the_outer_one(
    tmp_path: Path, run: Run
) -> None:
    import matplotlib.pyplot as plt

    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def inner() -> int:
        plot()
        plt.savefig(tmp_path / "a.png")
        plt.close()
        return 1

    @memory.cache
    def outer() -> int:
        return inner()

    outer()
    assert events(run) == [("inner", "a.png")]
    first, second = entry_figures(tmp_path)
    assert first == second


def test_equal_figures_have_equal_pictures(tmp_path: Path, run: Run) -> None:
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def draw(number: int) -> int:
        import matplotlib.pyplot as plt

        plot()
        plt.savefig(tmp_path / f"{number}.pdf")
        plt.close()
        return number

    draw(1)
    draw(2)
    first, second = entry_figures(tmp_path)
    assert (first.png, first.svg) == (second.png, second.svg)


def test_a_figure_does_not_notice_that_it_is_kept(run: Run) -> None:
    memory = Memory(run.root / "cache", verbose=0)
    seen: list[str] = []
    figure = plot()
    figure.canvas.mpl_connect("draw_event", lambda event: seen.append("drawn"))
    figure.canvas.mpl_connect("resize_event", lambda event: seen.append("resized"))
    settings = dict(matplotlib.rcParams)
    canvas, size, dpi = figure.canvas, tuple(figure.get_size_inches()), figure.dpi

    @memory.cache
    def change() -> int:
        pyplot().gcf().axes[0].set_title("changed")
        return 1

    change()
    assert len(events(run)) == 1
    assert figure.canvas is canvas
    assert (tuple(figure.get_size_inches()), figure.dpi) == (size, dpi)
    assert figure.stale
    assert seen == []
    assert dict(matplotlib.rcParams) == settings


def test_it_is_drawn_whatever_the_backend_can(run: Run) -> None:
    matplotlib.use("pdf")
    memory = Memory(run.root / "cache", verbose=0)

    @memory.cache
    def draw() -> int:
        plot()
        return 1

    draw()
    assert len(events(run)) == 1


def test_a_warning_of_savefig_is_told_of_the_line_that_saves(run: Run) -> None:
    figure = plot()
    figure.axes[0].set_title("\N{SNOWMAN}\U0001f9ff")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(BytesIO())
    assert caught
    assert {one.filename for one in caught} == {__file__}


def test_an_artist_that_cannot_be_drawn_costs_its_figure_alone(run: Run) -> None:
    memory = Memory(run.root / "cache", verbose=0)

    @memory.cache
    def draw() -> int:
        plot().axes[0].set_title("$\\nonsense$")
        return 1

    assert draw() == 1
    assert events(run) == []
    (first, _) = read_run(run.folder).warnings
    assert "not kept as PNG: ValueError" in first


def test_so_many_figures_of_a_call_are_kept_and_no_more(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_FIGURES", 2)
    memory = Memory(run.root / "cache", verbose=0)

    @memory.cache
    def draw() -> int:
        for number in range(4):
            plot([number, 1])
        return 1

    draw()
    assert len(events(run)) == 2
    assert read_run(run.folder).warnings == (
        "draw draws many figures; only the first of them are kept.",
    )


def test_a_drawing_that_becomes_too_large_is_given_up(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(drawing.LARGEST, "svg", 2000)
    plot().savefig(run.root / "a.png")
    (one,) = read_run(run.folder).figures
    assert one.png
    assert one.svg == ""
    assert read_run(run.folder).warnings == ("Figures with very many parts are not kept as SVG.",)


def test_a_project_may_keep_none(run: Run) -> None:
    (run.root / "jobtui.toml").write_text("keep_figures = false\n")
    plot().savefig(run.root / "a.png")
    assert events(run) == []
    assert not (run.folder / "figures").exists()


def test_frames_of_films_are_not_kept(run: Run) -> None:
    plot().savefig(BytesIO(), format="rgba")
    assert events(run) == []


def test_savefig_is_as_before_when_nobody_listens(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    before = Figure.savefig
    with enable_for_tests(tmp_path) as found:
        observer = FigureWatch(found)
        assert Figure.savefig is not before
        assert Figure.savefig.__wrapped__ is before
        observer.close()
    assert Figure.savefig is before


def test_matplotlib_may_be_imported_in_the_step_that_draws(tmp_path: Path) -> None:
    (tmp_path / "jobtui.toml").write_text("")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from jobtui_core import make\n"
        "@make\n"
        "def draw():\n"
        "    import matplotlib\n"
        "    matplotlib.use('agg')\n"
        "    from matplotlib.figure import Figure\n"
        "    figure = Figure(figsize=(2, 1))\n"
        "    figure.subplots().plot([1, 2])\n"
        "    figure.savefig('a.png')\n"
        "    assert type(Figure.__module__) is str\n"
        "    return 1\n"
        "draw()\n"
        "assert not any(type(one).__module__.startswith('jobtui') for one in sys.meta_path)\n"
    )
    subprocess.run([sys.executable, str(script)], cwd=tmp_path, check=True, timeout=60)
    (folder,) = (tmp_path / ".jobtui" / "runs").iterdir()
    (one,) = read_run(folder).figures
    assert one.name == "a.png"


def test_what_is_said_of_figures_is_not_trusted() -> None:
    digest = "0" * 32
    facts = figure_from(
        {"name": "\x1b[31mred\n", "png": digest, "svg": "../x", "width": -1, "height": "2"}
    )
    assert facts is not None
    assert "\x1b" not in facts.name
    assert (facts.png, facts.svg, facts.width, facts.height) == (digest, "", 0, 0)
    assert figure_from({"name": "a"}) is None
    assert figures_from("x") == ()
    assert len(figures_from([{"png": digest}] * 1000)) == 20


def test_who_listens_to_changes_of_a_figure_hears_of_no_drawing_of_ours(run: Run) -> None:
    figure = plot()
    told: list[object] = []
    figure.stale_callback = lambda figure, value: told.append(value)
    for stale in (True, False):
        figure._stale = stale
        told.clear()
        for form in ("png", "svg"):
            drawing.draw(figure, form, until=time.monotonic() + 60)
        assert told == []
        assert figure.stale is stale
    figure.stale = True
    assert told == [True]


def test_drawings_in_several_threads_leave_the_filters_of_warnings_alone() -> None:
    from matplotlib.figure import Figure

    before = list(warnings.filters)
    shapes = [Figure(figsize=(1, 1)) for _ in range(4)]
    begun = threading.Barrier(4)

    def draw(figure: Any) -> None:
        begun.wait()
        for _ in range(3):
            drawing.draw(figure, "png", until=time.monotonic() + 60)

    threads = [threading.Thread(target=draw, args=(figure,)) for figure in shapes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before
