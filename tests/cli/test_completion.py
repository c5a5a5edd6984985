"""What the shells offer, and that their scripts are scripts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

import jobtui_core.project
from jobtui.cli import main
from jobtui.cli.candidates import candidates
from jobtui.cli.catalogue import COMMANDS


def test_the_first_word_is_a_command():
    assert candidates(["st"]) == ["status"]
    assert candidates([""])[: len(COMMANDS)] == [command.name for command in COMMANDS]


def test_options_are_those_of_the_command():
    assert candidates(["status", "--"]) == ["--params", "--json", "--fail-if-stale", "--help"]
    assert candidates(["run", "-j"]) == ["-j"]


def test_words_are_scripts_and_parameters(facade):
    assert candidates(["run", ""]) == ["co2.py", "broken.py", "window=", "span="]
    assert candidates(["run", "co2.py", "win"]) == ["window="]


def test_steps_are_offered_where_a_step_is_expected(facade):
    assert candidates(["run", "--only", ""]) == ["read", "trend", "figure"]
    assert candidates(["why", "t"]) == ["trend"]
    assert candidates(["why", "trend", "b"]) == ["broken.py"]


def test_runs_and_steps_are_offered_for_logs(facade, monkeypatch):
    known = (SimpleNamespace(id="2026-11-22T10-14-05-ab12"),)
    monkeypatch.setitem(vars(jobtui_core.project), "runs", lambda project, limit=None: known)
    assert candidates(["log", ""]) == ["2026-11-22T10-14-05-ab12", "read", "trend", "figure"]


def test_nothing_is_offered_where_anything_may_stand(facade):
    assert candidates(["run", "--", ""]) == []
    assert candidates(["run", "-j", ""]) == []
    assert candidates(["nonsense", ""]) == []


def test_a_broken_project_offers_nothing_and_complains_about_nothing(monkeypatch, capsys):
    def refuse(path="."):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setitem(vars(jobtui_core.project), "open_project", refuse)
    assert main(["__complete", "run", ""]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_accepts_its_script(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "jobtui __complete" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("jobtui sta", "status"),
        ("jobtui status --fail", "--fail-if-stale"),
        ("jobtui completion z", "zsh"),
    ],
)
def test_bash_completes_a_line(line, offered, tmp_path, capsys, repository):
    main(["completion", "bash"])
    (tmp_path / "completion.bash").write_text(capsys.readouterr().out)
    program = f"""
    jobtui() {{ "{sys.executable}" -m jobtui "$@"; }}
    source "{tmp_path}/completion.bash"
    COMP_LINE="{line}" COMP_POINT={len(line)} _jobtui
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, env=repository, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == (f"{offered}\n", "")
