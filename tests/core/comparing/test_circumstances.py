"""Parameters, words, packages, machines and ends of runs side by side."""

from __future__ import annotations

from jobtui_core.tracing.changes import DIFF


def values(found):
    return {(one.kind, one.subject): one.values for one in found.differences}


def test_equal_runs_differ_in_nothing_and_say_what_was_compared(bench):
    first = bench.run().parameter("window", 5, 5).end()
    second = bench.run().parameter("window", 5, 5).end()
    found = bench.compare(first, second)
    assert (found.differences, found.not_compared) == ((), ())
    same = dict(found.same)
    assert same["parameter"] == same["package"] == same["script"] == 1
    assert [run.id for run in found.runs] == [first.id, second.id]


def test_parameters_differ_by_their_values_in_effect_and_by_their_defaults(bench):
    first = bench.run(parameters={"window": 26})
    first.parameter("window", 26, 52).parameter("model", "a", "a").parameter("gone", 1, 1).end()
    second = bench.run()
    second.parameter("window", 52, 52).parameter("model", "b", "b").parameter("come", [1], []).end()
    assert values(bench.compare(first, second)) == {
        ("parameter", "window"): ("26", "52"),
        ("parameter", "model"): ("'a' (default)", "'b' (default)"),
        ("parameter", "gone"): ("1", None),
        ("parameter", "come"): (None, "[1]"),
    }


def test_a_default_that_changed_is_told_also_where_it_was_overridden(bench):
    first = bench.run().parameter("window", 10, 52).end()
    second = bench.run().parameter("window", 10, 26).end()
    assert bench.one("parameter", first, second).values == ("10 (default 52)", "10 (default 26)")


def test_secrets_stand_nowhere(bench):
    first = bench.run(argv=["--token=hunter1", "--fast"], parameters={"api_key": "hunter2"})
    first.parameter("db_password", "hunter3", "")
    first.parameter("options", {"password": "hunter7"}, {}).end()
    second = bench.run(argv=["--token=hunter4"], parameters={"api_key": "hunter5"})
    second.parameter("db_password", "hunter6", "")
    second.parameter("options", {"password": "hunter8"}, {}).end()
    found = bench.compare(first, second)
    assert "hunter" not in repr(found.differences)
    assert bench.one("argv", first, second).values == (
        "'--token=<hidden>' --fast",
        "'--token=<hidden>'",
    )


def test_packages_python_host_and_commit_are_compared(bench):
    first = bench.run(
        versions={"numpy": "2.1", "scipy": "1.14", "old": "1"},
        git={"commit": "a" * 40, "dirty": None},
    ).end()
    second = bench.run(
        versions={"numpy": "2.2", "scipy": "1.14"}, python="3.14.0", host="lab2",
        git={"commit": "b" * 40, "dirty": None},
    ).end()  # fmt: skip
    (second.trace.folder / DIFF).write_text("--- a\n+++ b\n")
    found = bench.compare(first, second)
    (commit,) = [one for one in found.differences if one.subject == "commit"]
    assert commit.where == "git diff aaaaaaaaaaaa bbbbbbbbbbbb shows what was committed"
    assert values(found) == {
        ("package", "numpy"): ("2.1", "2.2"),
        ("package", "old"): ("1", None),
        ("environment", "python"): ("3.13.1", "3.14.0"),
        ("environment", "host"): ("lab1", "lab2"),
        ("environment", "commit"): ("aaaaaaaaaaaa", "bbbbbbbbbbbb with uncommitted changes"),
    }


def test_uncommitted_changes_of_one_commit_are_held_against_each_other(bench):
    runs = [bench.run(git={"commit": "a" * 40}).end() for _ in range(3)]
    for run, text in zip(runs, ("-1\n+2\n", "-1\n+3\n", "-1\n+2\n"), strict=True):
        (run.trace.folder / DIFF).write_text(text)
    assert bench.one("environment", *runs[:2]).detail.split("\n")[-3:] == [" -1", "-+2", "++3"]
    assert bench.compare(runs[0], runs[2]).differences == ()


def test_packages_of_a_run_that_recorded_none_are_not_compared(bench):
    found = bench.compare(bench.run(versions=None).end(), bench.run().end())
    assert found.of("package") == ()
    assert any("packages" in words for words in found.not_compared)


def test_how_runs_ended_and_what_they_computed_is_told(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1)
    first.step("plot", 2)
    second.step("fit", 1, state="hit", saved=12.0)
    first.end()
    second.end(code=1, state="failed", error="ValueError: no")
    found = values(bench.compare(first, second))
    assert found["outcome", "end"] == ("done", "failed with exit code 1: ValueError: no")
    assert found["outcome", "calls"] == ("2 computed, 0 hits", "0 computed, 1 hit, 12 s saved")


def test_durations_are_told_only_where_they_differ_by_more_than_they_always_do(bench):
    def durations(*seconds):
        runs = [bench.run().end(after=one) for one in seconds]
        return [one.values for one in bench.compare(*runs).of("outcome")]

    assert durations(10.0, 14.0) == []
    assert durations(0.1, 0.4) == []
    assert durations(10.0, 25.0) == [("10 s", "25 s (×2.5)")]
    assert durations(10.0, 11.0, 2.0) == [("10 s", "11 s (×1.1)", "2.0 s (×0.2)")]


def test_the_time_that_a_step_took_to_compute_is_compared_also_with_that_of_a_hit(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1, duration=2.0)
    second.step("fit", 1, state="hit", duration=0.0, saved=8.0)
    found = values(bench.compare(first.end(), second.end()))
    assert found["outcome", "time to compute fit"] == ("2.0 s", "8.0 s (×4)")


def test_what_goes_on_is_compared_as_far_as_it_has_come(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1)
    first.end()
    second.step("fit", 2)
    found = bench.compare(first, second)
    assert found.of("result")
    assert f"run {second.id} is running: more may come" in found.not_compared


def test_runs_of_other_scripts_are_compared_too(bench):
    first, second = bench.run("a.py"), bench.run("b.py")
    first.step("fit", 1.5)
    second.step("fit", 2.5, function="b:fit")
    found = values(bench.compare(first.end(), second.end()))
    assert found["script", "script"] == ("a.py", "b.py")
    assert ("result", "fit") in found


def test_texts_of_records_cannot_steer_a_terminal(bench):
    evil = "x\x1b[2J\r\u202e"
    first = bench.run(python=evil, versions={evil: evil}).parameter(evil, evil, 1)
    second = bench.run(argv=[evil])
    first.step(evil, [evil], log=f"{evil}\n", arguments={evil: evil})
    second.step(evil, [evil + "2"], log=f"{evil}2\n", arguments={evil: evil})
    first.end(code=1, state="failed", error=evil)
    found = bench.compare(first, second.end())
    assert {one.kind for one in found.differences} >= {
        "argv",
        "parameter",
        "package",
        "log",
        "result",
    }
    texts = [t for one in found.differences for t in (one.subject, one.where, *one.values) if t]
    texts += [line for one in found.differences for line in one.detail.split("\n")]
    for text in (*texts, *found.not_compared):
        assert text.isprintable(), text
