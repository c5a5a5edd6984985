"""Results of two runs: numbers, frames, plain data, and what cannot be looked into."""

from __future__ import annotations

import pytest

from jobtui_core.hashing import digest_bytes
from jobtui_core.project import comparison_to_json


def pair(bench, old, new, **options):
    runs = bench.run(), bench.run()
    runs[0].step("fit", old, **options)
    runs[1].step("fit", new, **options)
    return [run.end() for run in runs]


class Thing:
    """Can be stored by pickle alone."""

    read = 0

    def __init__(self, value):
        self.value = value

    def __setstate__(self, state):
        type(self).read += 1
        self.__dict__.update(state)


def test_arrays_are_told_by_largest_difference_first_index_and_count(bench):
    np = pytest.importorskip("numpy")
    old = np.arange(12.0).reshape(3, 4)
    new = old.copy()
    new[1, 2], new[2, 3] = 6.5, 12.5
    found = bench.one("result", *pair(bench, old, new))
    assert (found.subject, found.where) == ("fit", "[1, 2]")
    assert dict(found.numbers) == {"max_abs": 1.5, "max_rel": 1.5 / 11, "count": 2, "size": 12}
    assert found.detail == "[1, 2]: 6.0 → 6.5 (2 of 12 numbers differ, max |Δ| 1.5, relative 0.136)"
    assert found.values[0].startswith("ndarray float64 (3, 4), 0 to 11 #")


def test_not_a_number_and_infinity_are_counted_apart(bench):
    np = pytest.importorskip("numpy")
    old = np.array([1.0, np.nan, 2.0, np.inf, 5.0])
    new = np.array([np.nan, np.nan, -np.inf, np.inf, 5.5])
    found = bench.one("result", *pair(bench, old, new))
    assert dict(found.numbers) == {
        "max_abs": 0.5, "max_rel": 0.1, "count": 3, "size": 5, "nan": 1, "infinite": 1,
    }  # fmt: skip


def test_another_shape_or_dtype_is_told_and_numbers_are_compared_where_that_can_be(bench):
    np = pytest.importorskip("numpy")
    shapes = bench.one("result", *pair(bench, np.zeros(3), np.zeros(4)))
    assert shapes.detail == "value: ndarray float64 (3,) → ndarray float64 (4,)"
    types = bench.one("result", *pair(bench, np.array([0.1, 0.5]), np.array([0.1, 0.5], "f4")))
    assert dict(types.numbers)["max_abs"] == float(np.float32(0.1)) - 0.1
    assert dict(types.numbers)["places"] == 2


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_are_compared_by_column(bench, library):
    module = pytest.importorskip(library)
    pytest.importorskip("pyarrow")
    old = module.DataFrame({"a": [1, 2, 3], "t": ["x", "y", "z"], "gone": [0, 0, 0]})
    new = module.DataFrame({"a": [1, 2, 4], "t": ["x", "q", "z"]})
    found = bench.one("result", *pair(bench, old, new))
    assert dict(found.numbers)["max_abs"] == 1
    lines = found.detail.split("\n")
    assert lines[0] == ".columns: 'gone' → nothing"
    assert lines[1].startswith("['a']")
    assert "3 → 4 (1 of 3 numbers differ" in lines[1]
    assert "'y' → 'q'" in lines[2]


def test_plain_data_and_arrays_in_it_are_told_by_their_paths(bench):
    np = pytest.importorskip("numpy")
    old = {"fit": {"order": 2, "trend": np.arange(3.0)}, "words": ["a", "b"], "token": "s3cret"}
    new = {"fit": {"order": 3, "trend": np.arange(3.0) + 1}, "words": ["a"], "token": "0ther"}
    found = bench.one("result", *pair(bench, old, new))
    assert found.where == "['fit']['order']"
    assert [line.partition(":")[0] for line in found.detail.split("\n")] == [
        "['fit']['order']",
        "['fit']['trend'][0]",
        "['words']",
        "['token']",
    ]
    assert "s3cret" not in repr(found)
    assert dict(found.numbers)["places"] == 4


def test_many_places_are_told_in_part_and_counted(bench):
    found = bench.one("result", *pair(bench, list(range(50)), [n + 1 for n in range(50)]))
    lines = found.detail.split("\n")
    assert (len(lines), lines[-1]) == (21, "… and 30 more places")
    assert dict(found.numbers)["places"] == 50
    many = bench.one("result", *pair(bench, list(range(5000)), [n + 1 for n in range(5000)]))
    assert many.detail.split("\n")[-1] == "… and more than 980 more places"


