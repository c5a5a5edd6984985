"""The order of scripts follows the files that they hand to each other."""

from __future__ import annotations

from jobtui_core.project.running.ordering import order_scripts
from jobtui_core.records import ScriptStatus


def script(path: str, reads: tuple[str, ...] = (), writes: tuple[str, ...] = ()) -> ScriptStatus:
    return ScriptStatus(path=path, reads=reads, writes=writes)


def test_a_reader_comes_after_the_writer() -> None:
    order = order_scripts(
        [script("a.py", reads=("results/x.npy",)), script("b.py", writes=("results/x.npy",))]
    )
    assert order.scripts == ("b.py", "a.py")
    assert order.after == {"a.py": ("b.py",), "b.py": ()}
    assert order.cycles == ()


def test_the_given_order_is_kept_where_files_say_nothing() -> None:
    names = ["c.py", "a.py", "d.py", "b.py"]
    order = order_scripts([script(name) for name in names])
    assert list(order.scripts) == names


def test_the_given_order_is_disturbed_no_more_than_needed() -> None:
    order = order_scripts(
        [
            script("z.py", reads=("x",)),
            script("free.py"),
            script("a.py", writes=("x",)),
            script("last.py"),
        ]
    )
    assert order.scripts == ("free.py", "a.py", "z.py", "last.py")


def test_spelling_of_a_path_does_not_matter() -> None:
    order = order_scripts(
        [script("a.py", reads=("./results//x.npy",)), script("b.py", writes=("results/x.npy",))]
    )
    assert order.scripts == ("b.py", "a.py")


def test_a_script_that_reads_its_own_file_waits_for_nobody() -> None:
    order = order_scripts([script("a.py", reads=("x",), writes=("x",))])
    assert order.after == {"a.py": ()}
    assert order.cycles == ()


def test_a_circle_is_reported_and_cut_by_the_given_order() -> None:
    order = order_scripts(
        [
            script("a.py", reads=("y",), writes=("x",)),
            script("b.py", reads=("x",), writes=("y",)),
            script("c.py", reads=("y",)),
        ]
    )
    assert order.scripts == ("a.py", "b.py", "c.py")
    assert order.after == {"a.py": (), "b.py": ("a.py",), "c.py": ("b.py",)}
    assert [set(cycle) for cycle in order.cycles] == [{"a.py", "b.py"}]


def test_a_long_chain_is_ordered() -> None:
    count = 2000
    chain = [
        script(f"s{n}.py", reads=(f"f{n - 1}",), writes=(f"f{n}",)) for n in reversed(range(count))
    ]
    assert order_scripts(chain).scripts == tuple(f"s{n}.py" for n in range(count))
