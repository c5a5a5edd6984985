"""Entries as released versions wrote them; new ones are added, none is ever changed."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from jobtui_core.entry import entry_name, read_info, read_kept, read_value
from jobtui_core.entry.layout import parse
from jobtui_core.hashing import combine, digest
from jobtui_core.stores import LocalStore

FOLDER = Path(__file__).parents[2] / "data" / "entries"
WEEKS = pd.date_range("1958-03-29", periods=3, freq="7D")
SMALL = np.asfortranarray(np.arange(6, dtype="<i2").reshape(2, 3))
WAVE = np.array([1 + 2j, 3 - 4j])

VALUES: dict[str, Any] = {
    "v1/plain": {"name": "trend", "values": [1, 2.5, None], "pair": (True, b"\x00")},
    "v1/array": np.arange(12, dtype="<f8").reshape(3, 4),
    "v1/fortran": SMALL,
    "v1/pickle": OrderedDict(total=Decimal("1.10"), parts=[np.arange(3, dtype="<i4")]),
    "v2/packed": np.arange(2000, dtype="<f8").reshape(40, 50) / 8,
    "v2/nested": {"trend": np.arange(12, dtype="<f8"), "pair": (np.float64(1.5), [SMALL])},
    "v2/pandas": pd.DataFrame({"week": [1, 2, 3], "co2": [316.1, np.nan, 317.2]}, index=WEEKS),
    "v2/polars": pl.DataFrame({"week": [1, 2, None], "site": ["Mauna Loa", None, "x"]}),
    "v2/signed": {"name": "trend", "values": [1, 2.5, None]},
    "v2/pictures": {"pixels": np.arange(12, dtype="u1").reshape(3, 4), "wave": WAVE},
}
CODECS = {"array": "array", "fortran": "array", "packed": "array", "pickle": "pickle",
          "plain": "plain", "signed": "plain", "nested": "nested",
          "pictures": "nested"}  # fmt: skip


@pytest.mark.parametrize("sample", VALUES)
@pytest.mark.parametrize("mode", [None, "r"])
def test_sample_is_read(sample: str, mode: Any, tmp_path: Path) -> None:
    version, _, kind = sample.partition("/")
    key = combine("sample", kind)
    name = entry_name("co2:trend", key)
    store = LocalStore(tmp_path)
    if kind == "signed":
        store = store.with_key("sample")
    path = store.local_path(name)
    path.parent.mkdir(parents=True)
    shutil.copy(FOLDER / f"{sample}.entry", path)
    assert path.read_bytes()[8] == int(version[1:])
    found = read_value(store, name, key, mode)
    assert found is not None
    value, info = found
    assert digest(value) == digest(VALUES[sample])
    assert info.codec == CODECS.get(kind, "frame")
    # Made by the algorithm of its time.
    assert len(bytes.fromhex(info.result)) == 16
    info = read_info(store, name) or info
    assert info.function == "co2:trend"
    assert info.inputs == [["data/co2.csv", "0" * 32]]
    assert info.arguments["window"]["preview"] == "52"
    assert (info.started, info.duration) == (1000.0, 1.5)
    assert info.log == "read 3 rows\n"
    assert info.preview is not None
    expected = {"array": "array", "frame": "table"}.get(info.codec, "mapping")
    assert info.preview.kind == expected


def test_a_sample_with_pictures_has_them(tmp_path: Path) -> None:
    name = entry_name("co2:trend", combine("sample", "pictures"))
    store = LocalStore(tmp_path)
    store.write(name, (FOLDER / "v2" / "pictures.entry").read_bytes())
    info = read_info(store, name)
    assert info is not None
    (figure,) = info.figures
    assert (figure.name, figure.png, figure.svg) == ("trend.png", "1" * 32, "2" * 32)
    assert figure.thumb is not None
    assert figure.thumb.data == bytes([1, 2, 3])
    assert read_kept(store, name) == {"1" * 32, "2" * 32}
    assert info.preview is not None
    (_, pixels), (_, wave) = info.preview.items
    assert pixels.thumb is not None
    assert (pixels.thumb.width, pixels.thumb.height, pixels.thumb.low) == (4, 3, 0.0)
    assert wave.plot is not None
    assert [one.y for one in wave.plot.series] == [(1.0, 3.0), (2.0, -4.0)]


def test_samples_are_all_there() -> None:
    there = {f"{path.parent.name}/{path.stem}" for path in FOLDER.glob("*/*.entry")}
    assert there == set(VALUES)


def test_packed_sample_is_packed() -> None:
    layout = parse((FOLDER / "v2" / "packed.entry").read_bytes())
    assert layout.frames[1].flags
    assert layout.frames[1].length < 5000
