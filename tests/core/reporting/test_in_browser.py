"""A page in a real browser: what it makes of it, at the width of a phone, and printed."""

from __future__ import annotations

import http.server
import re
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from jobtui_core.labbook import LogLine
from jobtui_core.project.reporting.data import LogPart
from jobtui_core.project.reporting.document import compose
from jobtui_core.project.reporting.page import render_page
from tests.core.reporting import samples
from tests.core.reporting.test_page import HOSTILE, check

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here")


@pytest.fixture
def chromium(tmp_path):
    """Runs the browser on a page, and gives what it printed and what its console said."""

    def run(page: str, *options: str) -> tuple[str, list[str]]:
        path = tmp_path / "lab.html"
        path.write_text(page, encoding="utf-8")
        assert BROWSER is not None
        done = subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                f"--user-data-dir={tmp_path / 'profile'}",
                *options,
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return run


@pytest.fixture
def server():
    """Counts what is asked of it: nothing should be."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()
        thread.join()


def with_script(page: str, script: str) -> str:
    """Give a page that may run one script, for a test to ask the browser something."""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert free != page
    return free.replace("</body>", f"<script>{script}</script></body>")


def test_it_loads_runs_and_complains_of_nothing(chromium, server):
    url, asked = server
    attack = f'"><img src="{url}/a"><script src="{url}/b"></script>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<image xlink:href="{url}/c"/><script>document.title = "run"</script>'
        f'<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="{url}/d"/></foreignObject>'
        f"</svg>"
    ).encode()
    pictures = {f"{samples.PNG_DIGEST}.png": samples.png(), f"{samples.SVG_DIGEST}.svg": svg}
    texts = attack + "".join(HOSTILE).replace("\ud800", "")
    data = samples.two(texts)
    dom, console = chromium(render_page(compose(replace(data, pictures=pictures))), "--dump-dom")
    assert console == []
    assert asked == []
    found = check(dom)
    # The browser came to the end, and the style was taken.
    assert "Written by jobtui" in "".join(found.texts)


def test_the_policy_holds_even_if_something_got_in(chromium, server):
    url, asked = server
    page = render_page(compose(samples.data(samples.chapter())))
    attack = f'<img src="{url}/a"><script>document.title = "run"</script><p style="color:red">'
    dom, console = chromium(page.replace("</main>", f"{attack}</main>"), "--dump-dom")
    assert asked == []
    assert "<title>run</title>" not in dom
    assert len(console) >= 3


def test_nothing_is_wider_than_a_phone_or_a_window(chromium):
    wide = samples.chapter(log=(LogPart(step="", lines=(LogLine(text="x" * 900),)),))
    page = render_page(compose(samples.data(wide, samples.chapter("_" * 60))))
    # A window cannot be made as narrow as a phone, but a frame in it can.
    script = """
        const page = document.documentElement.outerHTML
            .replaceAll("<details", "<details open").replace(/<script>.*<.script>/s, "");
        document.title = "";
        document.body.replaceChildren();
        for (const width of [390, 1100]) {
            const frame = document.createElement("iframe");
            Object.assign(frame, {width, height: 800, srcdoc: page});
            frame.style.border = 0;
            frame.onload = () => {
                const seen = frame.contentDocument.documentElement;
                document.title += `${seen.clientWidth}: ${seen.scrollWidth};`;
            };
            document.body.append(frame);
        }
    """
    dom, _ = chromium(with_script(page, script), "--dump-dom", "--window-size=1300,900")
    assert sorted(re.findall(r"(\d+: \d+);", dom.partition("</title>")[0])) == [
        "1100: 1100",
        "390: 390",
    ]


def test_what_is_folded_is_printed(chromium, tmp_path):
    lines = tuple(LogLine(text=f"line {number}") for number in range(300))
    chapter = samples.chapter(results=(), log=(LogPart(step="fit", lines=lines),))
    page = render_page(compose(samples.data(chapter)))
    assert "<details><summary>fit · 300 lines" in page
    path = Path(tmp_path) / "lab.pdf"
    chromium(page, f"--print-to-pdf={path}", "--no-pdf-header-footer")
    data = path.read_bytes()
    assert data.startswith(b"%PDF")
    # 300 lines alone take four pages and more.
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 6


def test_a_picture_of_it_is_not_empty(chromium, tmp_path):
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "lab.png"
    chromium(
        render_page(compose(samples.data(samples.chapter()))),
        f"--screenshot={path}",
        "--window-size=1100,900",
    )
    with image.open(path) as picture:
        assert picture.size == (1100, 900)
        colours = picture.convert("RGB").getcolors(1100 * 900)
    # Paper, ink, the boxes of note and error, rules, links and what lies between them.
    assert len(colours) > 50
    assert max(number for number, _ in colours) > 0.5 * 1100 * 900
