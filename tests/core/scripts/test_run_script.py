"""``run_script``: a script as ``__main__`` with other parameters."""

from __future__ import annotations

import json
import os
import sys

import pytest

from jobtui_core import Bunch, run_script
from jobtui_core.errors import ParameterError, ScriptError
from jobtui_core.project import open_project, run_detail, run_to_json
from tests.core.project.test_end_to_end import Folder


@pytest.fixture(autouse=True)
def _no_run_around(monkeypatch):
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            monkeypatch.delenv(name)


@pytest.fixture
def script(tmp_path):
    def write(text, name="co2.py"):
        path = tmp_path / name
        path.write_text("from jobtui_core import default_param, run_script\n" + text)
        return path

    return write


def test_its_names_come_back_as_a_bunch(script):
    result = run_script(script("window = default_param('window', 52)\ntwice = 2 * window\n"))
    assert isinstance(result, Bunch)
    assert result.twice == result["twice"] == 104
    assert "__name__" not in result


def test_parameters_take_the_place_of_defaults(script):
    assert run_script(script("window = default_param('window', 52)\n"), window=26).window == 26


def test_any_object_may_be_a_parameter(script):
    thing = object()
    assert run_script(script("p = default_param('p', None)\n"), p=thing).p is thing


def test_it_is_main_while_it_runs_and_the_old_main_is_back_after(script):
    main, argv, path = sys.modules["__main__"], sys.argv, list(sys.path)
    file = script(
        "import sys\nname = __name__\nfile = __file__\nargv = list(sys.argv)\nfirst = sys.path[0]\n"
        "own = sys.modules['__main__'].__dict__ is globals()\n"
    )
    result = run_script(file)
    assert (result.name, result.file, result.argv) == ("__main__", str(file), [str(file)])
    assert result.first == str(file.parent)
    assert result.own
    assert sys.modules["__main__"] is main
    assert sys.argv is argv
    assert sys.path == path


def test_everything_is_put_back_when_it_raises(script, capsys):
    main, argv = sys.modules["__main__"], sys.argv
    with pytest.raises(ZeroDivisionError):
        run_script(script("1 / 0\n"))
    assert sys.modules["__main__"] is main
    assert sys.argv is argv
    assert "co2.py failed after" in capsys.readouterr().err


def test_the_time_it_took_is_said_on_stderr(script, capsys):
    run_script(script("window = default_param('window', 52)\nprint('own')\n"), window=26)
    out, err = capsys.readouterr()
    assert out == "own\n"
    assert err.startswith("run_script: co2.py window=26 took ")


def test_parameters_reach_only_their_own_script(script):
    script("window = default_param('window', 52)\n", "inner.py")
    outer = script(
        "import os\nwindow = default_param('window', 52)\n"
        "inner = run_script(os.path.join(os.path.dirname(__file__), 'inner.py')).window\n"
        "given = run_script(os.path.join(os.path.dirname(__file__), 'inner.py'),"
        " window=13).window\n"
        "again = default_param('window', 52)\n"
    )
    result = run_script(outer, window=26)
    assert (result.window, result.inner, result.given, result.again) == (26, 52, 13, 26)


def test_an_unknown_parameter_is_refused_before_anything_runs(script, tmp_path):
    file = script(f"open({str(tmp_path / 'ran')!r}, 'w').close()\ndefault_param('window', 52)\n")
    with pytest.raises(
        ParameterError, match=r"co2\.py has no parameter 'windwo'; did you mean 'window'"
    ):
        run_script(file, windwo=26)
    assert not (tmp_path / "ran").exists()


def test_a_parameter_of_an_imported_module_is_known(script, tmp_path):
    (tmp_path / "rs_settings.py").write_text(
        "from jobtui_core import default_param as p\nlevel = p('level', 1)\n"
    )
    try:
        assert run_script(script("from rs_settings import level\n"), level=3).level == 3
    finally:
        sys.modules.pop("rs_settings", None)


def test_a_computed_name_is_checked_after_the_run(script):
    file = script("for name in ('alpha', 'beta'):\n    default_param(name, 1)\n")
    assert run_script(file, beta=2)
    with pytest.raises(ParameterError, match="did you mean 'beta'"):
        run_script(file, betta=2)


def test_a_parameter_on_a_branch_not_taken_is_no_error(script):
    file = script("if default_param('fast', True):\n    pass\nelse:\n    default_param('n', 1)\n")
    run_script(file, n=2)


def test_sys_exit_without_an_error_ends_the_script_alone(script):
    assert run_script(script("x = 1\nimport sys\nsys.exit()\n")).x == 1
    with pytest.raises(SystemExit):
        run_script(script("import sys\nsys.exit(3)\n"))


def test_functions_of_the_script_live_on(script):
    result = run_script(script("base = 3\ndef f(x):\n    return base + x\n"))
    assert result.f(4) == 7


def test_a_script_that_cannot_be_read_says_where(script, tmp_path):
    with pytest.raises(ScriptError) as caught:
        run_script(script("def f(:\n"))
    assert caught.value.line == 2
    with pytest.raises(ScriptError, match=r"missing\.py"):
        run_script(tmp_path / "missing.py")


