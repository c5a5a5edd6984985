"""Digests of data frames and sparse matrices."""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from jobtui_core.codecs import decode, encode
from jobtui_core.hashing import digest


def check(makers: list[Any]) -> None:
    """Equal when made twice, copied or stored; different from one another."""
    for make in makers:
        value = make()
        expected = digest(value)
        assert digest(make()) == expected
        assert digest(copy.deepcopy(value)) == expected
        assert digest(pickle.loads(pickle.dumps(value))) == expected
        encoded = encode(value)
        back = decode(encoded.codec, [bytes(frame) for frame in encoded.frames])
        assert type(back) is type(value)
        assert digest(back) == expected
    assert len({digest(make()) for make in makers}) == len(makers)


class TestPandas:
    def test_frames_by_columns_types_and_index(self) -> None:
        check(
            [
                lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
                lambda: pd.DataFrame({"a": [1, 3], "b": ["x", "y"]}),
                lambda: pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}),
                lambda: pd.DataFrame({"a": [1, 2], "c": ["x", "y"]}),
                lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "z"]}),
                lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
                lambda: pd.DataFrame({"b": ["x", "y"], "a": [1, 2]}),
                lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=[0, 1]),
                lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=["r", "s"]),
                lambda: pd.DataFrame({"a": [1, 2], "b": [[1], {"x": 2}]}),
                pd.DataFrame,
                lambda: pd.DataFrame({"a": []}),
                lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
            ]
        )

    def test_columns_of_every_type(self) -> None:
        days = ["2026-01-01", "2026-01-02"]
        check(
            [
                lambda: pd.Series([1, 2]),
                lambda: pd.Series([1, 2], name="a"),
                lambda: pd.Series([1, None], dtype="Int64"),
                lambda: pd.Series([1, 0], dtype="Int64"),
                lambda: pd.Series([1, 0], dtype="Int32"),
                lambda: pd.Series([True, None], dtype="boolean"),
                lambda: pd.Series([1.5, None], dtype="Float64"),
                lambda: pd.Series(["a", None], dtype="string"),
                lambda: pd.Series(["a", None], dtype=object),
                lambda: pd.Series(["a", "b"], dtype="category"),
                lambda: pd.Series(pd.Categorical(["a", "b"], ["b", "a"])),
                lambda: pd.Series(pd.Categorical(["a", "b"], ordered=True)),
                lambda: pd.Series(pd.to_datetime(days)),
                lambda: pd.Series(pd.to_datetime(days)).dt.tz_localize("UTC"),
                lambda: pd.Series(pd.to_datetime(days)).dt.tz_localize("Europe/Berlin"),
                lambda: pd.Series(pd.to_timedelta([1, 2], unit="s")),
                lambda: pd.Series(pd.period_range("2026-01", periods=2, freq="M")),
                lambda: pd.Series(pd.interval_range(0, 2)),
                lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1])),
                lambda: pd.Series([1 + 2j]),
            ]
        )

    def test_indexes(self) -> None:
        check(
            [
                lambda: pd.RangeIndex(3),
                lambda: pd.Index([0, 1, 2]),
                lambda: pd.Index([0, 1, 2], name="i"),
                lambda: pd.Index(["a", "b"]),
                lambda: pd.date_range("2026-01-01", periods=3),
                lambda: pd.DatetimeIndex(list(pd.date_range("2026-01-01", periods=3))),
                lambda: pd.MultiIndex.from_product([[1, 2], ["a"]], names=["x", None]),
                lambda: pd.MultiIndex.from_product([[1, 2], ["a"]]),
                lambda: pd.CategoricalIndex(["a", "b"]),
                lambda: pd.Timestamp("2026-01-01", tz="UTC"),
                lambda: pd.NaT,
                lambda: pd.NA,
            ]
        )

    def test_scalars_and_types(self) -> None:
        check(
            [
                lambda: pd.Timedelta(1, "s"),
                lambda: pd.Period("2026-01"),
                lambda: pd.Interval(0, 1),
                lambda: pd.offsets.MonthEnd(2),
                lambda: pd.CategoricalDtype(["a"]),
                lambda: pd.Categorical(["a", "b"]),
            ]
        )

    def test_attributes_and_flags_count(self) -> None:
        def with_unit() -> Any:
            made = pd.DataFrame({"a": [1]})
            made.attrs["unit"] = "m"
            return made

        check(
            [
                with_unit,
                lambda: pd.DataFrame({"a": [1]}),
                lambda: pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False),
                lambda: pd.DataFrame({"a": [1]}).rename_axis("i"),
                lambda: pd.DataFrame({"a": [1]}).rename_axis(columns="c"),
            ]
        )

    def test_what_was_found_out_about_a_frame_does_not_count(self) -> None:
        frame = pd.DataFrame({"a": [1, 2]}, index=[3, 4])
        before = digest(frame)
        assert frame.index.is_unique
        assert frame["a"].loc[4] == 2
        assert digest(frame) == before

    def test_blocks_do_not_count(self) -> None:
        one = pd.DataFrame(np.zeros((3, 2)), columns=["a", "b"])
        other = pd.DataFrame({"a": np.zeros(3)})
        other["b"] = 0.0
        assert digest(one) == digest(other)

    def test_error_says_which_column(self) -> None:
        frame = pd.DataFrame({"a": [1], "b": [iter([])]})
        with pytest.raises(TypeError, match=r"^frame\.iloc\[:, 1\]\[0\] cannot be hashed"):
            digest(frame, name="frame")


