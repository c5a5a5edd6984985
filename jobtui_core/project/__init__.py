"""A folder of scripts: what is fresh, what ran, and running what is not.

The app, the command line and scripts call the same functions::

    from jobtui_core.project import open_project, start

Names are resolved on first use: whoever only reads loads nothing that only running needs.
"""

from __future__ import annotations

# Not ``typing``'s: it takes longer to load than all that is done here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobtui_core.project.accepting import accept, accept_offer, accepted, unaccept
    from jobtui_core.project.catalogue.catalogue import Catalogue
    from jobtui_core.project.catalogue.deleting import (
        delete_rows,
        needed_by_stars,
        removal,
        steps_resting_on,
    )
    from jobtui_core.project.catalogue.fields import entry_filter, select
    from jobtui_core.project.catalogue.finding import find_rows
    from jobtui_core.project.catalogue.known import known_stores, open_catalogues
    from jobtui_core.project.catalogue.shape import details_to_json, sizes_to_json
    from jobtui_core.project.catalogue.sizing import store_sizes
    from jobtui_core.project.catalogue.sorting import sort_rows, sums
    from jobtui_core.project.checking import check
    from jobtui_core.project.collecting import collect
    from jobtui_core.project.comparing.comparison import compare
    from jobtui_core.project.comparing.shape import comparison_to_json
    from jobtui_core.project.copying import copy_plan, copy_results, copy_to_json
    from jobtui_core.project.discovery import discover, find_scripts
    from jobtui_core.project.drawings import figure_bytes, figures
    from jobtui_core.project.explain import why
    from jobtui_core.project.folder import Project, open_project
    from jobtui_core.project.glance import overview, overview_answer
    from jobtui_core.project.installed import package_changes
    from jobtui_core.project.noting import note_run
    from jobtui_core.project.parameters import parameters_from, parse_overrides, read_parameters
    from jobtui_core.project.plans.held import held_plan
    from jobtui_core.project.plans.planning import plan
    from jobtui_core.project.plans.planshape import plan_to_json, run_to_json
    from jobtui_core.project.printed import lines_to_json, log_lines
    from jobtui_core.project.reader import is_shared, look_again
    from jobtui_core.project.reporting.making import Written, report, write_report
    from jobtui_core.project.results import result
    from jobtui_core.project.rundetail import run_detail
    from jobtui_core.project.runfilter import (
        RUN_FILTER_EXAMPLES,
        filter_names,
        run_filter,
        select_runs,
    )
    from jobtui_core.project.running.cancelling import cancel
    from jobtui_core.project.running.failures import failures, find_failure, replay
    from jobtui_core.project.running.follow import Change, Follower, follow_queue
    from jobtui_core.project.running.history import active, calls, run_info, runs
    from jobtui_core.project.running.interpreter import choose_interpreter
    from jobtui_core.project.running.logs import LogPart, read_log
    from jobtui_core.project.running.ordering import ScriptOrder, order_scripts
    from jobtui_core.project.running.queues import Queue, QueueState, queue_state
    from jobtui_core.project.runremoval import RunRemoval, remove_runs, run_removal
    from jobtui_core.project.runshape import detail_to_json, runs_to_json
    from jobtui_core.project.shape import acceptances_to_json, explanations_to_json, to_json
    from jobtui_core.project.starting import start
    from jobtui_core.project.sweeps.shape import sweep_to_json
    from jobtui_core.project.sweeps.sweeping import (
        plan_sweep,
        start_sweep,
        sweep,
        sweep_outcome,
    )
    from jobtui_core.project.verdicts import status
    from jobtui_core.project.watching import watched

