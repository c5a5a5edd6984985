"""``run_script``: a script as ``__main__`` with other parameters."""

from __future__ import annotations

import sys

import pytest

from jobtui_core import Bunch, run_script
from jobtui_core.errors import ParameterError, ScriptError


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
    assert "co2.py took" in capsys.readouterr().err


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
