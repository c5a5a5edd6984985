"""All combinations of some values: each a run, shown in a table, and gone on with later."""

from __future__ import annotations

import pytest

from jobtui_core.errors import ParameterError, RunError, UnknownNameError
from jobtui_core.project import (
    plan_sweep,
    queue_state,
    run_info,
    runs,
    start_sweep,
    sweep,
    sweep_outcome,
    sweep_to_json,
)
from jobtui_core.records import RunState
from tests.support import wait_until

SCRIPT = """
    from jobtui_core import default_param, make

    n = default_param("n", 1)
    kind = default_param("kind", "a", choices=["a", "b"])
    level = default_param("level", 0.5)
    token = default_param("api_token", "")

    @make
    def base(level):
        note("base")
        return level

    @make
    def score(base, n, kind):
        note(f"{n}{kind}")
        if (n, kind) == (2, "b") and not pathlib.Path("mended").exists():
            raise ValueError("not yet")
        return base * n

    print("loss:", 1 - score(base(level), n, kind))
    """


@pytest.fixture
def fit(desk):
    desk.script("fit.py", SCRIPT)
    return desk


def swept(desk, *words, jobs=1, show=None, **options):
    found = plan_sweep(desk.project, sweep(desk.project, "fit.py", words, **options))
    queue = start_sweep(desk.project, found, jobs=jobs)
    if queue is not None:
        desk.queues.append(queue)
        desk.finish(queue)
    return sweep_outcome(desk.project, found, show)


def test_every_combination_is_a_run_of_its_own_that_knows_its_sweep(fit):
    fit.reach("mended")
    found = swept(fit, "n=1..2", "kind=a,b", show="score")
    assert [dict(row.values) for row in found.rows] == [
        {"n": 1, "kind": "a"},
        {"n": 1, "kind": "b"},
        {"n": 2, "kind": "a"},
        {"n": 2, "kind": "b"},
    ]
    assert [row.shown for row in found.rows] == [0.5, 0.5, 1.0, 1.0]
    assert {row.state for row in found.rows} == {RunState.DONE}
    assert [row.computed for row in found.rows] == [2, 1, 1, 1]
    infos = [run_info(fit.project, row.run) for row in found.rows]
    assert {info.sweep for info in infos} == {found.id}
    assert infos[0].parameters == {"n": 1, "kind": "a"}
    # One after the other, in order; what does not depend on the values is computed once.
    assert fit.notes() == ["base", "1a", "1b", "2a", "2b"]


def test_the_same_sweep_again_runs_only_what_did_not_finish(fit):
    first = swept(fit, "n=1..2", "kind=a,b", show="score")
    assert [row.state for row in first.rows] == [*[RunState.DONE] * 3, RunState.FAILED]
    assert first.rows[3].error == "ValueError: not yet"
    assert first.rows[3].shown is None
    fit.reach("mended")
    # The order of the parameters is that of the table, and no more.
    assert sweep(fit.project, "fit.py", ["kind=a,b", "n=1..2"]).id == first.id
    again = plan_sweep(fit.project, sweep(fit.project, "fit.py", ["n=1..2", "kind=a,b"]))
    assert again.id == first.id
    assert [row.left for row in again.rows] == [False, False, False, True]
    second = swept(fit, "n=1..2", "kind=a,b", show="score")
    assert [row.run for row in second.rows[:3]] == [row.run for row in first.rows[:3]]
    assert [row.shown for row in second.rows] == [0.5, 0.5, 1.0, 1.0]
    assert fit.notes().count("2b") == 2
    assert start_sweep(fit.project, plan_sweep(fit.project, second)) is None


def test_of_several_runs_of_a_combination_the_last_one_counts(fit):
    fit.reach("mended")
    swept(fit, "n=2", "kind=b")
    fit.script("fit.py", SCRIPT.replace("return base * n", "return base * n + 1"))
    (fit.root / "mended").unlink()
    found = swept(fit, "n=2", "kind=b", show="score")
    assert [(row.state, row.shown) for row in found.rows] == [(RunState.FAILED, None)]


def test_what_an_edit_made_stale_is_run_again(fit):
    fit.reach("mended")
    swept(fit, "n=1,3")
    fit.script("fit.py", SCRIPT.replace("return base * n", "return base * n + 1"))
    found = swept(fit, "n=1,3", show="score")
    assert [row.shown for row in found.rows] == [1.5, 2.5]
    assert len(runs(fit.project)) == 4