class TestPolars:
    def test_frames_and_columns(self) -> None:
        check(
            [
                lambda: pl.DataFrame({"a": [1, 2], "b": ["x", None]}),
                lambda: pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
                lambda: pl.DataFrame({"a": [1, 2], "c": ["x", "y"]}),
                lambda: pl.DataFrame({"a": [1, None]}),
                lambda: pl.DataFrame({"a": [1, 0]}),
                pl.DataFrame,
                lambda: pl.Series("a", [1.5, 2.5]),
                lambda: pl.Series("b", [1.5, 2.5]),
                lambda: pl.Series("a", [1.5, 2.5], dtype=pl.Float32),
                lambda: pl.Series("a", [[1], [2, 3]]),
                lambda: pl.Series("a", [{"x": 1}]),
                lambda: pl.Series("a", ["u", "v"], dtype=pl.Categorical),
                lambda: pl.Series("a", [dt.datetime(2026, 1, 1)]),
                lambda: pl.Series("a", [dt.date(2026, 1, 1), None]),
                lambda: pl.Series("a", [True, None]),
            ]
        )

    def test_types_that_numpy_and_python_do_not_share(self) -> None:
        check(
            [
                lambda: pl.Series("a", [1], dtype=pl.Int128),
                lambda: pl.Series("a", [2**100], dtype=pl.Int128),
                lambda: pl.Series("a", [decimal.Decimal("1.1")]),
                lambda: pl.Series("a", [decimal.Decimal("1.10")]),
                lambda: pl.Series("a", [b"x", None]),
                lambda: pl.Series("a", [dt.time(1)]),
                lambda: pl.Series("a", [dt.timedelta(1)]),
                lambda: pl.Series("a", ["x"], dtype=pl.Enum(["x", "y"])),
                lambda: pl.Series("a", ["x"], dtype=pl.Enum(["y", "x"])),
                lambda: pl.Series("a", [float("nan"), None]),
                lambda: pl.Series("a", [0.0, None]),
                lambda: pl.Series("a", [-0.0, None]),
                lambda: pl.Series("a", ["ab", "c"]),
                lambda: pl.Series("a", ["a", "bc"]),
                lambda: pl.Series("a", ["", "abc"]),
                lambda: pl.Series("a", [None, "abc"]),
                lambda: pl.Series("a", [1], dtype=pl.Datetime("us", "UTC")),
                lambda: pl.Series("a", [1], dtype=pl.Datetime("us")),
                lambda: pl.Series("a", [1], dtype=pl.Datetime("ns")),
            ]
        )

    def test_nested_columns(self) -> None:
        one: Any = pl.Int64
        check(
            [
                lambda: pl.Series("a", [[1, 2], [3]]),
                lambda: pl.Series("a", [[1], [2, 3]]),
                lambda: pl.Series("a", [[1], []], dtype=pl.List(one)),
                lambda: pl.Series("a", [[1], None], dtype=pl.List(one)),
                lambda: pl.Series("a", [[1], [None]], dtype=pl.List(one)),
                lambda: pl.Series("a", [[[1], [2]]]),
                lambda: pl.Series("a", [[[1, 2]]]),
                lambda: pl.Series("a", [[1, 2], [3, 4]], dtype=pl.Array(one, 2)),
                lambda: pl.Series("a", [{"x": 1}, None]),
                lambda: pl.Series("a", [{"x": 1}, {"x": None}]),
                lambda: pl.Series("a", [{"x": [1]}, {"x": None}]),
            ]
        )

    def test_nanoseconds_in_nested_columns_count(self) -> None:
        """Python's own instants, which they would be given as, have none."""
        check(
            [
                lambda nested=nested, instant=instant: nested(
                    pl.Series("t", [instant]).cast(pl.Datetime("ns"))
                )
                for instant in (1, 2)
                for nested in (
                    lambda series: series.to_frame().to_struct("a"),
                    lambda series: series.implode(),
                    lambda series: series.to_frame().to_struct("a").implode(),
                    lambda series: series.reshape((1, 1)),
                )
            ]
        )

    def test_error_says_which_column(self) -> None:
        frame = pl.DataFrame({"a": [1], "b": pl.Series([iter([])], dtype=pl.Object)})
        with pytest.raises(TypeError, match=r"^frame\['b'\]\[0\] cannot be hashed"):
            digest(frame, name="frame")

    def test_chunks_do_not_count(self) -> None:
        one = pl.Series("a", [1, 2])
        assert digest(pl.concat([one[:1], one[1:]], rechunk=False)) == digest(one)


