"""What a verdict says is what a run then does, edit by edit."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from tests.core.corpus.cases import CASES, PROJECTS, begin, examine_one
from tests.core.corpus.harness import Findings

Examined = dict[str, Future[Findings]]


@pytest.fixture(scope="module")
def examined(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examined]:
    """Cases as they are examined, two at a time."""
    folder = tmp_path_factory.mktemp("corpus")
    items = [item for item in request.session.items if item.path == request.path]
    asked = [item.callspec.params["name"] for item in items if hasattr(item, "callspec")]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context, initializer=begin) as pool:
        yield {name: pool.submit(examine_one, folder, name) for name in asked}
        pool.shutdown(cancel_futures=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_verdict_is_what_happens(examined: Examined, name: str) -> None:
    shape, case = CASES[name]
    found = examined[name].result()
    allowed = {*shape.alarms, *case.alarms}
    unexpected = {step: said for step, said in found.alarms.items() if step not in allowed}
    spared = [step for step in case.alarms if step not in found.alarms]
    problems = [*found.wrong, *(f"false alarm: {step} {said}" for step, said in unexpected.items())]
    problems += [f"{step} is listed as a false alarm and is none" for step in spared]
    assert not problems, "\n".join(problems)


def test_no_case_hides_another() -> None:
    assert len(CASES) == sum(len(module.CASES) for module in PROJECTS)
