"""Calls are attributed to the places in the script that made them."""

from __future__ import annotations

import json
import sys

import pytest

from jobtui_core.slices import Analysis
from jobtui_core.stores import open_store


def sites(project, body: str, *words: str, extra: str = "") -> list[tuple[str, int | None]]:
    """Run a script and give (argument text, line) of each call's site."""
    project.script(body)
    done = project.run(*words, "script.py")
    assert done.returncode == 0, done.stderr
    trace = project.trace()
    assert trace.warnings == ()
    analysis = analysis_of(project, trace.analyses[0].digest)
    found = []
    for call in trace.calls:
        assert call.analysis == analysis.digest
        if call.site is None:
            found.append(None)
        else:
            site = analysis.sites[call.site]
            assert site.function == call.function
            found.append(site.arguments["x"]["text"])
    return found


def analysis_of(project, digest: str) -> Analysis:
    data = open_store(".jobtui/cache", project.root).read(f"code/{digest}.json")
    assert data is not None
    return Analysis.from_json(json.loads(data))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("double(1)\ndouble(2)", ["1", "2"]),
        ("double(1); double(2)", ["1", "2"]),
        ("double(double(3))", ["3", "double(3)"]),
        ("a, b = double(1), double(2)", ["1", "2"]),
        ("for i in range(2):\n    double(i)", ["i", "i"]),
        ("[double(i) for i in range(2)]", ["i", "i"]),
        ("sum(double(i) for i in range(2))", ["i", "i"]),
        ("{i: double(i) for i in [1]}", ["i"]),
        ("def main():\n    double(5)\nmain()", ["5"]),
        ("def main():\n    double(5)\nif __name__ == '__main__':\n    main()", ["5"]),
        ("def f(n):\n    return double(n)\nf(1)\nf(2)", ["n", "n"]),
        ("x = (double\n   (\n 1\n))", ["1"]),
        ("def total(xs):\n    return sum(xs)\ntotal(double(i) for i in [1])", ["i"]),
        ("x = [double(a) for b in [[1], [2]] for a in b]", ["a", "a"]),
        ("x = [[double(a) for a in b] for b in [[1], [2]]]", ["a", "a"]),
        ("list(map(double, [1, 2]))", ["…", "…"]),
        ("for r in map(double, [1, 2]):\n    print(r)", ["…", "…"]),
        ("sum(map(lambda k: double(k), [1, 2]))", ["k", "k"]),
        ("for r in (double(k) for k in [1, 2]):\n    print(r)", ["k", "k"]),
        ("from functools import partial\nf = partial(double, 1)\nf()", ["1"]),
        ("table = {'a': double}\nfor name, f in table.items():\n    f(len(name))", ["len(name)"]),
        ("def apply(f, x):\n    return f(x)\napply(double, 1)", ["x"]),
        ("def go(ks):\n    for k in ks:\n        yield double(k)\nlist(go([1, 2]))", ["k", "k"]),
        (
            (
                "def go(ks):\n    for k in ks:\n        yield double(k)\n"
                "for r in go([1, 2]):\n    double(r)"
            ),
            ["k", "r", "k", "r"],
        ),
        ("import asyncio\nasync def main():\n    double(1)\nasyncio.run(main())", ["1"]),
        (
            (
                "import asyncio\nasync def go(n):\n    return double(n)\n"
                "async def main():\n    await go(1)\n    await go(2)\nasyncio.run(main())"
            ),
            ["n", "n"],
        ),
        (
            (
                "from contextlib import contextmanager\n@contextmanager\ndef timer():\n"
                "    yield 1\nwith timer() as t:\n    double(t)"
            ),
            ["t"],
        ),
        ("class Étude: pass\ndouble(len('é')); double(2)", ["len('é')", "2"]),
    ],
)
def test_a_call_is_found_at_its_site(project, body, expected) -> None:
    assert sites(project, body) == expected


def test_two_ways_to_one_call_are_two_sites(project) -> None:
    project.script("def f(n):\n    return double(n)\nf(1)\nf(2)")
    project.run()
    assert [call.site for call in project.trace().calls] == [0, 1]


def test_without_columns_lines_decide_where_they_can(project) -> None:
    assert sites(project, "double(1)\ndouble(2)", "-X", "no_debug_ranges") == ["1", "2"]


def test_without_columns_nothing_is_guessed(project) -> None:
    body = "double(1); double(2)"
    assert sites(project, body, "-X", "no_debug_ranges") == [None, None]


def test_inner_calls_have_a_parent_and_no_site(project) -> None:
    project.write(
        "script.py",
        """
        from jobtui_core import make

        @make
        def inner(x):
            return x

        @make
        def outer(x):
            return inner(x)

        outer(1)
        """,
    )
    project.run()
    outer, inner = project.trace().calls
    assert (outer.site, outer.parent) == (0, None)
    assert (inner.site, inner.parent) == (None, outer.id)


