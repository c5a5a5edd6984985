from __future__ import annotations

from dataclasses import replace

import pytest

from jobtui_core.entry import entry_name
from jobtui_core.errors import ParameterError, UnknownNameError
from jobtui_core.project import status
from jobtui_core.records import CallState, Progress, ReasonKind, RunState, Verdict
from jobtui_core.tracing.traces import CallError, FileUse
from tests.core.project.conftest import MadeUpReader


def test_steps_that_never_ran_are_new(lab):
    assert lab.verdicts() == {"read": "new", "trend": "new", "report": "new"}
    assert lab.row("read").reasons[0].kind is ReasonKind.NEVER_RUN


def test_after_a_run_everything_is_fresh(lab):
    run = lab.run()
    status = lab.status()
    assert {step.verdict for step in status.steps} == {Verdict.FRESH}
    trend = lab.row("trend")
    assert trend.last_run == run
    assert trend.calls == 1
    assert trend.duration == pytest.approx(2.0)
    assert trend.reasons == ()
    assert trend.depends_on == ("read",)
    assert len(trend.keys) == 1
    assert status.scripts[0].reads == ("data/co2.csv",)
    assert status.scripts[0].writes == ("results/trend.json",)
    assert status.scripts[0].sources == ("co2.py", "helpers.py")


def test_why_fresh_lists_what_was_compared(lab):
    lab.run()
    compared = {(one.kind, one.subject) for one in lab.row("trend").compared}
    assert ("code", "helpers.detrend") in compared
    assert ("constant", "helpers.SCALE") in compared
    assert ("parameter", "window") in compared
    assert ("argument", "window") in compared
    assert ("upstream", "read") in compared
    assert ("output", "results/trend.json") in compared
    assert ("input", "data/co2.csv") in {(c.kind, c.subject) for c in lab.row("read").compared}


def test_an_edited_helper_makes_its_step_stale_with_path_and_diff(lab):
    lab.run()
    lab.edit("helpers.py", "value - SCALE", "value / SCALE")
    assert lab.verdicts() == {"read": "fresh", "trend": "stale", "report": "unsure"}
    reason = lab.row("trend").reasons[0]
    assert reason.kind is ReasonKind.CODE_CHANGED
    assert reason.subject == "helpers:detrend"
    assert reason.summary == "helpers.detrend changed"
    assert reason.path[0] == "trend"
    assert "-    return [value - SCALE for value in x]" in reason.diff
    assert "+    return [value / SCALE for value in x]" in reason.diff


def test_a_helper_of_a_helper_is_named_with_what_leads_to_it(lab):
    lab.write("centre.py", "def centre(x):\n    return sum(x) / len(x)\n")
    lab.edit("helpers.py", "SCALE = 3", "from centre import centre\n\nSCALE = 3")
    lab.edit("helpers.py", "value - SCALE", "value - centre(x)")
    lab.run()
    lab.edit("centre.py", "sum(x)", "max(x)")
    assert lab.row("trend").reasons[0].summary == "centre.centre changed (via helpers.detrend)"


def test_words_on_the_command_line_are_not_taken_for_an_edit(lab):
    lab.edit("co2.py", "series = read(", "import sys\nseries = read(")
    lab.edit("co2.py", "= trend(series, window)", "= trend(series, int(sys.argv[1]))")
    lab.run(argv=["3"])
    (reason,) = status(lab.project, argv=["4", "a b"]).steps[1].reasons
    assert reason.kind is ReasonKind.SCRIPT_CHANGED
    assert reason.summary == "arguments of co2.py: 3 → 4 'a b'"


def test_a_step_that_never_ran_says_only_that(lab):
    assert [reason.summary for reason in lab.row("report").reasons] == ["never ran"]


def test_what_is_not_compared_is_what_may_change(lab):
    lab.edit("helpers.py", "SCALE = 3", "import random\nimport time\nimport numpy\n\nSCALE = 3")
    lab.edit(
        "helpers.py",
        "    return [value",
        "    time.sleep(random.random() / numpy.pi)\n    return [value",
    )
    assert lab.row("trend").not_compared == (
        "versions of numpy",
        "unseeded randomness (random.random)",
    )


