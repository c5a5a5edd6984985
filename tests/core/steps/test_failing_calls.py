"""Steps with outputs, inputs and a record of their run, while the operating system fails."""

from __future__ import annotations

import errno
import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobtui_core import JsonFile, make
from jobtui_core.errors import CacheWarning
from jobtui_core.tracing.opening import enable_for_tests
from jobtui_core.tracing.trouble import TraceWarning
from tests.core.memory.faults.calls import come_between

ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EACCES, errno.ESTALE)


@make(inputs=["data.txt"], output=JsonFile("out/{n}.json"))
def listed(n: int) -> list[int]:
    with open("data.txt") as file:
        return [int(file.read())] * n


@make
def total(n: int) -> int:
    return sum(listed(n))


class Faults:
    """Lets the operating system fail from a call on."""

    def __init__(self) -> None:
        self.first, self.count, self.error, self.seen = 1 << 30, 0, 0, 0

    def __call__(self, name: str, call: Callable[[], Any]) -> Any:
        number, self.seen = self.seen, self.seen + 1
        # A declared input has to be there: that is said, and the step is not run.
        if self.first <= number < self.first + self.count and name not in ("stat", "read"):
            if name == "close":
                call()
            raise OSError(self.error, os.strerror(self.error))
        return call()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    found = Faults()
    come_between(found, monkeypatch.setattr)
    return found


@pytest.mark.parametrize("count", [1, 1000], ids=["once", "from then on"])
@pytest.mark.parametrize("stored", [False, True], ids=["miss", "hit"])
def test_any_call_may_fail_with_any_error(
    tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch, stored: bool, count: int
) -> None:
    number = 0
    while True:
        # Another call each time: a process remembers results, whatever project they are of.
        n = number + 5 + 3000 * stored + count
        root = tmp_path / str(number)
        root.mkdir()
        monkeypatch.chdir(root)
        monkeypatch.setenv("JOBTUI_ROOT", str(root))
        (root / "data.txt").write_text("7")
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            with enable_for_tests(root):
                if stored:
                    assert total(n) == 7 * n
                faults.seen, faults.first = 0, number
                faults.count, faults.error = count, ERRORS[number % len(ERRORS)]
                try:
                    found = total(n)
                finally:
                    done = faults.seen
                    faults.first = 1 << 30
                assert found == 7 * n, number
                # All is well again.
                assert total(n) == 7 * n
        kinds = {one.category for one in heard}
        assert kinds <= {CacheWarning, TraceWarning}, [str(one.message) for one in heard]
        assert len(heard) <= 4, [str(one.message) for one in heard]
        output = root / "out" / f"{n}.json"
        if output.exists():
            assert json.loads(output.read_text()) == [7] * n
        left = [path.name for path in root.rglob("*") if "~" in path.name]
        assert len(left) <= (1 if count == 1 else 4), left
        with enable_for_tests(root), warnings.catch_warnings():
            warnings.simplefilter("error")
            assert total(n) == 7 * n
            assert total.check_call_in_cache(n)
        if done <= number:
            break
        number += 1
    assert number >= 3
