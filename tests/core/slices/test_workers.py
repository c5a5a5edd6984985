"""Calls of workers have their site where the function was handed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.slices.test_static_keys import look, sites

POOLS = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from functools import partial
from joblib import Parallel, delayed
"""

HANDED = {
    "executor map": "with ProcessPoolExecutor() as pool:\n    list(pool.map(fit, [1, 2]))",
    "threads": "with ThreadPoolExecutor(4) as pool:\n    list(pool.map(fit, [1, 2]))",
    "pool": "with multiprocessing.Pool(2) as pool:\n    pool.map(fit, [1, 2])",
    "spawned": "with multiprocessing.get_context('spawn').Pool(2) as p:\n    p.map(fit, [1, 2])",
    "partial": "with ProcessPoolExecutor() as pool:\n    pool.map(partial(fit), [1, 2])",
    "function": (
        "def go(x):\n    return fit(x)\nwith ProcessPoolExecutor() as pool:\n"
        "    pool.map(go, [1, 2])"
    ),
    "joblib": "Parallel(n_jobs=2)(delayed(fit)(k) for k in [1, 2])",
    "joblib manager": "with Parallel(n_jobs=2) as run:\n    run(delayed(fit)(k) for k in [1, 2])",
}


@pytest.mark.parametrize("case", HANDED)
def test_calls_of_workers_are_those_of_a_loop(tmp_path: Path, case: str) -> None:
    (plain,) = sites(look(tmp_path, "for k in [1, 2]:\n    fit(k)"))
    found = look(tmp_path, POOLS + HANDED[case])
    (one,) = sites(found)
    assert one.handed
    assert not one.unfollowed
    assert one.template == plain.template
    assert not any(declared.unfollowed for declared in found.functions)


def test_a_submitted_call_is_one_call(tmp_path: Path) -> None:
    text = POOLS + "with ProcessPoolExecutor() as pool:\n    pool.submit(fit, 3, alpha=0.5)"
    (one,), (plain,) = sites(look(tmp_path, text)), sites(look(tmp_path, "fit(3)"))
    assert one.template == plain.template
    assert one.handed
    assert not plain.handed


def test_results_of_workers_go_on(tmp_path: Path) -> None:
    text = "with ProcessPoolExecutor() as pool:\n    a = list(pool.map(cached, [1, 2]))\nfit(a)"
    (one,) = sites(look(tmp_path, POOLS + text))
    (two,) = sites(look(tmp_path, POOLS + text.replace("[1, 2]", "[2, 1]")))
    assert one.holes == (0,)
    assert one.template != two.template
    assert not one.unfollowed


DOUBTFUL = {
    "order of completion": (
        "with ProcessPoolExecutor() as pool:\n    fs = [pool.submit(cached, k) for k in [1, 2]]\n"
        "    fit([f.result() for f in as_completed(fs)])"
    ),
    "unordered": "fit(list(multiprocessing.Pool().imap_unordered(cached, [1, 2])))",
    "tasks for later": "ts = [delayed(fit)(k) for k in [1, 2]]\nParallel()(ts[:1])",
    "initialised": (
        "def begin():\n    pass\nwith ProcessPoolExecutor(initializer=begin) as pool:\n"
        "    fit(list(pool.map(cached, [1, 2])))"
    ),
    "asked for one by one": (
        "for r in multiprocessing.Pool().imap(fit, [1, 2]):\n    if r:\n        break"
    ),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_chance_among_workers_is_said(tmp_path: Path, case: str) -> None:
    found = look(tmp_path, POOLS + DOUBTFUL[case])
    declared = [one for one in found.functions if one.name == "fit"]
    assert all(site.unfollowed for site in sites(found)) or declared[0].unfollowed
    assert sites(found) or declared[0].unfollowed


@pytest.mark.parametrize(
    ("top", "inner", "known"),
    [
        ("n = 3", "", True),
        ("n = 3", "    n = 4\n", False),
        ("n = [3]", "    n.append(4)\n", False),
        ("if len(sys.argv) > 1:\n    n = 3\nelse:\n    n = 4", "", False),
    ],
)
def test_globals_that_a_worker_may_see_otherwise_are_said(
    tmp_path: Path, top: str, inner: str, known: bool
) -> None:
    text = (
        f"{POOLS}\n{top}\n@make\ndef scale(x):\n    return x * n\n"
        f"if __name__ == '__main__':\n{inner}    with ProcessPoolExecutor() as pool:\n"
        "        pool.map(scale, [1])"
    )
    (site,) = sites(look(tmp_path, text), "scale")
    assert bool(site.unfollowed) is not known
