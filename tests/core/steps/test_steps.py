"""``make``: when a step runs, and what its files do."""

from __future__ import annotations

import pickle

import pytest

from jobtui_core import JsonFile, Memory, Step, make
from jobtui_core.errors import CacheWarning, OutputError

calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


def test_a_step_is_kept_in_the_projects_store(tmp_path):
    @make
    def double(x):
        calls.append(x)
        return 2 * x

    assert isinstance(double, Step)
    assert (double(3), double(3), double(x=3)) == (6, 6, 6)
    assert calls == [3]
    assert list((tmp_path / ".jobtui" / "cache").rglob("*.entry"))
    assert (tmp_path / ".jobtui" / ".gitignore").read_text().strip() == "*"
    double.clear()
    double(3)
    assert calls == [3, 3]


def test_the_store_is_a_setting(tmp_path, monkeypatch):
    (tmp_path / "jobtui.toml").write_text('store = "kept/here"\n')
    make(lambda: 1)()
    assert list((tmp_path / "kept" / "here").rglob("*.entry"))
    monkeypatch.setenv("JOBTUI_STORE", str(tmp_path / "told"))
    make(lambda: 2)()
    assert list((tmp_path / "told").rglob("*.entry"))


def test_a_memory_may_be_given(tmp_path):
    make(lambda: 1, memory=Memory(tmp_path / "own"))()
    assert list((tmp_path / "own" / "jobtui").rglob("*.entry"))
    transparent = make(lambda: calls.append(1), memory=Memory(None))
    transparent(), transparent()
    assert calls == [1, 1]


def test_make_is_a_decorator_and_a_call():
    @make(name="shown")
    def one(x):
        return x

    def two(x):
        return x

    assert one(1) == make(two)(1) == make(two, name="second")(1) == 1
    assert one.display_name == "shown"
    assert make(make(two)).func is two


def test_alternating_arguments_both_stay():
    @make
    def double(x):
        calls.append(x)
        return 2 * x

    assert [double(x) for x in (1, 2, 1, 2)] == [2, 4, 2, 4]
    assert calls == [1, 2]


# Inputs


@pytest.fixture
def read():
    @make(inputs=["{path}"], files="declared")
    def read(path):
        calls.append(path)
        with open(path) as file:
            return file.read()

    return read


def test_an_inputs_content_decides(tmp_path, read):
    data = tmp_path / "data.txt"
    data.write_text("one")
    assert (read("data.txt"), read("data.txt")) == ("one", "one")
    data.write_text("two!")
    assert read("data.txt") == "two!"
    data.write_text("one")
    assert read("data.txt") == "one"
    assert len(calls) == 2


def test_a_path_object_fills_a_template(tmp_path, read):
    (tmp_path / "data.txt").write_text("one")
    assert read(tmp_path / "data.txt") == "one"


def test_inputs_are_relative_to_the_project_root(tmp_path, monkeypatch):
    (tmp_path / "data.txt").write_text("one")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")

    @make(inputs="data.txt")
    def size():
        calls.append("size")
        return 1

    size(), size()
    assert calls == ["size"]


def test_a_list_argument_stands_for_its_files(tmp_path):
    @make(inputs=["{paths}"])
    def total(paths):
        calls.append("total")
        return 1

    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    total(["a", "b"])
    (tmp_path / "b").write_text("other")
    total(["a", "b"])
    assert len(calls) == 2


def test_a_missing_input_names_step_and_template(tmp_path, read):
    with pytest.raises(FileNotFoundError, match=r"step read: its input gone\.txt .*'\{path\}'"):
        read("gone.txt")
    assert not calls


def test_a_template_is_no_way_into_objects():
    for template in ("{x.__class__}", "{x[0]}", "{}", "{x"):
        with pytest.raises(OutputError, match="path"):
            make(lambda x: x, inputs=[template])
    with pytest.raises(OutputError, match=r"did you mean \{path\}"):
        make(lambda path: 1, inputs=["{pth}"])("x")


