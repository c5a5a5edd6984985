"""References to results: ``call_and_shelve`` is a call like any other, ``get`` gives its result."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core.slices import CallSite
from tests.core.slices.test_static_keys import look, only, sites

AWAITED = """
import asyncio

@memory.cache
async def waited(x):
    return x

"""


def analysed(tmp_path: Path, text: str, name: str = "fit") -> CallSite:
    return only(look(tmp_path, text), name)


EQUAL = {
    "a reference": ("fit(cached(1))", "fit(cached.call_and_shelve(1).get())"),
    "a reference with a name": (
        "fit(cached(1))",
        "r = cached.call_and_shelve(1)\ns = r\nfit(s.get())",
    ),
    "references of a list": (
        "fit([cached(k) for k in (1, 2)])",
        "rs = [cached.call_and_shelve(k) for k in (1, 2)]\nfit([r.get() for r in rs])",
    ),
    "a loop over references": (
        "for x in [cached(k) for k in (1, 2)]:\n    fit(x)",
        "for r in [cached.call_and_shelve(k) for k in (1, 2)]:\n    fit(r.get())",
    ),
}


@pytest.mark.parametrize("case", EQUAL)
def test_what_is_behind_a_reference_is_the_result(tmp_path: Path, case: str) -> None:
    plain, referred = EQUAL[case]
    one, two = analysed(tmp_path, plain), analysed(tmp_path, referred)
    assert not two.unfollowed
    assert one.holes == two.holes
    by_reference = analysed(tmp_path, referred, "cached")
    assert by_reference.template == analysed(tmp_path, plain, "cached").template
    assert not by_reference.unfollowed


MARKED = {
    "when it was computed": "r = cached.call_and_shelve(1)\nfit(r.duration)",
    "the reference itself": "fit(cached.call_and_shelve(1))",
    "a reference in a function": "def go(r):\n    return r\nfit(go(cached.call_and_shelve(1)))",
    "one of two": (
        "r = cached.call_and_shelve(1)\nif load('x'):\n    r = cached.call_and_shelve(2)\n"
        "fit(r.get())"
    ),
    "of the turn before": (
        "r = cached.call_and_shelve(0)\nfor k in (1, 2):\n    fit(r.get())\n"
        "    r = cached.call_and_shelve(k)"
    ),
    "after a loop": "for k in (1, 2):\n    r = cached.call_and_shelve(k)\nfit(r.get())",
    "an item": "rs = [cached.call_and_shelve(k) for k in (1, 2)]\nfit(rs[0].get())",
    "a call with metadata": "fit(cached.call(1))",
}


@pytest.mark.parametrize("case", MARKED)
def test_what_else_a_reference_tells_is_marked(tmp_path: Path, case: str) -> None:
    assert analysed(tmp_path, MARKED[case]).unfollowed


def test_a_result_that_is_deleted_through_a_reference_is_no_hit_the_next_time(
    tmp_path: Path,
) -> None:
    site = analysed(tmp_path, "r = cached.call_and_shelve(1)\nr.clear()", "cached")
    assert "deleted" in " ".join(site.unfollowed)


def test_a_step_knows_no_references(tmp_path: Path) -> None:
    found = look(tmp_path, "load.call_and_shelve(1)")
    assert not sites(found, "load")


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("asyncio.run(waited(3))", "asyncio.run(waited(3))"),
        (
            "async def main():\n    return await waited(3)\nasyncio.run(main())",
            "    return await waited(3)",
        ),
        (
            (
                "async def main():\n    r = await waited.call_and_shelve(3)\n    return r.get()\n"
                "asyncio.run(main())"
            ),
            "    r = await waited.call_and_shelve(3)",
        ),
    ],
)
def test_a_memoized_coroutine_is_called_where_it_is_waited_for(
    tmp_path: Path, text: str, ending: str
) -> None:
    site = only(look(tmp_path, AWAITED + text), "waited")
    assert not site.unfollowed
    place = site.chain[-1]
    lines = (tmp_path / "script.py").read_text().splitlines()
    assert lines[place.end_line - 1][: place.end_column] == ending


@pytest.mark.parametrize(
    "text",
    [
        "asyncio.run(asyncio.wait_for(waited(3), 1))",
        "async def main():\n    await asyncio.gather(waited(1), waited(2))\nasyncio.run(main())",
        "task = waited(3)\nasyncio.run(task)",
    ],
)
def test_one_that_is_waited_for_elsewhere_is_marked(tmp_path: Path, text: str) -> None:
    found = sites(look(tmp_path, AWAITED + text), "waited")
    assert found
    assert all(site.unfollowed for site in found)