__all__ = [
    "RUN_FILTER_EXAMPLES",
    "Catalogue",
    "Change",
    "Follower",
    "LogPart",
    "Project",
    "Queue",
    "QueueState",
    "RunRemoval",
    "ScriptOrder",
    "Written",
    "accept",
    "accept_offer",
    "acceptances_to_json",
    "accepted",
    "active",
    "calls",
    "cancel",
    "check",
    "choose_interpreter",
    "collect",
    "compare",
    "comparison_to_json",
    "copy_plan",
    "copy_results",
    "copy_to_json",
    "delete_rows",
    "detail_to_json",
    "details_to_json",
    "discover",
    "entry_filter",
    "explanations_to_json",
    "failures",
    "figure_bytes",
    "figures",
    "filter_names",
    "find_failure",
    "find_rows",
    "find_scripts",
    "follow_queue",
    "held_plan",
    "is_shared",
    "known_stores",
    "lines_to_json",
    "log_lines",
    "look_again",
    "needed_by_stars",
    "note_run",
    "open_catalogues",
    "open_project",
    "order_scripts",
    "overview",
    "overview_answer",
    "package_changes",
    "parameters_from",
    "parse_overrides",
    "plan",
    "plan_sweep",
    "plan_to_json",
    "queue_state",
    "read_log",
    "read_parameters",
    "removal",
    "remove_runs",
    "replay",
    "report",
    "result",
    "run_detail",
    "run_filter",
    "run_info",
    "run_removal",
    "run_to_json",
    "runs",
    "runs_to_json",
    "select",
    "select_runs",
    "sizes_to_json",
    "sort_rows",
    "start",
    "start_sweep",
    "status",
    "steps_resting_on",
    "store_sizes",
    "sums",
    "sweep",
    "sweep_outcome",
    "sweep_to_json",
    "to_json",
    "unaccept",
    "watched",
    "why",
    "write_report",
]

# No module here may have the name of a function of this list: importing the module would put it
# in the function's place.
_HOMES = {
    "Catalogue": "catalogue.catalogue",
    "Change": "running.follow",
    "Follower": "running.follow",
    "LogPart": "running.logs",
    "Project": "folder",
    "Queue": "running.queues",
    "QueueState": "running.queues",
    "RUN_FILTER_EXAMPLES": "runfilter",
    "RunRemoval": "runremoval",
    "ScriptOrder": "running.ordering",
    "Written": "reporting.making",
    "accept": "accepting",
    "accept_offer": "accepting",
    "acceptances_to_json": "shape",
    "accepted": "accepting",
    "active": "running.history",
    "calls": "running.history",
    "cancel": "running.cancelling",
    "check": "checking",
    "choose_interpreter": "running.interpreter",
    "collect": "collecting",
    "compare": "comparing.comparison",
    "comparison_to_json": "comparing.shape",
    "copy_plan": "copying",
    "copy_results": "copying",
    "copy_to_json": "copying",
    "delete_rows": "catalogue.deleting",
    "detail_to_json": "runshape",
    "details_to_json": "catalogue.shape",
    "discover": "discovery",
    "entry_filter": "catalogue.fields",
    "explanations_to_json": "shape",
    "failures": "running.failures",
    "filter_names": "runfilter",
    "find_failure": "running.failures",
    "figure_bytes": "drawings",
    "figures": "drawings",
    "find_rows": "catalogue.finding",
    "find_scripts": "discovery",
    "follow_queue": "running.follow",
    "held_plan": "plans.held",
    "is_shared": "reader",
    "known_stores": "catalogue.known",
    "lines_to_json": "printed",
    "log_lines": "printed",
    "look_again": "reader",
    "needed_by_stars": "catalogue.deleting",
    "note_run": "noting",
    "open_catalogues": "catalogue.known",
    "open_project": "folder",
    "order_scripts": "running.ordering",
    "overview": "glance",
    "overview_answer": "glance",
    "package_changes": "installed",
    "parameters_from": "parameters",
    "parse_overrides": "parameters",
    "plan": "plans.planning",
    "plan_sweep": "sweeps.sweeping",
    "plan_to_json": "plans.planshape",
    "queue_state": "running.queues",
    "read_log": "running.logs",
    "read_parameters": "parameters",
    "removal": "catalogue.deleting",
    "remove_runs": "runremoval",
    "replay": "running.failures",
    "report": "reporting.making",
    "result": "results",
    "run_detail": "rundetail",
    "run_filter": "runfilter",
    "run_info": "running.history",
    "run_removal": "runremoval",
    "run_to_json": "plans.planshape",
    "runs": "running.history",
    "runs_to_json": "runshape",
    "select": "catalogue.fields",
    "select_runs": "runfilter",
    "sizes_to_json": "catalogue.shape",
    "sort_rows": "catalogue.sorting",
    "start": "starting",
    "start_sweep": "sweeps.sweeping",
    "status": "verdicts",
    "steps_resting_on": "catalogue.deleting",
    "store_sizes": "catalogue.sizing",
    "sums": "catalogue.sorting",
    "sweep": "sweeps.sweeping",
    "sweep_outcome": "sweeps.sweeping",
    "sweep_to_json": "sweeps.shape",
    "to_json": "shape",
    "unaccept": "accepting",
    "watched": "watching",
    "why": "explain",
    "write_report": "reporting.making",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
