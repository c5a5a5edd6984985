"""Whatever stands in records, sources and notes: runs are compared, or it is said why not."""

from __future__ import annotations

import json
import random

import pytest

from jobtui_core.project import comparison_to_json
from tests.core.comparing.test_figures import draw, png

JUNK = [
    None, True, -1, 10**30, 1e308, "", "x" * 1000, "\x1b]0;x\x07", "../" * 20, "\ud800", [], {},
    [[]], [None, 1], [["a"]], [["a", "b", "c"]], {"a": {"b": []}}, "0" * 32, "hit", "failed",
]  # fmt: skip


def spoiled(value, dice, odds):
    """Put junk in some places of plain data."""
    if dice.random() < odds:
        return dice.choice(JUNK)
    if isinstance(value, dict):
        return {
            name: spoiled(item, dice, odds) for name, item in value.items() if dice.random() > odds
        }
    if isinstance(value, list):
        return [spoiled(item, dice, odds) for item in value]
    return value


@pytest.fixture
def runs(bench):
    """Two runs with everything that is compared."""
    code = [bench.code(("a:fit", f"def fit(): return {n}", ("fit",), "function")) for n in (1, 2)]
    made = []
    for n in (0, 1):
        run = bench.run(argv=["--x"], git={"commit": "a" * 40}).parameter("window", n, n)
        note = bench.note("data.txt", f"{n}\n")
        for k in range(3):
            run.step("fit", [n + k], arguments={"k": k}, code=code[n], inputs=[note], log=f"{n}\n")
        run.step("load", n, key=f"{n}" * 32)
        draw(run, png(3, 3, dots=[(n, 0)]), size=(3, 3))
        run.trace.write("file_read", path="own", digest="1" * 32, file="a.py", line=1)
        run.trace.write("sites", script="a.py", analysis=code[n])
        made.append(run.end())
    return made


@pytest.mark.parametrize("seed", range(40))
def test_runs_are_compared_whatever_their_records_say(bench, runs, seed):
    dice = random.Random(seed)
    odds = dice.choice([0.01, 0.05, 0.3])
    for run in runs:
        path = run.trace.folder / "events.jsonl"
        events = [json.loads(line) for line in path.read_text().splitlines()]
        # What every run has, so that there is something to compare.
        lines = [events[0], *(spoiled(event, dice, odds) for event in events[1:])]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    names = [one.name for one in bench.store.list("code/")]
    for name in names:
        data = json.loads(bench.store.read(name) or b"")
        bench.store.write(name, [json.dumps(spoiled(data, dice, odds)).encode()])
    for path in (bench.root / ".jobtui/inputs").iterdir():
        path.write_text(json.dumps(spoiled(json.loads(path.read_text()), dice, odds)))
    found = bench.compare(*runs)
    text = json.dumps(comparison_to_json(found), allow_nan=False)
    assert "\x1b" not in text.encode().decode("unicode_escape", "replace")
