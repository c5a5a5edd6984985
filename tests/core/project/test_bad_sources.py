"""Sources as they come: broken, gone, in other encodings, enormous, shadowing, not even files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jobtui_core.project import discover

STEPS = """
from jobtui_core import make

@make
def load(name):
    return name
"""
CALL = "load('a')\n"


def problem(lab, name):
    """The problem of a script's row, and that no other row has one."""
    rows = {script.path: script for script in lab.status().scripts}
    others = [path for path, row in rows.items() if path != name and row.error is not None]
    assert others == []
    assert rows[name].error is not None, name
    return rows[name].error


@pytest.fixture
def good(empty):
    """A project with one script that is fine."""
    empty.write("good.py", STEPS + CALL)
    return empty


# -- that cannot be read as text -------------------------------------------------------------------


def test_a_script_that_is_no_utf_8_has_a_row_that_says_so(good):
    (good.root / "bad.py").write_bytes(STEPS.encode() + b"name = '\xe9t\xe9'\n" + CALL.encode())
    error = problem(good, "bad.py")
    assert "utf-8" in error.message
    assert error.line == 7
    assert [step.verdict.value for step in good.status("good").steps] == ["new"]


@pytest.mark.parametrize("cookie", ["klingon", "utf-8\xad"])
def test_a_script_with_an_unknown_encoding_has_a_row_that_says_so(good, cookie):
    text = f"# -*- coding: {cookie} -*-\n{STEPS}{CALL}"
    (good.root / "bad.py").write_bytes(text.encode("latin-1"))
    assert problem(good, "bad.py").message


def test_a_module_that_is_no_utf_8_is_named_by_the_script_that_imports_it(good):
    (good.root / "helper.py").write_bytes(b"NAME = '\xe9t\xe9'\n")
    good.write("bad.py", "import helper\n" + STEPS + "load(helper.NAME)\n")
    error = problem(good, "bad.py")
    assert error.path == "helper.py"
    assert "encoding" in error.message


def test_a_file_of_no_concern_that_is_no_utf_8_has_no_row(good):
    (good.root / "other.py").write_bytes(b"NAME = '\xe9t\xe9'\nprint(NAME)\n")
    (good.root / "data.py").write_bytes(bytes(range(256)))
    assert discover(good.project) == ("good.py",)


def test_a_script_that_ran_and_is_no_utf_8_now_has_a_row(good):
    good.run("good.py")
    (good.root / "good.py").write_bytes(b"# \xff\n" + STEPS.encode() + CALL.encode())
    assert "encoding" in problem(good, "good.py").message


def test_null_bytes_are_a_problem_with_words(good):
    good.write("bad.py", STEPS + "x = '\0'\n" + CALL)
    assert "null" in problem(good, "bad.py").message


def test_nesting_beyond_what_the_parser_takes_is_a_problem_with_words(good):
    good.write("bad.py", STEPS + "x = " + "(" * 5000 + ")" * 5000 + "\n" + CALL)
    assert problem(good, "bad.py").message


# -- that are written in another way ---------------------------------------------------------------


LATIN = "# -*- coding: latin-1 -*-\n" + STEPS + "load('été')\n"