def test_an_input_that_moves_during_the_call_is_not_stored(tmp_path):
    (tmp_path / "data.txt").write_text("one")

    @make(inputs=["data.txt"])
    def touch():
        calls.append("touch")
        (tmp_path / "data.txt").write_text("changed meanwhile " + str(len(calls)))
        return len(calls)

    with pytest.warns(CacheWarning, match=r"data\.txt changed while touch ran"):
        assert touch() == 1
    assert touch() == 2


def test_a_literal_input_of_an_inner_step_counts_for_the_outer(tmp_path):
    (tmp_path / "data.txt").write_text("one")
    outer()
    outer()
    assert calls == ["outer", "inner"]
    (tmp_path / "data.txt").write_text("two")
    assert outer() == "two"
    (tmp_path / "data.txt").unlink()
    with pytest.raises(FileNotFoundError):
        outer()


@make(inputs=["data.txt"])
def inner():
    calls.append("inner")
    with open("data.txt") as file:
        return file.read()


@make
def outer():
    calls.append("outer")
    return inner()


# Files met


def test_a_file_met_on_the_way_is_watched(tmp_path):
    @make
    def peek():
        calls.append("peek")
        with open("side.txt") as file:
            return file.read()

    (tmp_path / "side.txt").write_text("one")
    assert (peek(), peek()) == ("one", "one")
    (tmp_path / "side.txt").write_text("two!")
    assert peek() == "two!"
    assert len(calls) == 2


def test_files_met_can_be_left_out(tmp_path):
    @make(files="declared")
    def peek():
        calls.append("peek")
        with open("side.txt") as file:
            return file.read()

    (tmp_path / "side.txt").write_text("one")
    peek()
    (tmp_path / "side.txt").write_text("two!")
    assert peek() == "one"
    with pytest.raises(ValueError, match="files"):
        make(lambda: 1, files="none")


def test_a_memoized_functions_result_stands_and_says_so(tmp_path):
    @Memory(tmp_path / ".cache").cache
    def peek():
        with open("side.txt") as file:
            return file.read()

    (tmp_path / "side.txt").write_text("one")
    peek()
    (tmp_path / "side.txt").write_text("two!")
    with pytest.warns(CacheWarning, match=r"peek read side\.txt, which changed") as caught:
        assert (peek(), peek()) == ("one", "one")
    assert len(caught) == 1


def test_what_a_step_wrote_itself_is_no_input(tmp_path):
    @make
    def scratch():
        calls.append("scratch")
        with open("scratch.txt", "w") as file:
            file.write("x")
        with open("scratch.txt") as file:
            return file.read()

    scratch()
    (tmp_path / "scratch.txt").write_text("other")
    scratch()
    assert len(calls) == 1


# Steps as objects


@make(output=JsonFile("by_reference.json"))
def by_reference(x):
    return x


def test_a_step_pickles_by_reference():
    assert pickle.loads(pickle.dumps(by_reference)) is by_reference


def plain(x):
    return x


renamed = make(plain, name="shown", output=JsonFile("plain-{x}.json"))


def test_another_name_for_a_step_pickles_by_value():
    copy = pickle.loads(pickle.dumps(renamed))
    assert copy is not renamed
    assert copy(1) == 1
    assert copy.display_name == "shown"


def test_recompute_computes_again_once(monkeypatch, run, tmp_path):
    (tmp_path / "script.py").write_text(
        "from jobtui_core import make\n"
        "@make\ndef f():\n    print('f')\n"
        "@make\ndef g():\n    print('g')\n"
        "f(), f(), g()\n"
    )
    assert run() == ["f", "g"]
    assert run() == []
    told = {"JOBTUI_SCRIPT": str(tmp_path / "script.py")}
    assert run(JOBTUI_RECOMPUTE='["f"]', **told) == ["f"]
    assert run(JOBTUI_RECOMPUTE='["script:g"]', **told) == ["g"]
    assert run() == []
