"""A status asked for again: the same bytes as those of a proper look, without one."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import jobtui.cli.dispatch as dispatch
from jobtui.cli import main
from jobtui_core.project.kept.lastlook import LastLook, look_bytes, look_path
from jobtui_core.project.tree.walk import RACY_NS

SCRIPT = """\
from jobtui_core import default_param, make

from parts import helper

level = default_param("level", 3)

@make
def größe(text):
    return helper(text)

@make
def doubled(text, level):
    return text * level

doubled(größe("a"), level)
"""


class Screen(io.StringIO):
    """Standard output that can be a terminal, and lack letters."""

    def __init__(self, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self._terminal = terminal
        self._encoding = encoding

    def isatty(self) -> bool:
        return self._terminal

    @property
    def encoding(self) -> str:
        return self._encoding


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, repository: dict[str, str]) -> Path:
    """A project that ran once, and in which one step was edited since."""
    root = tmp_path_factory.mktemp("made") / "project"
    root.mkdir()
    (root / "jobtui.toml").write_text("")
    (root / "script.py").write_text(SCRIPT, encoding="utf-8")
    (root / "parts.py").write_text("def helper(text):\n    return text.strip()\n")
    subprocess.run([sys.executable, "script.py"], cwd=root, env=repository, check=True)
    (root / "script.py").write_text(SCRIPT.replace("* level", "* (level + 1)"), encoding="utf-8")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which a look can be kept; the working directory."""
    root = tmp_path / "project"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "JOBTUI_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    settle(root)
    return root


def settle(root: Path) -> None:
    """Wait until no file is so young that its stamp would not be trusted."""
    newest = max(path.stat().st_ctime_ns for path in (root, *root.rglob("*")))
    while time.time_ns() - newest <= 2 * RACY_NS:
        time.sleep(0.01)


def asked(monkeypatch: pytest.MonkeyPatch, *words: str, screen: Screen) -> tuple[int, str]:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        code = main(["status", *words])
    return code, screen.getvalue()


def again(monkeypatch: pytest.MonkeyPatch, *words: str, screen: Screen) -> tuple[int, str]:
    """Ask where nothing but what was kept can answer."""
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "carry_out", None)
        return asked(monkeypatch, *words, screen=screen)


WORDS = {
    "plain": (),
    "json": ("--json",),
    "exit code": ("--fail-if-stale",),
    "both": ("--fail-if-stale", "--json"),
}
TERMINALS = {
    "pipe": (False, {}),
    "terminal": (True, {"COLUMNS": "100"}),
    "narrow": (True, {"COLUMNS": "30"}),
    "without colours": (True, {"COLUMNS": "100", "NO_COLOR": "1"}),
    "true colours": (True, {"COLUMNS": "100", "COLORTERM": "truecolor"}),
    "dumb": (True, {"TERM": "dumb"}),
}


@pytest.mark.parametrize("terminal", TERMINALS)
def test_the_same_is_printed_without_a_look(
    root: Path, monkeypatch: pytest.MonkeyPatch, terminal: str
) -> None:
    is_terminal, variables = TERMINALS[terminal]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for kind, words in WORDS.items():
        first = asked(monkeypatch, *words, screen=Screen(terminal=is_terminal))
        second = again(monkeypatch, *words, screen=Screen(terminal=is_terminal))
        shutil.rmtree(root / ".jobtui/index")
        properly = asked(monkeypatch, *words, screen=Screen(terminal=is_terminal))
        assert first == second == properly
        assert first[0] == ("--fail-if-stale" in words)
        assert "größe" in first[1] or json.loads(first[1])
        styled = is_terminal and terminal != "dumb" and "--json" not in words
        assert ("\x1b[" in first[1]) == styled, kind


