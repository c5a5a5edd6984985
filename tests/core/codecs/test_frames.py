"""Data frames and series as Arrow: all of them comes back, or pickle is used."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobtui_core.codecs import decode, encode, encode_plain
from jobtui_core.errors import CodecError
from jobtui_core.hashing import digest

HOURS = pd.date_range("2026-01-01", periods=5, freq="h")
LABELLED = pd.DataFrame({"a": [1, 2]}).set_flags(allows_duplicate_labels=False)
NOTED = pd.DataFrame({"a": [1]})
NOTED.attrs = {"unit": "ppm"}

AS_ARROW = {
    "numbers": pd.DataFrame({"a": np.arange(5), "b": np.arange(5) / 3}),
    "small numbers": pd.DataFrame({"a": np.arange(5, dtype="f4"), "b": np.arange(5, dtype="u2")}),
    "texts": pd.DataFrame({"a": ["x", "y", None]}),
    "missing": pd.DataFrame({"a": [1.0, np.nan]}),
    "instants": pd.DataFrame({"a": np.arange(5)}, index=HOURS),
    "zones": pd.DataFrame({"a": np.arange(5)}, index=HOURS.tz_localize("Europe/Berlin")),
    "categories": pd.DataFrame({"a": pd.Categorical(["a", "b"], ["b", "a"], ordered=True)}),
    "two indexes": pd.DataFrame({"a": [1, 2], "i": [1, 1], "j": [1, 2]}).set_index(["i", "j"]),
    "counted columns": pd.DataFrame(np.zeros((4, 3))),
    "two rows of names": pd.DataFrame(
        [[1, 2]], columns=pd.MultiIndex.from_product([["a"], [1, 2]])
    ),
    "nullable": pd.DataFrame({"a": pd.array([1, None], "Int64")}),
    "grouped": pd.DataFrame({"a": [1, 1, 2], "b": [1.0, 2, 3]}).groupby("a").mean(),
    "part of another": pd.DataFrame({"a": np.arange(50)})[10:20:2],
    "no rows": pd.DataFrame({"a": []}),
    "nothing": pd.DataFrame(),
    "attributes": NOTED,
    "flags": LABELLED,
    "series": pd.Series([1.0, 2.0], name="x"),
    "series without a name": pd.Series([1.0, 2.0], index=["a", "b"]),
    "series with a strange name": pd.Series([1.0], name=("a", 1)),
    "periods": pd.Series(pd.period_range("2026", periods=2, freq="M")),
    "series of instants": pd.Series(np.arange(5), index=HOURS),
    "polars": pl.DataFrame({"a": [1, None], "b": ["x", None], "c": [1.5, float("nan")]}),
    "polars times": pl.DataFrame({"a": [dt.datetime(2026, 1, 1)], "b": [dt.timedelta(1)]}),
    "polars categories": pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"]))}),
    "polars nested": pl.DataFrame({"a": [[1, 2], []], "s": [{"x": 1}, {"x": 2}]}),
    "polars decimals": pl.DataFrame({"a": [Decimal("1.10")]}),
    "polars nothing": pl.DataFrame(),
    "polars series": pl.Series("n", [1, 2, 3]),
}
AS_PICKLE = {
    "objects": pd.DataFrame({"a": [1, "x", None]}),
    "a name twice": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "complex": pd.DataFrame({"a": [1j]}),
    "strange attributes": pd.DataFrame({"a": [1]}),
}
AS_PICKLE["strange attributes"].attrs = {"made": dt.date(2026, 1, 1)}


def back_of(value: Any, *, allow_pickle: bool = False) -> tuple[Any, str]:
    encoded = encode(value, allow_pickle=allow_pickle)
    frames = [bytes(frame) for frame in encoded.frames]
    return decode(encoded.codec, frames, allow_pickle=allow_pickle), encoded.codec


@pytest.mark.parametrize("name", AS_ARROW)
def test_frame_comes_back_without_pickle(name: str) -> None:
    value = AS_ARROW[name]
    back, codec = back_of(value)
    assert codec == "frame"
    assert type(back) is type(value)
    assert digest(back) == digest(value)


@pytest.mark.parametrize("name", AS_PICKLE)
def test_what_arrow_would_change_is_pickled(name: str) -> None:
    value = AS_PICKLE[name]
    back, codec = back_of(value, allow_pickle=True)
    assert codec == "pickle"
    assert digest(back) == digest(value)
    with pytest.raises(CodecError, match="without pickle"):
        encode(value, allow_pickle=False)


columns = st.sampled_from([
    [1, 2, 3], [1.5, None, 3.0], ["a", None, "c"], [True, False, True], [None, None, None],
    [dt.date(2026, 1, 1)] * 3, [dt.datetime(2026, 1, 1)] * 3, [b"x", b"", b"yz"], [1, "a", None],
    [[1], [2, 3], []], [2**70, 1, 2],
])  # fmt: skip
indexes = st.sampled_from([None, [3, 1, 2], ["x", "y", "z"], HOURS[:3], [1.5, 2.5, 3.5]])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["a", "b c", 1, ""]), columns), indexes)
def test_any_frame_comes_back_the_same(data: dict[Any, Any], index: Any) -> None:
    value = pd.DataFrame(data, index=index)
    back, _ = back_of(value, allow_pickle=True)
    assert digest(back) == digest(value)
    assert list(back.dtypes) == list(value.dtypes)


def test_frames_may_be_changed() -> None:
    back, _ = back_of(AS_ARROW["numbers"])
    back.loc[0, "a"] = 9
    back["b"].to_numpy(copy=True)[0] = 1
    assert back.loc[0, "a"] == 9


def test_the_stored_frame_is_left_as_it_was() -> None:
    before = NOTED.copy()
    encode(NOTED)
    assert NOTED.attrs == before.attrs == {"unit": "ppm"}


def test_pandas_frames_are_pickled_where_pyarrow_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    # pandas itself keeps texts in pyarrow's memory, where it can.
    frame = AS_ARROW["counted columns"]
    encoded = encode(frame)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert encode(frame).codec == "pickle"
    assert encode(AS_ARROW["polars"]).codec == "frame"
    with pytest.raises(CodecError, match=r"pandas\.DataFrame cannot be read here"):
        decode(encoded.codec, encoded.frames)


@pytest.mark.parametrize("kind", ["pandas.DataFrame", "polars.DataFrame", "polars.Series"])
@pytest.mark.parametrize("damage", ["cut", "zeros", "text", "empty"])
def test_made_up_files_are_refused(kind: str, damage: str, capfd: Any) -> None:
    head, data = encode(AS_ARROW["polars" if kind[1] == "o" else "numbers"]).frames
    whole = bytes(data)
    broken = {
        "cut": whole[: len(whole) // 2],
        "zeros": bytes(len(whole)),
        "text": b"ARROW1\0\0" + b"x" * 100 + b"ARROW1",
        "empty": b"",
    }[damage]
    said = encode_plain((kind, "n")) if kind == "polars.Series" else bytes(head)
    assert said is not None
    with pytest.raises(CodecError):
        decode("frame", [said, broken])


@pytest.mark.parametrize("head", [(), ("os.system", "x"), 5, ("pandas.DataFrame",), ((),)])
def test_made_up_heads_are_refused(head: Any) -> None:
    _, data = encode(AS_ARROW["numbers"]).frames
    text = encode_plain(head)
    assert text is not None
    with pytest.raises(CodecError):
        decode("frame", [text, data])
