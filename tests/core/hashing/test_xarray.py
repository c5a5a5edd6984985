"""xarray's containers are hashed by what they hold, not by what was asked of them before."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core import Memory
from jobtui_core.hashing import digest

xr = pytest.importorskip("xarray")


def array() -> Any:
    return xr.DataArray(
        np.arange(6.0).reshape(2, 3),
        dims=("x", "y"),
        coords={"x": [10, 20], "label": ("x", ["a", "b"]), "level": 3},
        name="heat",
        attrs={"units": "K"},
    )


def dataset() -> Any:
    return xr.Dataset({"heat": array(), "cold": ("x", [1.0, 2.0])}, attrs={"title": "a"})


def several() -> Any:
    return array().stack(z=("x", "y"))


def times() -> Any:
    found = array()
    found["time"] = ("x", np.array(["2020-01-01", "2021-01-01"], dtype="M8[ns]"))
    return found


def tree() -> Any:
    return xr.DataTree.from_dict({"/": dataset(), "/inner": dataset()})


MAKERS: dict[str, Callable[[], Any]] = {
    "array": array,
    "dataset": dataset,
    "multiindex": several,
    "times": times,
    "variable": lambda: array().variable,
    "tree": tree,
}


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[[], Any]:
    if request.param == "tree" and not hasattr(xr, "DataTree"):
        pytest.skip("this xarray has no trees")
    return MAKERS[request.param]


def test_equal_ones_have_equal_digests(make: Callable[[], Any]) -> None:
    known = digest(make())
    assert digest(make()) == known
    assert digest(make().copy(deep=True)) == known
    assert digest(pickle.loads(pickle.dumps(make()))) == known


def test_what_was_asked_of_one_makes_no_difference(make: Callable[[], Any]) -> None:
    value, known = make(), digest(make())
    str(value), value.sizes
    for name in getattr(value, "coords", ()):
        value.indexes, value[name].to_index() if value[name].ndim == 1 else None
    if hasattr(value, "coords") and "x" in value.xindexes:
        value.sel(x=20)
    assert digest(value) == known


CHANGES: dict[str, Callable[[Any], Any]] = {
    "data": lambda a: a + 1,
    "kind of data": lambda a: a.astype("f4"),
    "name": lambda a: a.rename("other"),
    "attributes": lambda a: a.assign_attrs(units="C"),
    "coordinate": lambda a: a.assign_coords(x=[10, 21]),
    "coordinate without index": lambda a: a.assign_coords(label=("x", ["a", "c"])),
    "scalar coordinate": lambda a: a.assign_coords(level=4),
    "coordinate's attributes": lambda a: a.assign_coords(level=((), 3, {"of": "sea"})),
    "one coordinate less": lambda a: a.drop_vars("level"),
    "dimension": lambda a: a.rename(y="z"),
    "order of dimensions": lambda a: a.transpose(),
    "index": lambda a: a.drop_indexes("x"),
    "encoding": lambda a: a.pipe(encoded),
    "kind": lambda a: a.to_dataset(),
}


def encoded(value: Any) -> Any:
    value.encoding["scale_factor"] = 0.1
    return value


@pytest.mark.parametrize("change", CHANGES)
def test_each_single_change_makes_another_digest(change: str) -> None:
    assert digest(CHANGES[change](array())) != digest(array())


def test_variables_of_a_dataset_come_in_any_order() -> None:
    value = dataset()
    assert digest(value[["cold", "heat"]]) == digest(value[["heat", "cold"]]) == digest(value)
    assert digest(value.set_coords("cold")) != digest(value)
    assert digest(value.assign(cold=("x", [1.0, 3.0]))) != digest(value)


def test_where_a_file_lay_makes_no_difference() -> None:
    value = dataset()
    value.encoding["source"] = "/somewhere/a.nc"
    assert digest(value) == digest(dataset())


def test_a_call_with_one_is_a_hit_and_gives_one_back(tmp_path: Path) -> None:
    calls = []

    def mean(value: Any) -> Any:
        calls.append(value)
        return value.mean("x")

    function = Memory(tmp_path, verbose=0).cache(mean, version=1)
    for _ in range(2):
        xr.testing.assert_identical(function(dataset()), dataset().mean("x"))
    assert len(calls) == 1
