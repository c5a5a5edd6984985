"""``jobtui accept``, ``accepted`` and ``unaccept`` on a real project."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime

import pexpect
import pytest

from jobtui.cli.candidates import candidates
from jobtui.cli.main import main
from tests.core.isolation import CHECKOUT, clean_environment

SCRIPT = """
from jobtui_core import default_param, make

window = default_param("window", 3)

@make
def trend(x, window):
    return 2 * x + window

print(trend(1, window))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose only step ran, and was edited since."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "jobtui.toml").write_text("")
    script = folder / "co2.py"
    script.write_text(SCRIPT)
    environment = clean_environment()
    del environment["JOBTUI_TRACE"]
    subprocess.run([sys.executable, str(script)], cwd=folder, env=environment, check=True)
    script.write_text(SCRIPT.replace("2 * x", "x * 2"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def jobtui(project, capsys):
    """Call the command line, and give the exit code and what it wrote."""

    def call(*words):
        code = main(words)
        written = capsys.readouterr()
        return code, written.out + written.err

    return call


def test_without_a_terminal_the_edit_is_shown_and_refused(jobtui):
    code, written = jobtui("accept", "trend")
    assert code == 2
    assert "-    return 2 * x + window" in written
    assert "+    return x * 2 + window" in written
    assert "jobtui accept trend --yes accepts the edit above" in written
    assert jobtui("accepted") == (0, "")


def test_yes_accepts_what_is_shown(jobtui):
    code, written = jobtui("accept", "trend", "--yes")
    assert code == 0
    assert "+    return x * 2 + window" in written
    assert "accepted: its stored result is used; jobtui unaccept trend takes it back" in written
    assert jobtui("status", "--fail-if-stale")[0] == 0
    assert "accepted: co2.trend" in jobtui("status", "co2.py")[1]


def test_why_tells_what_was_accepted_by_whom_and_when(jobtui):
    jobtui("accept", "trend", "--yes")
    written = jobtui("why", "trend")[1]
    assert written.startswith("≈ trend is fresh (accepted)")
    assert "  accepted: co2.trend, by " in written
    assert "    +    return x * 2 + window" in written


def test_what_remains_is_said_before_and_after(jobtui):
    code, written = jobtui("accept", "trend", "window=4", "--yes")
    assert code == 0
    assert "it would not be fresh even then:\n    window: 3 → 4" in written
    assert "accepted: it is not fresh yet" in written


def test_accepted_edits_are_listed(jobtui):
    jobtui("accept", "trend", "--yes")
    code, written = jobtui("accepted")
    assert (code, written.count("\n")) == (0, 1)
    assert written.startswith("co2.trend: co2.trend, by ")
    (alias,) = json.loads(jobtui("accepted", "--json")[1])
    assert alias["function"] == "co2:trend"
    assert alias["symbols"] == ["co2:trend"]
    assert "+    return x * 2 + window" in alias["diff"]
    assert alias["user"]
    assert alias["script"] == "co2.py"
    assert datetime.fromisoformat(alias["time"]).tzinfo is not None


def test_json_says_that_it_is_by_acceptance(jobtui):
    jobtui("accept", "trend", "--yes")
    (step,) = json.loads(jobtui("status", "--json")[1])["scripts"][0]["steps"]
    assert (step["verdict"], step["accepted"]) == ("fresh", True)
    (step,) = json.loads(jobtui("why", "trend", "--json")[1])
    assert step["acceptances"] == json.loads(jobtui("accepted", "--json")[1])


def test_taking_back_names_what_it_took_back(jobtui):
    jobtui("accept", "trend", "--yes")
    code, written = jobtui("unaccept", "trend")
    assert code == 0
    assert written.startswith("taken back: co2.trend: co2.trend, by ")
    assert jobtui("accepted") == (0, "")
    assert jobtui("status", "--fail-if-stale")[0] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("accept",), "needs the name of a step"),
        (("accept", "trent"), "did you mean 'trend'"),
        (("accept", "trend", "other.py"), "other.py"),
        (("unaccept",), "needs the name of a step"),
        (("unaccept", "trend"), "no edit of trend was accepted"),
        (("unaccept", "trent"), "did you mean 'trend'"),
    ],
)
def test_wrong_use_is_one_sentence(jobtui, words, says):
    code, written = jobtui(*words)
    assert code == 2
    assert says in written
    assert written.startswith("jobtui: ")
    assert written.count("\n") == 1


def test_what_cannot_be_accepted_says_the_way_out(jobtui, project):
    (project / "co2.py").write_text(SCRIPT.replace('"window", 3', '"window", 4'))
    code, written = jobtui("accept", "trend", "--yes")
    assert code == 2
    assert "jobtui run --only trend runs it" in written


def test_hostile_documents_do_nothing_to_the_terminal(jobtui, project):
    jobtui("accept", "trend", "--yes")
    (document,) = project.glob(".jobtui/cache/alias/*/*.json")
    data = json.loads(document.read_text())
    data |= {"user": "\x1b[31mroot\n", "host": "\u202e", "diff": "+\x1b]0;x\x07", "symbols": ["\r"]}
    document.unlink()
    document.write_text(json.dumps(data))
    for words in (("accepted",), ("why", "trend"), ("status", "co2.py")):
        written = jobtui(*words)[1]
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(written)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_it_asks(project, answer, code):
    environment = {**clean_environment(), "TERM": "xterm", "PYTHONPATH": str(CHECKOUT)}
    child = pexpect.spawn(
        sys.executable, ["-m", "jobtui", "accept", "trend"], env=environment, encoding="utf-8",
        timeout=30, dimensions=(40, 100),
    )  # fmt: skip
    child.expect("return x \\* 2")
    child.expect(r"make no difference to the result\? \[y/N\]")
    child.sendline(answer)
    child.expect("accepted: its stored" if code == 0 else "nothing was accepted")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code


def test_completion_offers_steps(project):
    assert candidates(["accept", "tr"]) == ["trend"]
    assert candidates(["unaccept", ""]) == ["trend"]
    assert candidates(["accept", "trend", ""]) == ["co2.py", "window="]
    assert "accepted" in candidates(["acc"])