def test_a_generator_that_is_given_a_seed_is_not_called_unseeded(lab):
    lab.edit("helpers.py", "SCALE = 3", "import numpy as np\n\nSCALE = 3")
    call = "    np.random.default_rng({}).random()\n    return [value"
    lab.edit("helpers.py", "    return [value", call.format(1958))
    assert lab.row("trend").not_compared == ("versions of numpy",)
    lab.edit("helpers.py", "default_rng(1958)", "default_rng(None)")
    assert lab.row("trend").not_compared == (
        "versions of numpy",
        "unseeded randomness (numpy.random.default_rng)",
    )


def test_a_downstream_step_waits_for_the_stale_one(lab):
    lab.run()
    lab.edit("helpers.py", "value - SCALE", "value / SCALE")
    reason = lab.row("report").reasons[0]
    assert reason.kind is ReasonKind.UPSTREAM
    assert reason.subject == "trend"
    assert reason.summary == "waits for trend, which is stale"


def test_an_edited_constant_is_shown_as_old_and_new_value(lab):
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    reason = lab.row("trend").reasons[0]
    assert (reason.kind, reason.old, reason.new) == (ReasonKind.CODE_CHANGED, "3", "4")
    assert reason.summary == "helpers.SCALE: 3 → 4"


def test_the_value_of_a_constant_is_shown_without_its_comment_and_without_its_neighbours(lab):
    lab.edit("helpers.py", "SCALE = 3", "SCALE, _SIZE = 3, 720  # cm")
    lab.run()
    (constant,) = [one for one in lab.row("trend").compared if one.kind == "constant"]
    assert (constant.subject, constant.detail) == ("helpers.SCALE", "3")
    lab.edit("helpers.py", "SCALE, _SIZE = 3", "SCALE, _SIZE = 4")
    assert lab.row("trend").reasons[0].summary == "helpers.SCALE: 3 → 4"


def test_comments_formatting_and_unrelated_functions_change_nothing(lab):
    lab.run()
    lab.edit("helpers.py", "def detrend(x):", "# a comment\ndef detrend( x ):\n    'It detrends.'")
    lab.write("helpers.py", (lab.root / "helpers.py").read_text() + "\ndef other():\n    pass\n")
    lab.edit("co2.py", "window = default", "\n\nwindow = default")
    assert set(lab.verdicts().values()) == {"fresh"}


def test_undoing_an_edit_is_fresh_again(lab):
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    lab.run()
    assert set(lab.verdicts().values()) == {"fresh"}
    lab.edit("helpers.py", "SCALE = 4", "SCALE = 3")
    assert set(lab.verdicts().values()) == {"fresh"}


def test_a_parameter_given_makes_its_step_stale(lab):
    lab.run()
    assert lab.verdicts(window=26) == {"read": "fresh", "trend": "stale", "report": "unsure"}
    reason = lab.row("trend", window=26).reasons[0]
    assert reason.kind is ReasonKind.PARAMETER_CHANGED
    assert reason.summary == "window: 52 → 26"
    assert (reason.old, reason.new) == ("52", "26")
    assert [r.kind for r in lab.row("trend", window=26).reasons] == [ReasonKind.PARAMETER_CHANGED]


def test_an_edited_default_is_told_as_the_parameters_change(lab):
    lab.run()
    lab.edit("co2.py", '"window", 52', '"window", 26')
    assert lab.row("trend").reasons[0].summary == "window: 52 → 26"


def test_values_that_were_run_before_stay_fresh_in_any_order(lab):
    for window in (52, 26, 13):
        lab.run(overrides={"window": window})
    for window in (26, 52, 13):
        assert set(lab.verdicts(window=window).values()) == {"fresh"}


def test_the_parameters_shown_are_those_in_effect(lab):
    (parameter,) = lab.status(window="26").scripts[0].parameters
    assert (parameter.default, parameter.value, parameter.type) == (52, 26, "int")


def test_unknown_parameters_are_refused_with_the_nearest(lab):
    with pytest.raises(UnknownNameError, match="did you mean 'window'") as caught:
        lab.status(windwo=26)
    assert caught.value.nearest == ("window",)
    with pytest.raises(ParameterError):
        lab.status(window="wide")


