"""How frames differ: by column, in the rows that both have."""

from __future__ import annotations

import pytest

from jobtui_core.diffs.values import differences


def told(old, new):
    return {one.where: (one.old, one.new) for one in differences(old, new)}


def test_columns_that_came_went_or_hold_something_else_are_told_one_by_one():
    pd = pytest.importorskip("pandas")
    old = pd.DataFrame(
        {"a": [1, 2, 3], "b": [1.0, 2.0, None], "c": ["x", "y", "z"], "d": [0, 0, 0]}
    )
    new = old.drop(columns="d").assign(a=[1, 2, 5], b=[1.0, None, None], c=["x", "q", "z"], e=1)
    found = {one.where: one for one in differences(old, new)}
    assert list(found) == [".columns", "['a'].iloc[2]", "['b'].iloc[1]", "['c'].iloc[1]"]
    assert (found[".columns"].old, found[".columns"].new) == ("'d'", "'e'")
    numbers = found["['a'].iloc[2]"]
    assert (numbers.largest, numbers.count, numbers.size) == (2.0, 1, 3)
    assert numbers.relative == pytest.approx(2 / 3)
    assert (found["['b'].iloc[1]"].nan, found["['b'].iloc[1]"].largest) == (1, None)
    assert found["['c'].iloc[1]"].new == "'q'"


def test_rows_are_held_against_each_other_by_their_labels():
    pd = pytest.importorskip("pandas")
    days = pd.date_range("2026-01-01", periods=4)
    old = pd.DataFrame({"v": [1.0, 2.0, 3.0, 4.0]}, index=days)
    new = pd.DataFrame({"v": [2.0, 3.5, 4.0, 5.0]}, index=days + pd.Timedelta(days=1))
    found = told(old, new)
    assert found[".index"][0].startswith("4 rows, 1 gone: Timestamp('2026-01-01")
    assert found[".index"][1].startswith("4 rows, 1 new: Timestamp('2026-01-05")
    (where,) = set(found) - {".index"}
    assert where.startswith("['v'].loc[Timestamp('2026-01-03")
    assert found[where] == ("3.0", "3.5")
    again = pd.DataFrame({"v": [1, 2]}, index=["a", "a"]), pd.DataFrame({"v": [1]}, index=["a"])
    assert told(*again) == {".index": ("2 rows", "1 rows")}
    assert told(old, old[::-1]) == {".index": ("4 rows", "4 rows, in another order")}


def test_types_of_columns_and_missing_values_of_nullable_ones_are_told():
    pd = pytest.importorskip("pandas")
    old = pd.DataFrame({"n": pd.array([1, None, 3], "Int64"), "t": pd.Categorical(["a", "b", "a"])})
    new = pd.DataFrame({"n": pd.array([1, 2, 4], "Int64"), "t": pd.Categorical(["a", "b", "b"])})
    found = {one.where: one for one in differences(old, new)}
    assert (found["['n'].iloc[1]"].nan, found["['n'].iloc[1]"].count) == (1, 2)
    assert "['t'].iloc[2]" in found
    wide = told(old, old.astype({"n": "Float64"}))
    assert wide == {"['n']": ("Int64", "Float64")}
    zoned = pd.DataFrame({"t": pd.date_range("2026-01-01", periods=2, tz="UTC")})
    assert list(told(zoned, zoned + pd.Timedelta("1s"))) == ["['t'].iloc[0]"]


def test_columns_of_one_name_are_told_by_their_places():
    pd = pytest.importorskip("pandas")
    old = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    assert told(old, old.replace(4, 5)) == {"['a'].iloc[1]": ("4", "5")}


def test_series_and_what_hangs_on_a_frame_are_compared():
    pd = pytest.importorskip("pandas")
    old = pd.Series([1.0, 2.0], name="a")
    assert list(told(old, pd.Series([1.0, 2.5], name="a"))) == [".iloc[1]"]
    assert list(told(old, old.rename("b"))) == [""]
    frame = old.to_frame()
    named = frame.rename_axis("row")
    assert list(told(frame, named)) == [""]


def test_cells_that_hold_anything_do_not_stop_it():
    pd, np = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    old = pd.DataFrame({"o": [np.arange(3), {"a": 1}, None]})
    new = pd.DataFrame({"o": [np.arange(3), {"a": 2}, None]})
    assert list(told(old, new)) == ["['o'].iloc[1]"]


def test_frames_of_polars_are_compared_by_column():
    pl = pytest.importorskip("polars")
    old = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None], "f": [True, False, True]})
    new = pl.DataFrame(
        {"a": [1, 2, 5, 6], "b": ["x", None, None, "w"], "f": [True, True, True, True]}
    )
    found = {one.where: one for one in differences(old, new)}
    assert list(found) == [".height", "['a'][2]", "['b'][1]", "['f'][1]"]
    assert (found["['a'][2]"].largest, found["['a'][2]"].size) == (2.0, 3)
    assert (found["['b'][1]"].nan, found[".height"].new) == (1, "4 rows")
    assert told(old, old.with_columns(pl.col("a").cast(pl.Int32))) == {"['a']": ("Int64", "Int32")}
    one = pl.Series("s", [1.0, None]), pl.Series("s", [1.0, 2.0])
    assert list(told(*one)) == ["[1]"]


def test_an_index_and_what_columns_are_made_of_are_compared():
    pd = pytest.importorskip("pandas")
    old = pd.Index([1, 2, 3])
    assert told(old, pd.Index([1, 5, 3])) == {".to_numpy()[1]": ("2", "5")}
    assert list(told(old, old.rename("n"))) == [""]
    column = pd.array([1, 2], "Int64")
    assert len(told(column, pd.array([1, 3], "Int64"))) == 1