def test_steps_of_another_module_are_found_from_the_script(project) -> None:
    project.write(
        "lib.py", "from jobtui_core import make\n@make\ndef twice(x):\n    return 2 * x\n"
    )
    project.write("script.py", "import lib\nprint(lib.twice(3))\n")
    done = project.run()
    assert done.stdout == b"6\n", done.stderr
    (call,) = project.trace().calls
    assert (call.function, call.site) == ("lib:twice", 0)


def test_sources_behind_a_fingerprint_are_kept_once(project) -> None:
    project.script("double(1)\ndouble(2)")
    project.run()
    first, second = project.trace().calls
    assert first.code == second.code
    data = json.loads(open_store(".jobtui/cache", project.root).read(f"code/{first.code}.json"))
    (symbol,) = data["symbols"]
    assert symbol["name"] == "script:double"
    assert "return 2 * x" in symbol["source"]


def test_inner_scripts_have_sites_of_their_own(project) -> None:
    project.script("result = double(7)", "inner.py")
    project.script(
        "from jobtui_core import run_script\ndouble(1)\nrun_script('inner.py')\ndouble(2)"
    )
    done = project.run()
    assert done.returncode == 0, done.stderr
    trace = project.trace()
    assert [use.script for use in trace.analyses] == ["script.py", "inner.py"]
    outer, inner = (use.digest for use in trace.analyses)
    assert [(call.analysis, call.site) for call in trace.calls] == [
        (outer, 0),
        (inner, 0),
        (outer, 1),
    ]


def test_a_script_that_cannot_be_analysed_runs_all_the_same(project) -> None:
    # A module that the script survives, and the analysis does not.
    project.write("broken.py", "def f(:\n")
    project.script("try:\n    import broken\nexcept SyntaxError:\n    pass\nprint(double(1))")
    done = project.run()
    assert done.stdout == b"2\n"
    trace = project.trace()
    (call,) = trace.calls
    assert call.site is None or trace.analyses


def test_an_analysis_that_fails_costs_a_warning_in_the_trace(project) -> None:
    project.write(
        "script.py",
        """
        import jobtui_core.slices

        def analyse(*args, **kwargs):
            raise RuntimeError("no idea")

        jobtui_core.slices.analyse = analyse
        from jobtui_core import make

        @make
        def double(x):
            return 2 * x

        print(double(1), double(2))
        """,
    )
    done = project.run()
    assert (done.stdout, done.stderr) == (b"2 4\n", b"")
    trace = project.trace()
    assert trace.warnings == ("call sites are not known: RuntimeError: no idea",)
    assert [call.site for call in trace.calls] == [None, None]


def test_deep_recursion_is_no_trouble(project) -> None:
    body = """
    import sys
    def down(n):
        return double(0) if n == 0 else down(n - 1)
    sys.setrecursionlimit(5000)
    print(down(2000))
    """
    project.script(body)
    done = project.run()
    assert done.stdout == b"0\n", done.stderr
    assert len(project.trace().calls) == 1


@pytest.mark.skipif(sys.version_info < (3, 11), reason="positions")
def test_calls_through_library_code_keep_their_site(project) -> None:
    body = "import functools\nfunctools.reduce(lambda a, b: double(b), [1, 2, 3])"
    found = sites(project, body)
    assert found in (["b", "b"], [None, None])


def test_memoized_calls_are_counted_after_a_hundred_keys(project) -> None:
    project.write(
        "script.py",
        """
        from jobtui_core import Memory
        memory = Memory("cache", verbose=0)

        @memory.cache
        def square(x):
            return x * x

        total = sum(square(i) for i in range(150))
        again = sum(square(i) for i in range(120))
        """,
    )
    for _ in range(2):
        done = project.run()
        assert done.returncode == 0, done.stderr
    from jobtui_core.tracing.read import read_run

    traces = sorted(map(read_run, project.run_folders()), key=lambda trace: trace.info.hits)
    for trace, hits, computed in zip(traces, (120, 270), (150, 0), strict=True):
        assert (trace.info.hits, trace.info.computed) == (hits, computed)
        assert len(trace.calls) == 200
        assert sorted(one.hits + one.computed for one in trace.counted) == [20, 50]
        assert {one.site for one in trace.counted} == {0, 1}


def test_repeats_of_one_key_are_counted_in_the_end(project) -> None:
    project.write(
        "script.py",
        """
        from jobtui_core import Memory
        memory = Memory("cache", verbose=0)

        @memory.cache
        def square(x):
            return x * x

        for _ in range(1500):
            square(2)
        """,
    )
    project.run()
    trace = project.trace()
    assert len(trace.calls) == 1000
    assert (trace.info.hits, trace.info.computed) == (1499, 1)