def test_a_changed_input_says_by_how_much(lab):
    lab.run()
    lab.status()
    lab.write("data/co2.csv", "1\n2\n3\n4\n5\n6\n")
    assert lab.verdicts() == {"read": "stale", "trend": "unsure", "report": "unsure"}
    reason = lab.row("read").reasons[0]
    assert reason.kind is ReasonKind.INPUT_CHANGED
    assert reason.summary == "data/co2.csv changed: 4 → 6 lines"


def test_a_missing_input_says_so(lab):
    lab.run()
    (lab.root / "data/co2.csv").unlink()
    assert lab.row("read").verdict is Verdict.STALE
    assert lab.row("read").reasons[0].summary == "data/co2.csv is gone"


def test_an_input_rewritten_with_the_same_content_changes_nothing(lab):
    lab.run()
    path = lab.root / "data/co2.csv"
    text = path.read_text()
    path.unlink()
    path.write_text(text)
    assert set(lab.verdicts().values()) == {"fresh"}


def test_early_cut_off_when_the_upstream_result_comes_out_equal(lab):
    lab.results = {"read": "a" * 32}
    lab.run()
    lab.edit("co2.py", "float(line) for", "float(line) * 1 for")
    assert lab.verdicts() == {"read": "stale", "trend": "unsure", "report": "unsure"}
    lab.run(until="trend", state=RunState.CANCELLED)
    assert set(lab.verdicts().values()) == {"fresh"}


def test_a_new_upstream_result_makes_the_next_step_stale(lab):
    lab.run()
    lab.edit("co2.py", "float(line) for", "float(line) * 2 for")
    lab.run(until="trend", state=RunState.CANCELLED)
    assert lab.verdicts() == {"read": "fresh", "trend": "stale", "report": "unsure"}
    assert lab.row("trend").reasons[0].kind is ReasonKind.UPSTREAM
    assert "another result" in lab.row("trend").reasons[0].summary


def test_code_that_never_ran_is_stale_for_certain_even_below_a_stale_step(lab):
    lab.run()
    lab.edit("co2.py", "max(values)", "min(values)")
    row = lab.row("report", window=26)
    assert row.verdict is Verdict.STALE
    assert [reason.kind for reason in row.reasons] == [
        ReasonKind.CODE_CHANGED,
        ReasonKind.UPSTREAM,
    ]


def test_an_edited_call_is_a_change_of_the_script(lab):
    lab.run()
    lab.edit("co2.py", "= trend(series, window)", "= trend(series, 26)")
    reason = lab.row("trend").reasons[0]
    assert reason.kind is ReasonKind.SCRIPT_CHANGED
    assert (reason.subject, reason.old, reason.new) == ("window", "window", "26")


def test_an_edited_line_that_feeds_a_call_is_shown_as_a_diff(lab):
    lab.edit("co2.py", "values = trend(series", "half = series[::2]\nvalues = trend(half")
    lab.run()
    lab.edit("co2.py", "series[::2]", "series[::3]")
    reason = lab.row("trend").reasons[0]
    assert reason.kind is ReasonKind.SCRIPT_CHANGED
    assert "-half = series[::2]" in reason.diff
    assert "+half = series[::3]" in reason.diff


def test_an_entry_that_is_gone_makes_its_step_stale(lab):
    lab.run()
    row = lab.row("trend")
    lab.project.open_store().delete(entry_name(row.function, row.keys[0]))
    assert lab.row("trend").verdict is Verdict.STALE
    assert lab.row("trend").reasons[0].kind is ReasonKind.EVICTED
    assert lab.row("report").verdict is Verdict.UNSURE


def test_a_missing_output_that_the_hit_puts_back_is_a_note(lab):
    lab.run()
    (lab.root / "results/trend.json").unlink()
    row = lab.row("trend")
    assert row.verdict is Verdict.FRESH
    assert row.notes == ("results/trend.json is missing; running the script puts it back",)


def test_a_missing_output_without_a_kept_copy_is_stale(lab):
    lab.run()
    store = lab.project.open_store()
    for item in list(store.list("blobs/")):
        store.delete(item.name)
    (lab.root / "results/trend.json").unlink()
    row = lab.row("trend")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].kind is ReasonKind.OUTPUT_MISSING


def test_an_output_edited_by_hand_is_kept_with_a_note(lab):
    lab.run()
    lab.write("results/trend.json", "mine")
    row = lab.row("trend")
    assert row.verdict is Verdict.FRESH
    assert row.notes == ("results/trend.json was edited; the edited file is kept",)


