"""Edits between runs of a script: what matters is computed again, what cannot is not."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.core.isolation import clean_environment

SCRIPT = """
from jobtui_core import Memory, make
from helpers import scale

@{decorator}
def total(items):
    # adds up
    print("ran")
    return scale(sum(items))

print(total([1, 2]))
"""

HELPERS = """
FACTOR = 2

def scale(x):
    return FACTOR * x

def unrelated():
    return 1
"""


@pytest.fixture(params=["make", "Memory('cache').cache"])
def script(tmp_path, request):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(decorator=request.param))
    (tmp_path / "helpers.py").write_text(HELPERS)
    return path


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_edited_helper_makes_it_run_and_undoing_is_a_hit(script, run, tmp_path):
    assert run() == ["ran", "6"]
    assert run() == ["6"]
    edit(tmp_path / "helpers.py", "FACTOR * x", "FACTOR * x + 1")
    assert run() == ["ran", "7"]
    edit(tmp_path / "helpers.py", "FACTOR * x + 1", "FACTOR * x")
    assert run() == ["6"]


def test_an_edited_constant_of_a_helper_makes_it_run(script, run, tmp_path):
    run()
    edit(tmp_path / "helpers.py", "FACTOR = 2", "FACTOR = 10")
    assert run() == ["ran", "30"]


def test_comments_formatting_and_unrelated_code_do_not(script, run, tmp_path):
    run()
    edit(script, "# adds up", '"""Adds up."""\n\n')
    edit(script, "total(items):", "total(\n    items,\n):")
    edit(tmp_path / "helpers.py", "return 1", "return 2")
    assert run() == ["6"]


def test_running_importing_and_another_folder_share_results(script, run, tmp_path):
    run()
    (tmp_path / "other.py").write_text("import script\n")
    assert run("other.py", JOBTUI_ROOT=str(tmp_path)) == ["6"]


def test_a_parameter_counts_where_the_function_reads_it(run, tmp_path):
    (tmp_path / "script.py").write_text(
        "from jobtui_core import default_param, make\n"
        "level = default_param('level', 1)\n"
        "@make\ndef f():\n    print('ran')\n    return level\n"
        "print(f())\n"
    )
    told = {"JOBTUI_SCRIPT": str(tmp_path / "script.py")}
    assert run() == ["ran", "1"]
    assert run(JOBTUI_PARAMS='{"level": 2}', **told) == ["ran", "2"]
    assert run() == ["1"]
    assert run(JOBTUI_PARAMS='{"level": 2}', **told) == ["2"]


def test_saving_the_file_while_it_runs_neither_relabels_nor_recomputes(run, tmp_path):
    text = (
        "from pathlib import Path\nfrom jobtui_core import make\n"
        "@make\ndef f(x):\n    print('ran')\n    return x + 1\n"
        "{edit}print(f(1))\n"
    )
    file = tmp_path / "script.py"
    plain = text.format(edit="")
    file.write_text(
        text.format(
            edit="Path(__file__).write_text(Path(__file__).read_text().replace('x + 1', 'x + 5'))\n"
        )
    )
    assert run() == ["ran", "2"]
    # The new text was never run, and the old one is known.
    file.write_text(plain.replace("x + 1", "x + 5"))
    assert run() == ["ran", "6"]
    file.write_text(plain)
    assert run() == ["2"]


def test_code_that_is_not_its_source_runs_uncached(run, tmp_path):
    (tmp_path / "script.py").write_text(
        "from jobtui_core import make\n"
        "def f():\n    print('ran')\n    return 1\n"
        "other = (lambda: print('other') or 2).__code__\n"
        "f.__code__ = other.replace(co_name='f', co_qualname='f')\n"
        "f = make(f)\nprint(f())\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "script.py"],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout.split() == ["other", "2"]
        assert done.stderr.count("runs uncached") == 1


def test_two_processes_at_once_get_the_right_value(tmp_path):
    (tmp_path / "script.py").write_text(
        "import sys\nfrom jobtui_core import JsonFile, make\n"
        "@make(output=JsonFile('out-{n}.json'))\n"
        "def f(n):\n    return [n] * 1000\n"
        "sys.stdin.readline()\n"
        "print(all(f(n) == [n] * 1000 for n in range(20)))\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "script.py"],
            cwd=tmp_path,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0].strip() for process in started] == ["True"] * 2
    assert json.loads((tmp_path / "out-19.json").read_text()) == [19] * 1000
    assert len(list(tmp_path.glob("*.json"))) == 20


def test_spawned_workers_share_the_store(run, tmp_path):
    (tmp_path / "script.py").write_text(
        "import multiprocessing\nfrom jobtui_core import make\n"
        "@make\ndef f(n):\n    print('ran', flush=True)\n    return n\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(sum(pool.map(f, [1, 2])), flush=True)\n"
        "    print(f(1) + f(2), flush=True)\n"
    )
    assert run() == ["ran", "ran", "3", "3"]


def test_functions_from_the_command_line_are_cached_by_their_code(tmp_path):
    code = (
        "from jobtui_core import Memory\n"
        "f = Memory('cache').cache(lambda x: print('ran') or x + 1)\nprint(f(1))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", text],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.split()
        for text in (code, code, code.replace("x + 1", "x + 2"))
    ]
    assert printed == [["ran", "2"], ["2"], ["ran", "3"]]


def test_functions_of_a_script_are_sent_to_lokys_workers(run, tmp_path):
    pytest.importorskip("joblib")
    (tmp_path / "script.py").write_text(
        "import joblib\n"
        "from jobtui_core import Memory, make\n"
        "memory = Memory('cache', verbose=0)\n"
        "FACTOR = 3\n"
        "def helper(x):\n"
        "    return x * FACTOR\n"
        "@make\n"
        "def step(x):\n"
        "    print('step\\n', end='')\n"
        "    return helper(x)\n"
        "@memory.cache\n"
        "def cached(x):\n"
        "    print('cached\\n', end='')\n"
        "    return helper(x) + 1\n"
        "if __name__ == '__main__':\n"
        "    with joblib.Parallel(n_jobs=2, backend='loky') as pool:\n"
        "        print(sum(pool(joblib.delayed(step)(x) for x in (1, 2))))\n"
        "        print(sum(pool(joblib.delayed(cached)(x) for x in (1, 2))))\n"
        "    print(step(2), cached(2))\n"
    )
    assert sorted(run()) == ["11", "6", "7", "9", "cached", "cached", "step", "step"]
    assert sorted(run()) == ["11", "6", "7", "9"]
