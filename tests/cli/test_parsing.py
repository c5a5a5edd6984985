"""Words on the command line: what they mean, and what is said when they mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import jobtui_core.project
from jobtui.cli import main
from jobtui.cli.catalogue import COMMANDS
from jobtui.cli.parser import UsageError, parse
from jobtui.cli.words import split_argv


def command(name):
    return next(each for each in COMMANDS if each.name == name)


def test_words_after_two_dashes_are_for_the_scripts():
    assert split_argv(["co2.py", "--", "--fast", "--", "x"]) == (["co2.py"], ("--fast", "--", "x"))


def test_two_bare_dashes_mean_no_words_and_none_means_those_of_the_newest_run():
    assert split_argv(["co2.py", "--"]) == (["co2.py"], ())
    assert split_argv(["co2.py"]) == (["co2.py"], None)


def test_options_and_words_stand_in_any_order():
    options = parse(command("run"), ["co2.py", "-j", "2", "window=26", "--only", "trend", "b.py"])
    assert options.words == ["co2.py", "window=26", "b.py"]
    assert (options.jobs, options.only) == (2, "trend")


def test_recompute_may_be_given_twice():
    options = parse(command("run"), ["--recompute", "a", "--recompute", "b"])
    assert options.recompute == ["a", "b"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_jobs_must_be_a_number_above_zero(number):
    with pytest.raises(UsageError, match=r"not a number above 0|expected one argument"):
        parse(command("run"), ["-j", number])


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(UsageError, match=r"no option --onyl; did you mean --only\?"):
        parse(command("run"), ["--onyl", "trend"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["statsu"], "did you mean jobtui status?"),
        (["statsu", "x"], "did you mean jobtui status?"),
        (["nowhere/at/all"], "neither a command nor a folder"),
        (["--bogus"], "jobtui has no option --bogus"),
        (["why"], "needs the name of a step"),
        (["log", "--", "x"], "takes no words after --"),
        (["demo", "a", "b"], "takes one word, not 2"),
        (["completion", "bsh"], "did you mean 'bash'?"),
    ],
)
def test_wrong_use_is_one_sentence_on_stderr_and_exit_code_2(words, said, capsys):
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("jobtui: ")


def test_an_unknown_script_exits_with_2_and_names_the_nearest(facade, capsys):
    assert main(["status", "c02.py"]) == 2
    assert "did you mean 'co2.py'?" in capsys.readouterr().err


def test_a_word_with_an_identifier_before_the_equals_sign_is_a_value(facade):
    assert main(["status", "co2.py", "window=26", "--", "--fast"]) == 0
    assert facade.asked == {
        "scripts": ("co2.py",),
        "overrides": {"window": 26},
        "argv": ("--fast",),
    }


def test_an_existing_file_is_a_script_even_with_an_equals_sign(facade, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a=b.py").touch()
    assert main(["status", "a=b.py"]) == 2
    assert main(["status", "window=1"]) == 0


@pytest.mark.parametrize("name", [each.name for each in COMMANDS])
def test_every_command_explains_itself_with_examples_and_exit_codes(name, capsys):
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: jobtui {name}")
    assert "examples:" in text
    assert "exit codes:" in text
    for option in command(name).options:
        assert option.flags[-1] in text


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for each in COMMANDS:
        assert f"  {each.name}" in text
        assert each.summary in text
    assert "exit codes:" in text


def test_help_is_found_by_its_name_too(capsys):
    assert main(["help"]) == main(["--help"]) == 0
    text = capsys.readouterr().out
    assert text[: len(text) // 2] == text[len(text) // 2 :]
    assert main(["help", "plan"]) == 0
    assert capsys.readouterr().out.startswith("usage: jobtui plan")


def test_help_after_two_dashes_is_the_scripts_own(facade):
    assert main(["status", "--", "--help"]) == 0
    assert facade.asked["argv"] == ("--help",)


def test_the_version_is_printed(capsys):
    from jobtui_core import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"jobtui {__version__}\n"


def test_without_a_terminal_the_app_refuses_and_says_what_works(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "jobtui status" in capsys.readouterr().err


def test_a_folder_that_cannot_be_read_is_one_sentence(facade, monkeypatch, capsys):
    def refuse(path="."):
        raise PermissionError(13, "Permission denied", "/project/.jobtui")

    monkeypatch.setitem(vars(jobtui_core.project), "open_project", refuse)
    assert main(["status"]) == 2
    assert capsys.readouterr().err == "jobtui: /project/.jobtui: Permission denied\n"


def test_a_script_in_the_place_of_a_folder_is_met_with_the_command_for_it(tmp_path, capsys):
    script = tmp_path / "co2.py"
    script.touch()
    assert main([str(script)]) == 2
    assert f"jobtui run {script}" in capsys.readouterr().err