def test_an_edited_output_is_stale_where_the_project_says_recompute(lab):
    lab.run()
    lab.write("results/trend.json", "mine")
    lab.write("jobtui.toml", 'outputs = "recompute"\n')
    assert lab.row("trend").reasons[0].kind is ReasonKind.OUTPUT_MODIFIED


def test_another_parameters_output_is_put_back_by_the_hit(lab):
    lab.run(overrides={"window": 26})
    lab.run()
    row = lab.row("trend", window=26)
    assert row.verdict is Verdict.FRESH
    (note,) = row.notes
    assert note == "results/trend.json holds another result; running the script puts its own back"


def test_a_cancelled_call_did_not_fail(lab):
    interrupted = CallError(type="KeyboardInterrupt", message="")
    lab.run(fail="trend", error=interrupted, state=RunState.CANCELLED)
    row = lab.row("trend")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].summary == "its last run ended before it was done"


def test_a_failed_call_is_failed_until_something_about_it_changes(lab):
    lab.run(fail="trend", state=RunState.FAILED)
    assert lab.verdicts() == {"read": "fresh", "trend": "failed", "report": "new"}
    reason = lab.row("trend").reasons[0]
    assert reason.kind is ReasonKind.FAILED
    assert reason.summary == "ValueError: no such month"
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    assert lab.row("trend").verdict is Verdict.STALE
    assert lab.row("trend").reasons[0].kind is ReasonKind.CODE_CHANGED


def test_a_failure_that_was_repaired_by_a_later_run_is_forgotten(lab):
    lab.run(fail="trend", state=RunState.FAILED)
    lab.run()
    assert set(lab.verdicts().values()) == {"fresh"}


def test_a_failure_after_a_change_of_its_input_is_not_todays(lab):
    lab.run()
    lab.write("data/co2.csv", "x\n")
    lab.run(fail="read", state=RunState.FAILED)
    assert lab.row("read").verdict is Verdict.FAILED
    lab.write("data/co2.csv", "7\n")
    assert lab.row("read").verdict is Verdict.STALE


def test_a_call_that_goes_on_is_running(lab):
    lab.run(open_call="trend", state=RunState.RUNNING)
    assert lab.verdicts() == {"read": "fresh", "trend": "running", "report": "new"}
    assert lab.row("trend").started is not None
    assert lab.row("trend").reasons == ()


def test_a_running_call_tells_how_far_it_is_where_it_does(lab):
    lab.run(open_call="trend", state=RunState.RUNNING)
    assert lab.row("trend").progress is None
    ((folder, trace),) = MadeUpReader.traces.items()
    told = Progress(done=5, total=20)
    calls = [replace(call, progress=told) for call in trace.calls]
    MadeUpReader.traces[folder] = replace(trace, calls=calls)
    assert lab.row("trend").progress == 0.25
    assert lab.row("read").progress is None


def test_a_running_call_tells_what_it_took_the_last_time(lab):
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    lab.run(open_call="trend", state=RunState.RUNNING)
    assert lab.row("trend").verdict is Verdict.RUNNING
    assert lab.row("trend").duration == 2.0


def test_a_call_of_a_run_that_died_is_not_running(lab):
    lab.run()
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    lab.run(open_call="trend", state=RunState.DIED)
    row = lab.row("trend")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].summary == "its last run ended before it was done"


def test_what_finished_before_a_crash_stays_fresh(lab):
    lab.run(until="report", state=RunState.DIED)
    assert lab.verdicts() == {"read": "fresh", "trend": "fresh", "report": "new"}


def test_equal_static_keys_with_different_keys_cannot_be_followed(lab):
    lab.run()
    lab.run(change=lambda call: replace(call, key="f" * 32) if call.name == "trend" else call)
    row = lab.row("trend")
    assert row.verdict is Verdict.UNSURE
    assert row.reasons[0].kind is ReasonKind.CANNOT_FOLLOW


def test_a_result_that_was_not_kept_is_stale(lab):
    def not_kept(call):
        if call.name != "trend":
            return call
        notes = ("trend runs uncached: a lock has no digest",)
        return replace(call, state=CallState.UNCACHED, key=None, notes=notes)

    lab.run(change=not_kept)
    row = lab.row("trend")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].summary == "trend runs uncached: a lock has no digest"


