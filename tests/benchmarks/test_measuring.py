"""The table of measurements says what was measured."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.measuring import Row, Work, in_turn, measured, table


def test_ours_and_the_peers_take_turns() -> None:
    order: list[str] = []
    prepared: list[str] = []

    def work(name: str) -> Work:
        return Work(order.append, lambda: prepared.append(name) or name, calls=10**6)

    found = in_turn({"jobtui": work("ours"), "joblib": work("theirs")}, 3, "wall")
    assert set(found) == {"jobtui", "joblib"}
    assert order == prepared
    later = [name for n, name in enumerate(order) if not n or order[n - 1] != name]
    assert later == ["ours", "theirs"] * (len(later) // 2)
    assert len(later) == 2 * (1 + 3)


def test_a_row_is_held_against_its_budget() -> None:
    rows = [
        Row("hit", {"jobtui": 2e-6, "joblib": 1e-4, "diskcache": 1e-5}, 0.03),
        Row("miss", {"jobtui": 5e-4, "joblib": 1e-3}, 0.4, "wall"),
        Row("size", {"jobtui": 3e6, "joblib": 4e6}, None, "bytes"),
    ]
    assert [row.met for row in rows] == [True, False, None]
    lines = table("Calls", rows).splitlines()
    assert lines[4] == "| hit (CPU) | 2 µs | 100 µs | 10 µs | 0.02 | 0.03 | met |"
    assert lines[5] == "| miss (wall) | 500 µs | 1 ms |  | 0.5 | 0.4 | **over** |"
    assert lines[6] == "| size | 3.0 MB | 4.0 MB |  | 0.75 |  |  |"


def test_the_peer_is_whoever_is_not_us() -> None:
    row = measured("one", 1, jobtui=lambda: sum(range(1000)), plain=lambda: None)
    assert row.peer == "plain"
    assert row.ratio > 1


def test_the_table_that_is_kept_has_every_group() -> None:
    text = Path(__file__).with_name("RESULTS.md").read_text()
    assert "Made by `python -m tests.benchmarks" in text
    for title in ("Calls", "Hashing", "Entries", "Imports", "Upkeep"):
        assert f"### {title}\n" in text