class TestSparse:
    @pytest.mark.parametrize("kind", ["matrix", "array"])
    @pytest.mark.parametrize("layout", ["bsr", "coo", "csc", "csr", "dia", "dok", "lil"])
    def test_every_layout_by_content_and_type(self, layout: str, kind: str) -> None:
        make = getattr(sparse, f"{layout}_{kind}")
        check(
            [
                lambda: make(np.array([[0, 1], [2, 0]])),
                lambda: make(np.array([[0, 1], [3, 0]])),
                lambda: make(np.array([[1, 0], [2, 0]])),
                lambda: make(np.array([[0, 1], [2, 0]], "f4")),
                lambda: make(np.array([[0, 1, 0], [2, 0, 0]])),
            ]
        )

    def test_layouts_differ(self) -> None:
        names = ("csr_matrix", "csc_matrix", "coo_matrix", "csr_array", "lil_array")
        check([lambda name=name: getattr(sparse, name)([[0, 1], [2, 0]]) for name in names])

    def test_what_was_found_out_about_a_matrix_does_not_count(self) -> None:
        matrix = sparse.csr_matrix([[0, 1], [2, 0]])
        before = digest(matrix)
        assert matrix.has_canonical_format
        matrix.sort_indices()
        assert digest(matrix) == before


def test_dtypes_of_other_libraries() -> None:
    dtypes = pytest.importorskip("ml_dtypes")
    check(
        [
            lambda: np.zeros(3, dtypes.bfloat16),
            lambda: np.zeros(3, dtypes.float8_e4m3fn),
            lambda: np.zeros(3, dtypes.float8_e5m2),
            lambda: np.zeros(3, "V1"),
            lambda: np.zeros(3, "V2"),
            lambda: dtypes.bfloat16(0),
            lambda: np.zeros(3, [("a", dtypes.float8_e5m2)]),
            lambda: np.zeros(3, [("a", "V1")]),
        ]
    )
