"""Code and inputs of two runs."""

from __future__ import annotations

import pytest

from jobtui_core.errors import UnknownNameError

FIT = ("a:fit", "def fit(x):\n    return prep(x)\n", ("fit",), "function")
PREP = ("h:prep", "def prep(x):\n    return scale(x)\n", ("fit", "prep"), "function")


def scale(factor):
    return (
        "h:scale",
        f"def scale(x):\n    return x * {factor}\n",
        ("fit", "prep", "scale"),
        "function",
    )


def test_an_edit_is_told_once_with_its_diff_and_with_the_steps_that_rest_on_it(bench):
    first, second = bench.run(), bench.run()
    other = ("a:plot", "def plot(x): ...\n", ("plot",), "function")
    for run, factor in ((first, 2), (second, 3)):
        run.step("fit", 1, code=bench.code(FIT, PREP, scale(factor)))
        path = (*scale(factor)[:2], ("plot", "scale"), "function")
        run.step("plot", 1, code=bench.code(other, path))
        run.step("same", 1, code=bench.code(other))
        run.end()
    found = bench.compare(first, second)
    (one,) = found.of("code")
    assert (one.subject, one.values) == ("h.scale", ("−1 line", "+1 line"))
    assert one.where == "fit → prep → scale; plot → scale"
    assert "-    return x * 2\n+    return x * 3" in one.detail
    assert dict(found.same)["code"] == 1


def test_constants_are_told_by_their_values_and_what_came_and_went_by_its_lines(bench):
    first, second = bench.run(), bench.run()
    width = ("a:WIDTH", "WIDTH = {}", ("fit", "WIDTH"), "constant")
    first.step("fit", 1, code=bench.code(FIT, PREP, (width[0], "WIDTH = 5", *width[2:])))
    second.step("fit", 1, code=bench.code(FIT, scale(1), (width[0], "WIDTH = 7", *width[2:])))
    found = bench.compare(first.end(), second.end())
    assert {one.subject: one.values for one in found.of("code")} == {
        "a.WIDTH": ("5", "7"),
        "h.scale": (None, "+2 lines"),
        "h.prep": ("−2 lines", None),
    }


def test_three_codes_are_each_held_against_the_first(bench):
    runs = [bench.run() for _ in range(4)]
    for run, factor in zip(runs, (1, 2, 1, 3), strict=True):
        run.step("fit", 1, code=bench.code(FIT, scale(factor)))
        run.end()
    found = bench.compare(*runs).of("code")
    assert [one.run for one in found] == [1, 3]
    assert "+    return x * 3" in found[1].detail


def test_steps_of_two_scripts_are_compared_by_their_sources(bench):
    runs = []
    for script, factor in (("a", 1), ("b", 1), ("c", 2)):
        run = bench.run(f"{script}.py")
        fit = (f"{script}:fit", *FIT[1:])
        own = (f"{script}:scale", *scale(factor)[1:])
        run.step("fit", 1, function=f"{script}:fit", code=bench.code(fit, PREP, own))
        runs.append(run.end())
    equal = bench.compare(*runs[:2])
    assert (equal.of("code"), dict(equal.same)["code"]) == ((), 1)
    (one,) = bench.compare(*runs).of("code")
    assert (one.subject, one.run) == ("a.scale", 2)
    assert one.values == ("−1 line", "−1 line", "+1 line")


def test_code_that_the_first_run_did_not_call_is_not_held_against_it(bench):
    runs = [bench.run() for _ in range(3)]
    for run, factor in zip(runs[1:], (1, 2), strict=True):
        run.step("fit", 1, code=bench.code(FIT, scale(factor)))
    assert bench.compare(*[run.end() for run in runs]).of("code") == ()


def test_code_whose_source_is_lost_is_named(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1, code="1" * 32)
    second.step("fit", 1, code="2" * 32)
    found = bench.compare(first.end(), second.end())
    assert len(found.of("code")) == 1
    assert any("source" in words for words in found.not_compared)


