"""What a verdict says is what a run then does, edit by edit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.core.corpus import cases
from tests.core.corpus.cases import CASES, PROJECTS
from tests.core.corpus.harness import Findings
from tests.core.corpus.tally import MOST_ALARMS, MOST_WITH_STANDING, tally

Examined = dict[str, Future[Findings]]


@pytest.fixture(scope="module")
def examined(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examined]:
    """Cases as they are examined, two at a time."""
    items = [item for item in request.session.items if item.path == request.path]
    asked = [item.callspec.params["name"] for item in items if hasattr(item, "callspec")]
    with cases.examined(tmp_path_factory.mktemp("corpus"), asked) as futures:
        yield futures


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


@pytest.mark.slow
def test_all_together_are_never_wrong_and_seldom_alarm_for_nothing(examined: Examined) -> None:
    if len(examined) < len(CASES):
        pytest.skip("only some cases were asked for")
    counted = tally(CASES, ((name, future.result()) for name, future in examined.items()))
    assert not counted.wrong, counted.table()
    assert all(why for _, _, _, why in counted.alarms), counted.table()
    assert counted.share < MOST_ALARMS, counted.table()
    assert counted.share_with_standing < MOST_WITH_STANDING, counted.table()


def test_the_corpus_is_as_large_as_it_is_meant_to_be() -> None:
    assert len(CASES) >= 150
    assert len(PROJECTS) >= 6


def test_no_case_hides_another() -> None:
    assert len(CASES) == sum(len(module.CASES) for module in PROJECTS)