def test_a_file_that_a_step_met_is_compared_too(lab):
    extra = lab.write("data/extra.csv", "1\n")
    digest = lab_digest(extra)

    def met(call):
        return replace(call, met=(("data/extra.csv", digest),)) if call.name == "read" else call

    lab.run(change=met)
    row = lab.row("read")
    assert row.verdict is Verdict.FRESH
    assert row.notes == ("opened data/extra.csv, not declared as an input: add?",)
    extra.write_text("2\n")
    row = lab.row("read")
    assert row.verdict is Verdict.STALE
    assert row.reasons[0].kind is ReasonKind.UNDECLARED_FILE
    lab.edit("co2.py", "return [float", "return [0.5 * float")
    kinds = [reason.kind for reason in lab.row("read").reasons]
    assert kinds == [ReasonKind.CODE_CHANGED, ReasonKind.UNDECLARED_FILE]


def lab_digest(path):
    from jobtui_core.hashing import digest_file

    return digest_file(path)


def test_a_memoized_functions_hit_stands_when_a_file_it_met_changed(empty):
    empty.write(
        "job.py",
        """
        from jobtui_core import Memory

        memory = Memory(".jobtui/cache")

        @memory.cache
        def load(name):
            return open(name).read()

        print(load("x.txt"))
        """,
    )
    extra = empty.write("x.txt", "1\n")
    digest = lab_digest(extra)
    empty.run("job.py", change=lambda call: replace(call, met=(("x.txt", digest),)))
    assert empty.row("load").verdict is Verdict.FRESH
    assert empty.row("load").kind == "memoized"
    extra.write_text("2\n")
    row = empty.row("load")
    assert row.verdict is Verdict.UNSURE
    assert row.reasons[0].kind is ReasonKind.UNDECLARED_FILE


def test_a_file_read_by_the_scripts_own_lines_counts_as_input(lab):
    settings = lab.write("settings.txt", "2\n")
    lab.edit(
        "co2.py", "= trend(series, window)", '= trend(series, int(open("settings.txt").read()))'
    )
    line = (
        (lab.root / "co2.py")
        .read_text()
        .splitlines()
        .index('values = trend(series, int(open("settings.txt").read()))')
    )
    use = FileUse(
        path="settings.txt", digest=lab_digest(settings), file="co2.py", line=line + 1, time=1.0
    )
    lab.run(read=[use])
    assert lab.row("trend").verdict is Verdict.FRESH
    settings.write_text("3\n")
    assert lab.verdicts() == {"read": "fresh", "trend": "stale", "report": "unsure"}
    assert lab.row("trend").reasons[0].kind is ReasonKind.INPUT_CHANGED


def test_an_input_that_the_script_itself_wrote_cannot_be_followed(lab):
    lab.run(written=[FileUse(path="data/co2.csv", digest=None, file="co2.py", line=1, time=1.0)])
    row = lab.row("read")
    assert row.verdict is Verdict.UNSURE
    assert row.reasons[0].kind is ReasonKind.CANNOT_FOLLOW


def test_a_step_without_a_call_is_unused(lab):
    lab.edit("co2.py", "print(report(values))", "print(values)")
    row = lab.row("report")
    assert row.verdict is Verdict.UNUSED
    assert row.reasons == ()


def test_a_call_that_a_run_passed_without_reaching_it_asks_for_nothing(lab):
    lab.run(skip=["report"])
    row = lab.row("report")
    assert row.verdict is Verdict.UNUSED
    assert lab.row("trend").verdict is Verdict.FRESH


def test_a_call_that_a_dead_run_did_not_reach_is_not_passed(lab):
    lab.run(until="report", state=RunState.DIED)
    assert lab.row("report").verdict is Verdict.NEW


def test_the_worst_call_site_decides_over_a_step(lab):
    lab.edit("co2.py", "print(report(values))", "print(report(values), trend(series, 4))")
    lab.run()
    assert lab.row("trend").calls == 2
    row = lab.row("trend", window=26)
    assert row.verdict is Verdict.STALE
    assert lab.row("report", window=26).verdict is Verdict.UNSURE
    assert len(row.keys) == 2
