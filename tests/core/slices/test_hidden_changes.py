"""A step that changes a global does so when it runs, and a hit leaves that out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.slices.test_static_keys import look, sites

CHANGES = {
    "appended to": "vb.append(x)",
    "an item set": "vb[0] = x",
    "bound anew": "global vb\n    vb = [x]",
    "by a helper": "helper(x)",
}
HELPER = "def helper(x):\n    vb.append(x)\n"


@pytest.mark.parametrize("change", CHANGES)
def test_what_reads_it_afterwards_is_marked(tmp_path: Path, change: str) -> None:
    text = f"vb = [1]\n{HELPER}@make\ndef adds(x):\n    {CHANGES[change]}\n    return x\n"
    found = look(tmp_path, text + "fit(vb)\nadds(1)\nfit(vb)\nfit(2)")
    before, after, other = sites(found)
    assert not before.unfollowed
    assert not other.unfollowed
    assert "adds changes vb only when it runs" in " ".join(after.unfollowed)
    (adds,) = sites(found, "adds")
    assert not adds.unfollowed


def test_one_that_changes_names_of_its_own_marks_nothing(tmp_path: Path) -> None:
    text = "vb = [1]\n@make\ndef adds(x):\n    vb = [x]\n    vb.append(x)\n    return vb\n"
    (site,) = sites(look(tmp_path, text + "adds(1)\nfit(vb)"))
    assert not site.unfollowed