def test_each_question_has_an_answer_of_its_own(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screens = {
        "pipe": Screen,
        "terminal": lambda: Screen(terminal=True),
    }
    first = {
        (words, name): asked(monkeypatch, *WORDS[words], screen=screen())
        for words in ("plain", "json")
        for name, screen in screens.items()
    }
    for (words, name), answer in first.items():
        assert again(monkeypatch, *WORDS[words], screen=screens[name]()) == answer
    assert len(set(first.values())) == 4


def test_another_width_is_another_answer(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for columns in ("100", "30", "100"):
        monkeypatch.setenv("COLUMNS", columns)
        found.append(asked(monkeypatch, screen=Screen(terminal=True)))
    assert found[0] == found[2] != found[1]


def test_not_every_width_is_kept_for_ever(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in range(40, 60):
        monkeypatch.setenv("COLUMNS", str(columns))
        asked(monkeypatch, screen=Screen(terminal=True))
    with LastLook(str(root)) as look:
        assert 1 < len(look.answers) < 10
    again(monkeypatch, screen=Screen(terminal=True))


def test_an_edit_is_answered_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = asked(monkeypatch, screen=Screen())
    assert again(monkeypatch, screen=Screen()) == before
    (root / "parts.py").write_text("def helper(text):\n    return text.lower()\n")
    _code, text = asked(monkeypatch, screen=Screen())
    assert text != before[1]
    assert "parts" in text


def test_an_undone_edit_ends_in_success(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, "--fail-if-stale", screen=Screen())[0] == 1
    (root / "script.py").write_text(SCRIPT, encoding="utf-8")
    settle(root)
    for _ in range(2):
        assert asked(monkeypatch, "--fail-if-stale", screen=Screen())[0] == 0
    assert again(monkeypatch, "--fail-if-stale", screen=Screen())[0] == 0


def test_below_the_root_the_project_is_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "notes").mkdir()
    settle(root)
    above = asked(monkeypatch, screen=Screen())
    monkeypatch.chdir(root / "notes")
    assert asked(monkeypatch, screen=Screen()) == above


def test_what_an_encoding_lacks_is_spelt(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for _ in range(2):
        raw = io.BytesIO()
        screen = io.TextIOWrapper(raw, encoding="ascii")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", screen)
            assert main(["status"]) == 0
        found.append(raw.getvalue())
    assert found[0] == found[1]
    assert b"gr??e" in found[0]


EVIL = ["\x1b[2J", "\x1b]0;title\x07", "\r", "\x9b2J", "\u202e", "\x1b[31", "\udce9"]


@pytest.mark.parametrize("terminal", [False, True])
def test_what_somebody_put_there_sends_nothing_to_a_terminal(
    root: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    before = asked(monkeypatch, screen=Screen(terminal=terminal))
    for evil in EVIL:
        with LastLook(str(root)) as look:
            (name,) = look.answers
            code, text = look.answers[name]
            data = evil.encode("utf-8", "surrogateescape") + text
            kept = look_bytes(look.stamps, look.status, {name: (code, data)})
        Path(look_path(str(root))).write_bytes(kept)
        assert asked(monkeypatch, screen=Screen(terminal=terminal)) == before
        assert again(monkeypatch, screen=Screen(terminal=terminal)) == before


PROGRAM = """\
import json, sys
before = set(sys.modules)
from jobtui.cli import main
code = main(["status"])
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


def test_an_unchanged_status_loads_next_to_nothing(root: Path, repository: dict[str, str]) -> None:
    loaded = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=root, env=repository, capture_output=True, encoding="utf-8", check=True,
        )  # fmt: skip
        loaded.append(set(json.loads(done.stderr)))
    assert "jobtui_core.project.verdicts" in loaded[0]
    assert loaded[1] - {"__future__", "errno"} == {
        "jobtui", "jobtui.cli", "jobtui.cli.again", "jobtui.cli.main", "jobtui_core",
        "jobtui_core._version", "jobtui_core.project", "jobtui_core.project.tree.foldernames",
        "jobtui_core.project.kept", "jobtui_core.project.kept.lastlook",
        "jobtui_core.project.tree", "jobtui_core.regular",
    }  # fmt: skip


def test_a_full_disk_behind_the_output_is_told(root: Path, repository: dict[str, str]) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    for _ in range(2):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "jobtui", "status"],
                cwd=root, env=repository, stdout=full, stderr=subprocess.PIPE, encoding="utf-8",
            )  # fmt: skip
        assert done.stderr == "jobtui: No space left on device\n"
        assert done.returncode == 2
