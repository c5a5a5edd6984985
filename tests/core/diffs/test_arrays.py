"""By how much arrays differ, against what numpy says of them as wholes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
from hypothesis.extra import numpy as hnp  # noqa: E402

from jobtui_core.diffs import arrays as module  # noqa: E402
from jobtui_core.diffs.arrays import apart  # noqa: E402


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of a few numbers, so that small arrays have many."""
    monkeypatch.setattr(module, "_BLOCK", 7)


SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6)
REALS = ["f8", "f4", "f2", ">f8", "c16", "c8"]
WHOLE = ["i8", "u8", "i1", "u2", ">i4", "?"]
OTHERS = ["M8[s]", "m8[ns]", "U3", "S2"]


@st.composite
def pairs(draw, dtypes):
    """Two arrays of one dtype and shape, the second mostly like the first, in any layout."""
    old = draw(hnp.arrays(draw(st.sampled_from(dtypes)), draw(SHAPES)))
    new = old.copy()
    mask = draw(hnp.arrays(bool, old.shape))
    new[mask] = draw(hnp.arrays(old.dtype, old.shape))[mask]
    layout = draw(st.sampled_from(["C", "F", "strided"]))
    if layout == "F":
        return np.asfortranarray(old), np.asfortranarray(new)
    if layout == "strided" and old.ndim:
        return np.repeat(old, 2, axis=0)[::2], np.repeat(new, 2, axis=-1)[..., ::2]
    return old, new


def unequal_by_numpy(old, new):
    if old.dtype.kind in "mM":
        return (old != new) & ~(np.isnat(old) & np.isnat(new))
    unequal = np.asarray(old != new)
    if old.dtype.kind in "fc":
        unequal &= ~(np.isnan(old) & np.isnan(new))
    return unequal


@settings(max_examples=150, deadline=None)
@given(pairs(REALS + WHOLE + OTHERS))
def test_count_and_first_index_are_numpys(pair):
    old, new = pair
    found = apart(old, new)
    unequal = unequal_by_numpy(old, new)
    where = np.argwhere(np.atleast_1d(unequal))
    assert found.size == old.size
    assert found.count == len(where)
    assert found.first == (tuple(where[0]) if len(where) else ())


@settings(max_examples=150, deadline=None)
@given(pairs(REALS))
def test_differences_of_floating_point_numbers_are_numpys(pair):
    old, new = pair
    with np.errstate(all="ignore"):
        wide = np.result_type(old.dtype, np.float64)
        one, other = old.astype(wide), new.astype(wide)
        far, unequal = np.abs(other - one), unequal_by_numpy(old, new)
        finite = unequal & np.isfinite(far)
        related = (far / np.abs(one))[finite & (np.abs(one) > 0)]
    found = apart(old, new)
    assert found.largest == (float(far[finite].max()) if finite.any() else None)
    assert found.relative == (float(related.max()) if related.size and related.max() else None)
    assert found.nan == int(np.count_nonzero(np.isnan(old) ^ np.isnan(new)))
    beside = unequal & ~finite & ~(np.isnan(old) | np.isnan(new))
    assert found.infinite == int(np.count_nonzero(beside))


@settings(max_examples=100, deadline=None)
@given(pairs(WHOLE))
def test_differences_of_whole_numbers_are_exact(pair):
    old, new = pair
    far = [abs(int(b) - int(a)) for a, b in zip(old.flat, new.flat, strict=True)]
    found = apart(old, new)
    assert found.largest == (float(max(far)) if any(far) else None)
    related = [d / abs(int(a)) for d, a in zip(far, old.flat, strict=True) if d and int(a)]
    if related:
        assert found.relative == pytest.approx(max(related))
    else:
        assert found.relative is None


def test_numbers_of_different_types_are_compared_as_numbers():
    old = np.linspace(0, 1, 20)
    found = apart(old, old.astype("f4"))
    assert found.largest == float(np.max(np.abs(old - old.astype("f4"))))
    assert apart(np.array([2**64 - 1], "u8"), np.array([-1], "i8")).largest == 2.0**64
    assert apart(np.array([True, False]), np.array([1, 2])).largest == 2


def test_raw_bytes_and_long_floats_are_compared():
    raw = np.array([b"abc", b"ab\0"], "S3").view("V3")
    other = np.array([b"abc", b"abd"], "S3").view("V3")
    assert (apart(raw, other).first, apart(raw, other).largest) == ((1,), None)
    long = np.ones(3, np.longdouble)
    assert apart(long, long + np.finfo(np.longdouble).eps).count == 3


def test_neighbours_beyond_the_precision_of_floats_differ():
    old = np.array([2**63 - 1, -(2**63)])
    assert apart(old, old + np.array([-1, 0])).largest == 1
    assert apart(old, old[::-1]).largest == float(2**64 - 1)


def test_progress_comes_to_its_end_and_what_it_raises_ends_the_comparison():
    told = []
    apart(np.zeros((3, 5)), np.ones((3, 5)), lambda done, total: told.append((done, total)))
    assert told[-1] == (15, 15)
    assert told == sorted(told)
    assert len(told) > 1

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apart(np.zeros(100), np.ones(100), stop)


def test_memory_stays_bounded_however_large_the_arrays_are(monkeypatch):
    import tracemalloc

    monkeypatch.setattr(module, "_BLOCK", 1 << 15)
    old = np.zeros(4_000_000, "f4")
    new = old + np.float32(1)
    new[-1] = math.nan
    tracemalloc.start()
    found = apart(old, new)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.count, found.nan, found.largest) == (4_000_000, 1, 1.0)
    assert peak < 3_000_000
