"""Scripts whose steps are called by workers, really run: the verdicts rest on all their calls."""

from __future__ import annotations

import os

import pytest

from jobtui_core.project import open_project, status

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

HEAD = """
import multiprocessing
from concurrent.futures import ThreadPoolExecutor

@make
def total(xs):
    return sum(xs)

"""


def verdicts(project) -> dict[str, str]:
    scripts = status(open_project(project.root)).scripts
    return {step.name: step.verdict.value for script in scripts for step in script.steps}


FOLLOWED = {
    "threads": "with ThreadPoolExecutor(2) as p:\n    print(total(list(p.map(double, [1, 2, 3]))))",
    "forked before the first call": (
        "with multiprocessing.get_context('fork').Pool(2) as p:\n"
        "    print(total(p.map(double, [1, 2, 3])))"
    ),
    "spawned before the first call": (
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as p:\n"
        "        print(total(p.map(double, [1, 2, 3])))"
    ),
    "of loky before the first call": (
        "import joblib\nif __name__ == '__main__':\n"
        "    with joblib.Parallel(n_jobs=2) as p:\n"
        "        print(total(p(joblib.delayed(double)(x) for x in [1, 2, 3])))"
    ),
    "forked from behind other calls": (
        "print(double(9))\nwith multiprocessing.get_context('fork').Pool(2) as p:\n"
        "    print(total(p.map(double, [1, 2, 3])))"
    ),
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_workers_calls_make_a_step_fresh(project, case) -> None:
    script = project.script(HEAD + FOLLOWED[case])
    assert project.run().returncode == 0
    assert len(project.run_folders()) == 1
    assert verdicts(project) == {"double": "fresh", "total": "fresh"}
    script.write_text(script.read_text().replace("2 * x", "3 * x"))
    assert verdicts(project) == {"double": "stale", "total": "unsure"}


UNSURE = {
    "handed over in two places": (
        "with ThreadPoolExecutor(2) as p:\n    a, b = p.submit(double, 1), p.submit(double, 2)\n"
        "    print(total([a.result(), b.result()]))"
    ),
}


@pytest.mark.parametrize("case", UNSURE)
def test_calls_that_cannot_be_told_apart_are_no_evidence(project, case) -> None:
    project.script(HEAD + UNSURE[case])
    assert project.run().returncode == 0
    assert verdicts(project)["double"] == "unsure"
    assert verdicts(project)["total"] == "unsure"


def test_runs_of_one_script_at_once_do_not_mix(project) -> None:
    project.script("import sys\nprint(double(int(sys.argv[1])))")
    import subprocess
    import sys

    started = [
        subprocess.Popen(
            [sys.executable, "script.py", str(number)],
            cwd=project.root,
            env=project.environment(),
            stdout=subprocess.DEVNULL,
        )
        for number in range(3)
    ]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    scripts = open_project(project.root)
    for number, verdict in [("0", "fresh"), ("1", "fresh"), ("2", "fresh"), ("3", "stale")]:
        (script,) = status(scripts, argv=[number]).scripts
        assert [step.verdict.value for step in script.steps] == [verdict]