def test_a_sweep_shows_a_number_that_the_script_prints(fit):
    found = swept(fit, "n=1,4", "level=0.25", show="loss")
    assert found.fixed == (("level", 0.25),)
    assert [row.shown for row in found.rows] == [0.75, 0]
    nothing = sweep_outcome(fit.project, found, "nosuchname")
    assert [row.shown for row in nothing.rows] == [None, None]


def test_a_result_that_is_no_scalar_or_pickled_is_not_shown(desk):
    desk.script(
        "fit.py",
        """
        import numpy
        from jobtui_core import default_param, make
        n = default_param("n", 1)

        class Evil:
            def __reduce__(self):
                return (pathlib.Path.touch, (pathlib.Path("unpickled"),))

        @make
        def many(n):
            return list(range(n))

        @make
        def zero(n):
            return numpy.float64(n)

        @make
        def evil(n):
            return Evil()

        many(n), zero(n)
        try:
            evil(n)
        finally:
            pathlib.Path("unpickled").unlink(missing_ok=True)
        """,
    )
    found = swept(desk, "n=3")
    shown = [sweep_outcome(desk.project, found, name).rows[0].shown for name in ("many", "zero")]
    assert shown == [None, 3.0]
    assert sweep_outcome(desk.project, found, "evil").rows[0].shown is None
    assert not (desk.root / "unpickled").exists()


def test_parameters_of_a_file_are_those_of_all_runs_unless_swept_over(fit):
    (fit.root / "base.toml").write_text("level = 2.0\nn = 7\n")
    found = swept(fit, "n=1,3", params=fit.root / "base.toml", show="score")
    assert found.fixed == (("level", 2.0),)
    assert [row.shown for row in found.rows] == [2.0, 6.0]


def test_a_plan_says_of_each_combination_what_would_be_done(fit):
    fit.reach("mended")
    swept(fit, "n=1")
    found = plan_sweep(fit.project, sweep(fit.project, "fit.py", ["n=1,2"]))
    assert [row.planned for row in found.rows] == ["fresh", "1 to run, 1 kept"]
    # The run of n=1 was one of another sweep.
    assert all(row.left for row in found.rows)
    data = sweep_to_json(found, "score")
    assert data["names"] == ["n"]
    assert [row["planned"] for row in data["runs"]] == ["fresh", "1 to run, 1 kept"]
    assert len(runs(fit.project)) == 1


def test_several_runs_go_on_at_a_time(desk):
    desk.script(
        "fit.py",
        """
        from jobtui_core import default_param
        n = default_param("n", 1)
        reach(f"here{n}")
        wait_for(f"here{3 - n}")
        """,
    )
    found = swept(desk, "n=1,2", jobs=2)
    assert [row.state for row in found.rows] == [RunState.DONE] * 2


def test_runs_that_go_on_are_not_started_again(desk):
    desk.script(
        "fit.py",
        """
        from jobtui_core import default_param
        n = default_param("n", 1)
        wait_for("go")
        """,
    )
    found = plan_sweep(desk.project, sweep(desk.project, "fit.py", ["n=1,2"]))
    queue = start_sweep(desk.project, found)
    desk.queues.append(queue)
    again = plan_sweep(desk.project, sweep(desk.project, "fit.py", ["n=1,2"]))
    assert [row.left for row in again.rows] == [False, False]
    desk.reach("go")
    wait_until(lambda: queue_state(desk.project, queue.id).state == "done")


def test_secrets_are_swept_with_and_not_shown(desk):
    desk.script(
        "fit.py",
        """
        from jobtui_core import default_param
        token = default_param("api_token", "")
        n = default_param("n", 1)
        assert token == "hush"
        """,
    )
    found = swept(desk, "n=1,2", "api_token=hush")
    assert [row.state for row in found.rows] == [RunState.DONE] * 2
    assert "hush" not in str(sweep_to_json(found))


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (
            ["m=1,2"],
            UnknownNameError,
            "There is no parameter 'm'; there are api_token, kind, level, n.",
        ),
        (["knd=a"], UnknownNameError, "There is no parameter 'knd'; did you mean 'kind'?"),
        (["kind=a,c"], ParameterError, "parameter 'kind' must be one of 'a', 'b', not 'c'"),
        (["n=1", "n=2"], ParameterError, "'n' is given twice"),
        (["api_token=a,b"], ParameterError, "'api_token' cannot be swept over"),
        (["n"], ParameterError, "'n' is not of the form name=value"),
        (["n=1..1000", "level=1:1000:1"], RunError, "These are 1,000,000 combinations"),
    ],
)
def test_what_cannot_be_swept_is_refused_before_anything_runs(fit, words, error, said):
    with pytest.raises(error) as caught:
        sweep(fit.project, "fit.py", words)
    assert said in str(caught.value)
    assert runs(fit.project) == ()
