"""Verdicts on calls in loops, counted calls, and steps that other steps call."""

from __future__ import annotations

from jobtui_core.records import ReasonKind, RunState, Verdict


def test_calls_that_were_only_counted_cannot_be_vouched_for(empty):
    empty.write(
        "job.py",
        """
        from jobtui_core import Memory

        memory = Memory(".jobtui/cache")

        @memory.cache
        def square(n):
            return n * n

        for n in range(200):
            print(square(n))
        """,
    )
    empty.run("job.py", times={"square": 100}, counted={"square": 100})
    row = empty.row("square")
    assert row.verdict is Verdict.UNSURE
    assert row.calls == 200


LOOP = """
from jobtui_core import make

@make
def fit(subject):
    return subject

@make
def join(parts):
    return parts

parts = []
for subject in ["a", "b", "c"]:
    parts.append(fit(subject))
print(join(parts))
"""


def test_a_loop_is_fresh_only_once_all_of_it_ran(empty):
    empty.write("job.py", LOOP)
    empty.run("job.py", times={"fit": 2}, until="join", state=RunState.DIED)
    row = empty.row("fit")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].kind is ReasonKind.NEVER_RUN
    empty.run("job.py", times={"fit": 3})
    assert empty.row("fit").verdict is Verdict.FRESH
    assert len(empty.row("fit").keys) == 3


def test_a_loop_is_complete_when_a_later_call_followed(empty):
    empty.write("job.py", LOOP)
    empty.run("job.py", times={"fit": 3}, fail="join", state=RunState.FAILED)
    assert empty.verdicts() == {"fit": "fresh", "join": "failed"}


def test_a_run_that_only_was_to_reach_a_step_completes_the_loop_it_stopped_in(empty):
    empty.write("job.py", LOOP)
    line = LOOP.strip().splitlines().index('for subject in ["a", "b", "c"]:') + 1
    empty.run("job.py", times={"fit": 3}, until="join", stop=("job.py", line))
    assert empty.verdicts() == {"fit": "fresh", "join": "new"}


TWO_LOOPS = """
from jobtui_core import make

@make
def fit(subject):
    return subject

@make
def draw(fitted):
    return fitted

for subject in ["a", "b", "c"]:
    fitted = fit(subject)
    {between}draw(fitted)
"""


def test_a_call_in_the_same_loop_says_nothing_about_the_next_round(empty):
    empty.write("job.py", TWO_LOOPS.format(between=""))
    empty.run("job.py", times={"fit": 1, "draw": 1}, state=RunState.DIED)
    assert empty.row("fit").verdict is Verdict.STALE


def test_a_call_in_a_later_loop_says_that_the_earlier_one_was_done(empty):
    between = 'print(subject)\nfor fitted in ["x", "y"]:\n    '
    empty.write("job.py", TWO_LOOPS.format(between=between))
    empty.run("job.py", times={"fit": 3, "draw": 1}, state=RunState.DIED)
    assert empty.verdicts() == {"fit": "fresh", "draw": "stale"}


INNER = """
from jobtui_core import make

@make
def prepare(x):
    return x

@make
def fit(x):
    return prepare(x) + 1

print(fit(2))
"""


def test_a_step_called_by_another_one_is_as_fresh_as_that(empty):
    empty.write("job.py", INNER)
    assert empty.verdicts() == {"fit": "new", "prepare": "new"}
    empty.run("job.py")
    assert empty.verdicts() == {"fit": "fresh", "prepare": "fresh"}


def test_an_edited_inner_step_makes_both_stale(empty):
    empty.write("job.py", INNER)
    empty.run("job.py", change=lambda call: call)
    empty.edit("job.py", "    return x\n", "    return x * 2\n")
    verdicts = empty.verdicts()
    assert verdicts["fit"] == "stale"
    assert verdicts["prepare"] in ("new", "stale")


def test_a_file_that_is_read_in_c_by_the_script_is_seen_to_change(empty):
    empty.write("table.h5", "1\n")
    empty.write(
        "job.py",
        """
        import h5py
        from jobtui_core import make

        @make
        def use(table):
            return table

        print(use(h5py.File("table.h5")))
        """,
    )
    empty.run("job.py")
    assert empty.status().scripts[0].reads == ("table.h5",)
    before = empty.row("use")
    assert before.verdict in (Verdict.FRESH, Verdict.UNSURE)
    empty.write("table.h5", "2\n")
    assert empty.row("use").verdict is Verdict.STALE


def test_a_url_that_is_read_in_c_by_the_script_is_not_known_to_be_the_same(empty):
    empty.write(
        "job.py",
        """
        import pandas as pd
        from jobtui_core import make

        @make
        def use(table):
            return 1

        print(use(pd.read_parquet("s3://bucket/table.parquet")))
        """,
    )
    empty.run("job.py")
    row = empty.row("use")
    assert row.verdict is Verdict.UNSURE
    assert "reads what is at a URL" in row.reasons[0].summary