def test_a_bunch_is_a_dict_with_attributes():
    bunch = Bunch(a=1)
    bunch.b = 2
    assert bunch == {"a": 1, "b": 2}
    assert {"a", "b"} <= set(dir(bunch))
    del bunch.a
    with pytest.raises(AttributeError, match="'a'"):
        bunch.a  # noqa: B018
    with pytest.raises(AttributeError):
        del bunch.a


def test_a_relative_path_is_one_from_the_working_directory(script, tmp_path, monkeypatch):
    inner = script("n = 1\n")
    monkeypatch.chdir(tmp_path)
    assert run_script(inner.name).n == 1
    with pytest.raises(ScriptError, match=r"nothing\.py"):
        run_script("nothing.py")


def test_a_script_may_run_itself_with_other_values(tmp_path):
    path = tmp_path / "countdown.py"
    path.write_text(
        "from jobtui_core import default_param, run_script\n"
        "n = default_param('n', 0)\n"
        "total = n + (run_script(__file__, n=n - 1).total if n else 0)\n"
    )
    assert run_script(path, n=4).total == 10


def test_a_wrong_value_is_refused_before_anything_runs(tmp_path):
    path = tmp_path / "inner.py"
    path.write_text(
        "from pathlib import Path\nfrom jobtui_core import default_param\n"
        f"Path({str(tmp_path / 'ran')!r}).touch()\n"
        "n = default_param('n', 1)\n"
    )
    with pytest.raises(ParameterError) as caught:
        run_script(path, n="many")
    sentence = "inner.py, line 4: parameter 'n' must be a whole number, not 'many'"
    assert str(caught.value) == sentence
    assert not (tmp_path / "ran").exists()


def test_an_error_comes_with_the_inner_scripts_own_lines(tmp_path, capsys):
    path = tmp_path / "inner.py"
    path.write_text("def divide(n):\n    return 1 / n\n\ndivide(0)\n")
    with pytest.raises(ZeroDivisionError) as caught:
        run_script(path)
    places = [(frame.path.name, frame.lineno + 1) for frame in caught.traceback][-2:]
    assert places == [("inner.py", 4), ("inner.py", 2)]
    assert "run_script: inner.py failed after" in capsys.readouterr().err


OUTER = """
from jobtui_core import default_param, make, run_script

window = default_param("window", 52)

@make
def study(n):
    return run_script("inner.py", window=n).result

print(study(7), run_script("inner.py", window=9).result)
try:
    run_script("failing.py")
except ValueError:
    pass
"""
INNER = """
from jobtui_core import default_param, make, run_script

window = default_param("window", 1)
level = default_param("level", "low")

@make
def fit(window):
    return 2 * window

result = fit(window)
run_script("innermost.py")
"""
INNERMOST = """
from jobtui_core import default_param

token = default_param("api_token", "hush")
"""


def test_the_trace_tells_which_scripts_ran_with_which_parameters_and_how_long(tmp_path):
    folder = Folder(tmp_path / "project")
    folder.write("outer.py", OUTER)
    folder.write("inner.py", INNER)
    folder.write("innermost.py", INNERMOST)
    folder.write("failing.py", "raise ValueError('no')\n")
    assert folder.run("outer.py").split() == ["14", "18"]
    project = open_project(folder.root)
    detail = run_detail(project, "last")
    assert [one.name for one in detail.parameters] == ["window"]
    assert detail.parameters[0].value == 52
    scripts = {one.id: one for one in detail.scripts}
    first, second, third, fourth, failing = detail.scripts
    names = [one.script for one in detail.scripts]
    assert names == ["inner.py", "innermost.py", "inner.py", "innermost.py", "failing.py"]
    assert [dict(one.parameters) for one in (first, third)] == [{"window": 7}, {"window": 9}]
    assert dict(first.values) == {"window": 7, "level": "low"}
    assert (first.within, scripts[second.within], scripts[fourth.within]) == (None, first, third)
    assert dict(second.values) == {"api_token": "<hidden>"}
    (study,) = (call.id for call in detail.calls if call.name == "study")
    assert (first.call, third.call) == (study, None)
    assert failing.error == "ValueError: no"
    assert all(one.duration is not None and one.duration >= 0 for one in detail.scripts)
    data = run_to_json(detail.info, detail.calls, None, detail.scripts)
    assert data["scripts"][0]["parameters"] == {"window": 7}
    assert "hush" not in json.dumps(data)


def test_scripts_that_end_before_the_run_begins_are_told_too(tmp_path):
    folder = Folder(tmp_path / "project")
    folder.write("innermost.py", INNERMOST)
    folder.write(
        "outer.py",
        """
        from jobtui_core import make, run_script
        run_script("innermost.py")

        @make
        def step():
            return 1

        step()
        """,
    )
    folder.run("outer.py")
    (one,) = run_detail(open_project(folder.root), "last").scripts
    assert one.script == "innermost.py"