PLAIN = STEPS + "load('été')\n"
WAYS = {
    "latin-1": LATIN.encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "old Mac line ends": PLAIN.replace("\n", "\r").encode(),
    "tabs": PLAIN.replace("    ", "\t").encode(),
    "form feeds": PLAIN.replace("@make", "\f\n@make").encode(),
    "no newline at the end": PLAIN.rstrip("\n").encode(),
    "one space of indentation": PLAIN.replace("    ", " ").encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_script_means_the_same_in_whatever_way_it_is_written(empty, way):
    data = WAYS[way]
    script = empty.write("a.py", STEPS + "load('été')\n")
    empty.run("a.py")
    assert empty.verdicts() == {"load": "fresh"}
    script.write_bytes(data)
    assert empty.verdicts() == {"load": "fresh"}
    script.write_bytes(data.replace(b"return name", b"return [name]"))
    assert empty.verdicts() == {"load": "stale"}


# -- that are gone, linked or made by a program ----------------------------------------------------


def test_a_deleted_helper_makes_what_used_it_stale_or_a_problem(lab):
    lab.run()
    (lab.root / "helpers.py").unlink()
    (script,) = lab.status().scripts
    verdicts = {step.name: step.verdict.value for step in script.steps}
    assert verdicts["read"] == "fresh"
    assert verdicts["trend"] in ("stale", "unsure")


def test_a_deleted_script_has_no_row_and_comes_back_fresh(lab):
    lab.run()
    text = (lab.root / "co2.py").read_text()
    (lab.root / "co2.py").unlink()
    assert lab.status().scripts == ()
    (lab.root / "co2.py").write_text(text)
    assert set(lab.verdicts().values()) == {"fresh"}


def test_a_helper_that_a_program_makes_counts_once_it_is_there(lab):
    helper = lab.root / "helpers.py"
    text = helper.read_text()
    lab.run()
    helper.unlink()
    assert lab.verdicts()["trend"] != "fresh"
    helper.write_text("# made by a program\n" + text)
    assert set(lab.verdicts().values()) == {"fresh"}


def test_a_linked_helper_is_read_where_the_link_leads(lab, tmp_path):
    lab.run()
    helper = lab.root / "helpers.py"
    elsewhere = tmp_path / "elsewhere.py"
    helper.rename(elsewhere)
    helper.symlink_to(elsewhere)
    assert set(lab.verdicts().values()) == {"fresh"}
    elsewhere.write_text(elsewhere.read_text().replace("SCALE = 3", "SCALE = 4"))
    assert lab.verdicts()["trend"] == "stale"


def test_a_dangling_link_and_one_to_itself_are_no_scripts(good):
    (good.root / "dangling.py").symlink_to(good.root / "nowhere.py")
    (good.root / "circle.py").symlink_to(good.root / "circle.py")
    (good.root / "loop").symlink_to(good.root, target_is_directory=True)
    assert discover(good.project) == ("good.py",)


def test_a_script_linked_into_the_project_is_a_script(good, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text(STEPS + CALL)
    (good.root / "linked.py").symlink_to(outside)
    assert discover(good.project) == ("good.py", "linked.py")


# -- that are no files -----------------------------------------------------------------------------


@pytest.mark.timeout(20)
def test_pipes_devices_and_folders_called_like_sources_hold_nobody_up(good):
    os.mkfifo(good.root / "pipe.py")
    (good.root / "folder.py").mkdir()
    (good.root / "endless.py").symlink_to("/dev/zero")
    (good.root / "null.py").symlink_to("/dev/null")
    good.write("user.py", "import pipe, folder, endless, null\n" + STEPS + CALL)
    rows = {script.path: script.error for script in good.status().scripts}
    assert list(rows) == ["good.py", "user.py"]
    assert rows["good.py"] is None


@pytest.mark.timeout(20)
def test_a_source_that_becomes_a_pipe_or_a_folder_is_named(lab):
    lab.run()
    helper = lab.root / "helpers.py"
    for change in (os.mkfifo, Path.mkdir):
        helper.unlink()
        change(helper)
        assert lab.verdicts()["trend"] != "fresh"
        (helper.unlink if helper.is_fifo() else helper.rmdir)()
        helper.write_text("SCALE = 3\n")


@pytest.mark.timeout(20)
def test_a_file_that_is_replaced_during_the_look_is_no_error(lab, monkeypatch):
    """Between the listing and the reading, the helper becomes a folder, and then a pipe."""
    from jobtui_core.project.tree import texts

    lab.run()
    read = texts.read_source
    for change in (Path.mkdir, os.mkfifo):

        def replaced(path, file, change=change):
            if path.name == "helpers.py" and path.is_file():
                path.unlink()
                change(path)
            return read(path, file)

        monkeypatch.setattr(texts, "read_source", replaced)
        lab.edit("helpers.py", "SCALE", "SCALE")
        os.utime(lab.root / "helpers.py", ns=(1, 1))
        assert lab.verdicts()["trend"] != "fresh"
        monkeypatch.setattr(texts, "read_source", read)
        helper = lab.root / "helpers.py"
        (helper.unlink if helper.is_fifo() else helper.rmdir)()
        helper.write_text("SCALE = 3\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_script_that_nobody_may_read_is_named_once_it_ran(lab):
    lab.run()
    (lab.root / "co2.py").chmod(0)
    assert "denied" in problem(lab, "co2.py").message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_nobody_may_enter_hides_only_itself(good):
    hidden = good.root / "hidden"
    good.write("hidden/a.py", STEPS + CALL)
    hidden.chmod(0)
    try:
        assert discover(good.project) == ("good.py",)
    finally:
        hidden.chmod(0o755)


# -- that are long, or called like something else --------------------------------------------------


def test_a_script_of_50_000_lines_takes_seconds_at_most(empty):
    lines = [f"x{number} = {number}" for number in range(30_000)]
    functions = [f"def f{number}(x):\n    return x + {number}" for number in range(10_000)]
    text = STEPS + "\n".join(["def used(x):\n    return x", *functions, *lines])
    assert text.count("\n") > 50_000 - 10
    empty.write("long.py", text + "\nload(f9(x29_999 if False else x3))\n")
    began = time.process_time()
    assert empty.verdicts() == {"load": "new"}
    assert time.process_time() - began < 20


@pytest.mark.parametrize("name", ["random", "types", "json", "string"])
def test_a_module_called_like_one_of_the_standard_library_is_the_projects(empty, name):
    """The script's folder comes first on the path, as it does for Python."""
    empty.write(f"{name}.py", "def shift(x):\n    return x + 1\n")
    empty.write(
        "a.py",
        f"""
        from jobtui_core import make
        import {name}

        @make
        def fit(x):
            return {name}.shift(x)

        fit(1)
        """,
    )
    empty.run("a.py")
    assert empty.verdicts() == {"fit": "fresh"}
    empty.edit(f"{name}.py", "x + 1", "x + 2")
    assert empty.verdicts() == {"fit": "stale"}


def test_two_scripts_with_functions_of_one_name_have_a_row_each(empty):
    for name in ("one", "two"):
        empty.write(f"{name}.py", STEPS + CALL)
        empty.run(f"{name}.py")
    assert [(row.script, row.verdict.value) for row in empty.status().steps] == [
        ("one.py", "fresh"), ("two.py", "fresh")
    ]  # fmt: skip
    empty.edit("two.py", "return name", "return [name]")
    assert [row.verdict.value for row in empty.status().steps] == ["fresh", "stale"]