def test_what_is_pickled_is_not_read_and_its_previews_are_compared(bench):
    Thing.read = 0
    runs = pair(bench, Thing([1, 2]), Thing([1, 3]))
    found = bench.compare(*runs)
    (one,) = found.of("result")
    assert Thing.read == 0
    assert one.detail.startswith("not compared: pickled\ntext: ")
    assert "[1, 2]" in one.detail
    assert "thumb" not in one.detail
    assert one.numbers == ()
    assert f"result of fit in {runs[0].id}: pickled" in found.not_compared


def test_results_that_are_evicted_or_replaced_say_so(bench):
    found = bench.compare(*pair(bench, 1.0, 2.0, keep=False))
    (one,) = found.of("result")
    assert one.values[0].startswith("evicted from its store #")
    assert any("evicted" in words for words in found.not_compared)
    again = bench.compare(*pair(bench, 1.0, 2.0, key="1" * 32))
    assert again.of("result")[0].values[0].startswith("replaced by the result of a later run #")


def test_an_entry_that_is_damaged_says_so(bench):
    runs = pair(bench, [1.0], [2.0])
    entry = next(one.name for one in bench.store.list() if one.name.endswith(".entry"))
    bench.store.write(entry, [b"garbage"])
    found = bench.compare(*runs)
    assert len(found.of("result")) == 1
    assert any("cannot be read" in words for words in found.not_compared)


