"""Digests of data frames, where the libraries are installed."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

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
    @pytest.fixture
    def pd(self) -> Any:
        return pytest.importorskip("pandas")

    def test_frames_by_columns_types_and_index(self, pd: Any) -> None:
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

    def test_columns_of_every_type(self, pd: Any) -> None:
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

    def test_indexes(self, pd: Any) -> None:
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

    def test_blocks_do_not_count(self, pd: Any) -> None:
        one = pd.DataFrame(np.zeros((3, 2)), columns=["a", "b"])
        other = pd.DataFrame({"a": np.zeros(3)})
        other["b"] = 0.0
        assert digest(one) == digest(other)

    def test_error_says_which_column(self, pd: Any) -> None:
        frame = pd.DataFrame({"a": [1], "b": [iter([])]})
        with pytest.raises(TypeError, match=r"^frame\.iloc\[:, 1\]\[0\] cannot be hashed"):
            digest(frame, name="frame")


class TestPolars:
    @pytest.fixture
    def pl(self) -> Any:
        return pytest.importorskip("polars")

    def test_frames_and_columns(self, pl: Any) -> None:
        import datetime as dt

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

    def test_chunks_do_not_count(self, pl: Any) -> None:
        one = pl.Series("a", [1, 2])
        assert digest(pl.concat([one[:1], one[1:]], rechunk=False)) == digest(one)


def test_sparse_matrices() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    check(
        [
            lambda: sparse.csr_matrix([[0, 1], [2, 0]]),
            lambda: sparse.csr_matrix([[0, 1], [3, 0]]),
            lambda: sparse.csc_matrix([[0, 1], [2, 0]]),
            lambda: sparse.csr_array([[0, 1], [2, 0]]),
        ]
    )


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