def test_a_version_that_counts_is_told_as_a_package(bench):
    first, second = bench.run(), bench.run()
    for run, version in ((first, "1.0"), (second, "2.0")):
        run.step(
            "fit",
            1,
            code=bench.code(FIT, ("scipy", f"scipy {version}", ("fit", "scipy"), "package")),
        )
        run.end()
    assert bench.one("package", first, second).values == ("1.0", "2.0")


def test_inputs_differ_by_content_with_a_diff_of_small_texts(bench):
    first, second = bench.run(), bench.run()
    for run, text in ((first, "1\n2\n3\n"), (second, "1\n5\n3\n4\n")):
        run.step("load", 1, inputs=[bench.note("data.csv", text), bench.note("same.csv", "0\n")])
        run.end()
    found = bench.compare(first, second)
    (one,) = found.of("input")
    assert (one.subject, dict(found.same)["input"]) == ("data.csv", 1)
    assert one.values[0].startswith("3 lines, 6 bytes, ")
    assert one.values[1].startswith("4 lines, 8 bytes, ")
    assert one.where == "2 lines added, 1 removed (3 → 4 lines)"
    assert "-2\n+5" in one.detail


def test_inputs_of_which_no_note_was_taken_differ_by_digest(bench):
    first, second = bench.run(), bench.run()
    first.step("load", 1, met=[["big.bin", "1" * 32]])
    second.step("load", 1, met=[["big.bin", "2" * 32]])
    first.trace.write("file_read", path="own.txt", digest="3" * 32, file="a.py", line=1)
    found = {one.subject: one for one in bench.compare(first.end(), second.end()).of("input")}
    assert found["big.bin"].values == ("#11111111", "#22222222")
    assert found["own.txt"].values == ("#33333333", None)
    assert found["own.txt"].where == "read in one of the runs only"


def test_folders_and_patterns_are_compared_file_by_file(bench):
    runs = bench.run(), bench.run()
    for run, many in zip(runs, (3, 30), strict=True):
        lines = [f"{n:032d} {n}.csv\n" for n in range(many)]
        run.step("load", 1, inputs=[["data//*.csv", bench.note("list", "".join(lines))[1]]])
        run.end()
    found = bench.compare(*runs).of("input")
    assert len(found) == 21
    assert (found[0].subject, found[0].values) == ("data/10.csv", (None, "#00000000"))
    assert (found[-1].subject, found[-1].where) == ("data/*.csv", "7 more files of it differ")
    third = bench.run()
    third.step("load", 1, inputs=[["data//*.csv", "3" * 32]])
    assert bench.one("input", runs[0], third.end()).subject == "data/*.csv"


def test_runs_are_chosen_by_beginnings_and_by_what_ran_last(bench):
    a1, b1, a2 = bench.run("a.py").end(), bench.run("b.py").end(), bench.run("a.py").end()

    def ids(*names):
        return [run.id for run in bench.compare(*names).runs]

    assert ids() == [a1.id, a2.id]
    assert ids(a2) == [a1.id, a2.id]
    assert ids("last", "last~1") == [a2.id, b1.id]
    assert ids("2026-11-22T10:00:00", "2026-11-22T10-00-01") == [a1.id, b1.id]
    with pytest.raises(UnknownNameError, match=r"no run of b\.py before"):
        bench.compare(b1)
    with pytest.raises(UnknownNameError):
        bench.compare("2026", "last")


def test_nothing_ran_and_steps_that_nobody_called_are_said(bench):
    with pytest.raises(UnknownNameError, match="Nothing has run"):
        bench.compare()
    runs = bench.run(), bench.run()
    for run in runs:
        run.step("fit", 1)
    with pytest.raises(UnknownNameError, match="did you mean 'fit'"):
        bench.compare(*runs, step="fitt")
