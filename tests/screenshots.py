"""Pictures for the README, taken of the demo as it really runs.

::

    python -m tests.screenshots [FOLDER]

makes the demo in a temporary folder, opens the app on it, and saves what it shows at some moments
as SVG and PNG, into ``screenshots/`` unless a folder is named.  It takes about half a minute.
The picture of a report is taken by Chromium, where there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import resvg_py
from textual.pilot import Pilot

from jobtui.app import JobtuiApp
from jobtui.cli.demo import TIP
from jobtui.demo import create_demo
from jobtui.services.core import open_service
from jobtui.services.watch import FileWatcher
from jobtui_core.project import note_run, open_project, runs, write_report
from jobtui_core.records import RunRequest

SIZE = (132, 30)
"""Columns and rows: three panes side by side, and a diff without folded lines."""

PATIENCE = 120
"""Seconds for which one moment is waited for."""

PIXELS = 1600
"""Width of the PNG files."""

FONT = "DejaVu Sans Mono"
"""Stands in for the font that the SVG names, which resvg may not load from the network."""

REPORT = (900, 1950)
"""Pixels of the picture of a report: down to the end of its figure."""

EDIT = ("np.ones(window) / window", "np.hanning(window)\n    weights /= weights.sum()")
"""What is edited in ``helpers.py``: a box becomes a bell."""


class Photographer:
    """Waits for moments and takes pictures of them."""

    def __init__(self, pilot: Pilot[object], folder: Path) -> None:
        self.pilot = pilot
        self.folder = folder

    async def wait(self, *words: str) -> None:
        """Wait until all these words are on the screen."""
        end = time.monotonic() + PATIENCE
        while not all(word.replace(" ", "&#160;") in self.svg() for word in words):
            if time.monotonic() > end:
                self.save("missed")
                raise SystemExit(f"not on the screen after {PATIENCE} s: {words}; see missed.svg")
            await self.pilot.pause(0.1)
        # What was just drawn may be a part of what comes.
        await self.pilot.pause(0.3)

    async def press(self, *keys: str) -> None:
        """Press keys and let their effect appear."""
        await self.pilot.press(*keys)
        await self.pilot.pause(0.5)

    def svg(self) -> str:
        """Give the screen as a drawing."""
        return self.pilot.app.export_screenshot()

    def save(self, name: str) -> None:
        """Save the screen as SVG and PNG."""
        svg = self.svg()
        (self.folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        png = resvg_py.svg_to_bytes(svg_string=svg, width=PIXELS, monospace_family=FONT)
        (self.folder / f"{name}.png").write_bytes(bytes(png))
        print(f"{self.folder / name}.svg")


async def take(demo: Path, folder: Path) -> None:
    """Open the app on the demo and take all pictures."""
    request = RunRequest(scripts=("co2.py", "forecast.py"))
    app = JobtuiApp(open_service(demo), FileWatcher(demo), tip=TIP, start=request)
    async with app.run_test(size=SIZE) as pilot:
        photographer = Photographer(pilot, folder)
        await photographer.wait("bootstrap: 6000 of 15000", "● running")
        photographer.save("running")
        await photographer.wait("all 7 steps fresh", "all 2 steps fresh")
        await photographer.press("down", "down", "down", "down", "full_stop", "full_stop")
        photographer.save("result")
        helpers = demo / "helpers.py"
        helpers.write_text(helpers.read_text(encoding="utf-8").replace(*EDIT), encoding="utf-8")
        await photographer.wait("~ stale", "trend")
        await photographer.press("up", "comma", "comma")
        await photographer.wait("np.hanning")
        photographer.save("stale")
        await photographer.press("R")
        await photographer.wait("will run")
        photographer.save("plan")
        await photographer.press("escape", "2")
        await photographer.wait("all functions", "writable")
        await photographer.press("tab")
        while "Preview  trend".replace(" ", "&#160;") not in photographer.svg():
            await photographer.press("down")
        await photographer.wait("float64", "computed")
        photographer.save("cache")
        await app.service.start(RunRequest(scripts=("co2.py",), overrides={"window": 26}))
        await photographer.press("3")
        await photographer.wait("window=26", "● running")
        while "● running".replace(" ", "&#160;") in photographer.svg():
            await photographer.press("0")
        await photographer.press("asterisk", "m")
        await photographer.press(*"half a year is enough", "tab", *"paper", "enter")
        await photographer.wait("#paper")
        await photographer.wait("Parameters", "default")
        photographer.save("runs")
        await photographer.press("equals_sign")
        await photographer.wait("Results", "difference")
        photographer.save("compare")


def take_report(demo: Path, folder: Path) -> None:
    """Write a report of the demo's first run and take a picture of its beginning."""
    browser = shutil.which("chromium")
    if browser is None:
        print("no Chromium: report.png stays as it is")
        return
    project = open_project(demo)
    run = next(one.id for one in runs(project) if one.script == "co2.py")
    note_run(
        project, run, note="The trend over a year, for figure 2.", tags=["paper"], starred=True
    )
    page = write_report(project, [run], demo / "lab.html").path
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={demo / 'profile'}",
            f"--window-size={REPORT[0]},{REPORT[1]}",
            f"--screenshot={folder / 'report.png'}",
            page.as_uri(),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    print(folder / "report.png")


def main(words: Sequence[str] | None = None) -> None:
    """Take all pictures into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parent.parent / "screenshots"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    folder: Path = parser.parse_args(words).folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        # The title says how to open the same view, from where the demo was made.
        os.chdir(place)
        demo = Path(place).resolve() / "co2-demo"
        create_demo(demo)
        asyncio.run(take(demo, folder))
        take_report(demo, folder)
        os.chdir(folder)


if __name__ == "__main__":
    main()