def test_a_call_that_failed_is_held_against_one_that_did_not(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", 1)
    second.step("fit", state="failed", error={"type": "ValueError", "message": "no"})
    found = bench.one("result", first.end(), second.end(code=1, state="failed"))
    assert found.values[1] == "failed: ValueError: no"


def test_results_that_were_never_kept_are_not_compared(bench):
    first, second = bench.run(), bench.run()
    first.step("fit", state="uncached")
    second.step("fit", state="uncached")
    found = bench.compare(first.end(), second.end())
    assert found.of("result") == ()
    assert "result of fit: not kept" in found.not_compared


def test_calls_that_only_one_run_made_are_told(bench):
    first, second = bench.run(), bench.run()
    for k in (1, 2, 3):
        first.step("fit", k, arguments={"k": k, "same": 0})
    for k in (1, 2, 4):
        second.step("fit", k, arguments={"k": k, "same": 0})
    for k in range(9):
        second.step("extra", k)
    found = bench.compare(first.end(), second.end())
    assert {one.subject: one.values for one in found.of("result")} == {
        "fit(k=3)": (found.of("result")[0].values[0], None),
        "fit(k=4)": (None, found.of("result")[1].values[1]),
        "extra": (None, "9 calls"),
    }
    assert dict(found.same)["result"] == 2


def test_files_that_steps_wrote_are_compared_with_the_copies_that_are_kept(bench):
    first, second = bench.run(), bench.run()
    for run, text in ((first, b"1\n2\n"), (second, b"1\n3\n")):
        digest = digest_bytes(text)
        bench.store.write(f"blobs/{digest}", [text])
        run.step("save", None, outputs=[["out.txt", digest], ["same.bin", "1" * 32]])
        run.step("more", None, outputs=[["gone.bin", digest[::-1]]] if run is first else [])
        run.end()
    found = {one.subject: one for one in bench.compare(first, second).of("result")}
    assert set(found) == {"out.txt", "gone.bin"}
    assert found["out.txt"].values[0].startswith("2 lines, 4 bytes, #")
    assert "-2\n+3" in found["out.txt"].detail
    assert found["gone.bin"].where == "written in one of the runs only"
    assert found["gone.bin"].values[1] is None


def test_the_files_of_folders_that_steps_wrote_are_compared_one_by_one(bench):
    runs = bench.run(), bench.run()
    for run, text in zip(runs, (b"1\n", b"2\n"), strict=True):
        same, other = digest_bytes(b"same"), digest_bytes(text)
        listed = f"{same} a.txt\n{other} sub/b.txt\n"
        listed += f"{same} new.txt\n" if run is runs[1] else ""
        for blob in (b"same", text, listed.encode()):
            bench.store.write(f"blobs/{digest_bytes(blob)}", [blob])
        run.step("save", None, outputs=[["parts/", digest_bytes(listed.encode())]])
        run.end()
    found = {one.subject: one for one in bench.compare(*runs).of("result")}
    assert set(found) == {"parts/new.txt", "parts/sub/b.txt"}
    assert "-1\n+2" in found["parts/sub/b.txt"].detail
    assert found["parts/new.txt"].values[0] is None


def test_of_drawings_only_the_amount_that_changed_is_told(bench):
    runs = bench.run(), bench.run()
    for run, text in zip(runs, (b"<svg>1</svg>\n", b"<svg>2</svg>\n"), strict=True):
        bench.store.write(f"blobs/{digest_bytes(text)}", [text])
        run.step("save", None, outputs=[["fig.svg", digest_bytes(text)]])
        run.end()
    one = bench.one("result", *runs)
    assert (one.where, one.detail) == ("1 line added, 1 removed (still 13 bytes)", "")


def test_files_whose_names_tell_of_secrets_are_compared_without_their_text(bench):
    runs = bench.run(), bench.run()
    for run, text in zip(runs, (b"hunter1", b"hunter2"), strict=True):
        bench.store.write(f"blobs/{digest_bytes(text)}", [text])
        run.step("save", None, outputs=[["token.txt", digest_bytes(text)]])
        run.end()
    one = bench.one("result", *runs)
    assert "hunter" not in repr(one)
    assert one.values[0].startswith("1 line, 7 bytes, #")


def test_more_than_two_runs_are_each_held_against_the_first(bench):
    runs = [bench.run() for _ in range(4)]
    for run, value in zip(runs, (1.0, 2.0, 1.0, 5.0), strict=True):
        run.step("fit", value)
        run.end()
    found = bench.compare(*runs)
    one, other = found.of("result")
    assert (one.run, other.run) == (1, 3)
    assert one.values == other.values
    assert (dict(one.numbers)["max_abs"], dict(other.numbers)["max_abs"]) == (1.0, 4.0)
    assert one.values[0] == one.values[2]


def test_only_what_concerns_one_step_is_compared_where_that_is_asked(bench):
    first, second = bench.run(), bench.run(python="3.14")
    for run, value in ((first, 1), (second, 2)):
        run.step("fit", value, log=f"{value}\n")
        run.step("plot", value)
        run.end()
    found = bench.compare(first, second, step="fit")
    assert {(one.kind, one.subject) for one in found.differences} == {
        ("result", "fit"),
        ("log", "fit"),
    }


def test_a_comparison_tells_what_it_does_and_can_be_stopped(bench):
    told = []
    runs = pair(bench, 1.0, 2.0)
    bench.compare(*runs, told=told.append)
    assert "comparing results of fit" in told
    found = bench.compare(*runs, stopped=lambda: True)
    assert found.of("result") == ()
    assert found.not_compared == ("the rest: the comparison was stopped",)


def test_a_comparison_of_large_arrays_can_be_stopped_in_its_midst(bench, monkeypatch):
    np = pytest.importorskip("numpy")
    from jobtui_core.project.comparing import results

    monkeypatch.setattr(results, "_OFTEN", 1 << 15)
    runs = pair(bench, np.zeros(1 << 18), np.ones(1 << 18))
    told = []
    found = bench.compare(
        *runs, told=told.append, stopped=lambda: any("25 %" in words for words in told)
    )
    assert found.of("result") == ()
    assert not any("50 %" in words for words in told)


def test_json_is_plain_and_tells_all(bench):
    import json

    np = pytest.importorskip("numpy")
    runs = pair(bench, np.array([5e-324, 1.0]), np.array([1e300, 1.0]))
    data = json.loads(json.dumps(comparison_to_json(bench.compare(*runs)), allow_nan=False))
    assert (data["version"], data["equal"]) == (1, False)
    (one,) = [one for one in data["differences"] if one["kind"] == "result"]
    assert one["numbers"]["max_rel"] == "inf"
    assert one["numbers"]["count"] == 1
    assert [run["run"] for run in data["runs"]] == [run.id for run in runs]
    assert {"subject", "values", "run", "where", "detail", "figures"} <= set(one)
    again = comparison_to_json(bench.compare(runs[0], runs[0]))
    assert (again["equal"], again["differences"]) == (True, [])


def test_keys_and_stores_of_hostile_records_lead_nowhere(bench):
    secret = bench.root.parent / "secret.entry"
    secret.write_bytes(b"hunter2")
    for key, store in (
        ("../" * 8 + "secret", None),
        ("1" * 32, "sftp://elsewhere.invalid/x"),
        ("\0", None),
    ):
        runs = bench.run(), bench.run()
        for run, result in zip(runs, ("2" * 32, "3" * 32), strict=True):
            run.trace.write(
                "call_end", call="1-1", function="a:fit", name="fit", key=key,
                state="computed", result=result, store=store, log=[10**12, -5],
            )  # fmt: skip
            run.end()
        found = bench.compare(*runs)
        assert len(found.of("result")) == 1
        assert "hunter2" not in repr(found)


def test_of_too_many_differences_the_rest_is_counted(bench, monkeypatch):
    from jobtui_core.project.comparing import work

    monkeypatch.setattr(work, "_MOST", 3)
    runs = bench.run(), bench.run()
    for run, add in zip(runs, (0, 1), strict=True):
        for n in range(5):
            run.step(f"s{n}", n + add)
        run.end()
    found = bench.compare(*runs)
    assert len(found.of("result")) == 3
    assert found.not_compared == ("2 more differences of kind result are not listed",)
