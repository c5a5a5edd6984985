"""Any store can be opened for looking, known ones are offered, and nothing is created by it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import Memory
from jobtui_core.errors import StoreError
from jobtui_core.memory import place
from jobtui_core.project import Project, known_stores, open_catalogues, open_project
from jobtui_core.project.catalogue.known import SUBFOLDER
from jobtui_core.project.catalogue.views import OwnView
from jobtui_core.stores import CountingStore, LocalStore, MemoryStore, open_store
from tests.core.catalogue.stock import put

JOBLIB = Path(__file__).parents[2] / "data" / "joblib"


def simulate(seed: int, password: str = "hunter2") -> object:
    return np.arange(seed) * 1.5


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOBTUI_STORE", raising=False)
    (tmp_path / "jobtui.toml").write_text("")
    return open_project(tmp_path)


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def keep_some(location: str) -> None:
    cached = Memory(location, verbose=0).cache(simulate)
    cached(3)
    cached(4)


def test_a_folder_is_what_was_given_to_a_memory_or_the_store_itself(project: Project) -> None:
    keep_some("cache")
    before = everything(project.root)
    for given in ("cache", "cache/jobtui", str(project.root / "cache")):
        (catalogue,) = open_catalogues(project, given)
        list(catalogue.pages())
        assert (catalogue.kind, len(catalogue.rows)) == ("jobtui", 2)
        assert catalogue.place == str(project.root / "cache" / "jobtui")
        assert catalogue.read_only is False
    assert everything(project.root) == before


def test_a_folder_may_be_spelled_as_a_url(project: Project) -> None:
    keep_some("my cache")
    (catalogue,) = open_catalogues(project, (project.root / "my cache").as_uri())
    assert catalogue.place == str(project.root / "my cache" / "jobtui")


def test_a_folder_full_of_others_is_not_gone_through_for_ever(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobtui_core.entry.joblib_cache._LOOKED_AT", 50)
    for number in range(60):
        (project.root / "home" / str(number)).mkdir(parents=True)
    asked: list[object] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: asked.append(path) or scandir(path))
    with pytest.raises(StoreError, match="holds no results"):
        open_catalogues(project, "home")
    # Once for results of ours, which lie in folders of two levels, and once for joblib's.
    assert len(asked) <= 61 + 52


def test_a_url_is_too(project: Project) -> None:
    keep_some("memory://lab")
    for given in ("memory://lab", "memory://lab/", "memory://lab/jobtui"):
        (catalogue,) = open_catalogues(project, given)
        list(catalogue.pages())
        assert len(catalogue.rows) == 2
        assert catalogue.url == "memory://lab/jobtui"


def test_a_store_is_recognised_by_whatever_a_memory_left_in_it(project: Project) -> None:
    assert SUBFOLDER == place.SUBFOLDER
    store = open_store("memory://used/jobtui")
    for number in range(1500):
        store.write(f"blobs/{number:032x}", b"")
    (catalogue,) = open_catalogues(project, "memory://used")
    assert catalogue.url == "memory://used/jobtui"
    keep_some("cache")
    local = LocalStore(project.root / "cache" / "jobtui")
    for number in range(1500):
        local.write(f"blobs/{number:032x}", b"")
    (catalogue,) = open_catalogues(project, "cache")
    assert catalogue.url == local.url


def test_what_was_opened_below_a_url_of_the_settings_is_offered_in_its_place(
    project: Project,
) -> None:
    (project.root / "jobtui.toml").write_text('[stores."memory://lab-7"]\n')
    project.state_folder.mkdir()
    project = open_project(project.root)
    keep_some("memory://lab-7")
    assert [one.place for one in known_stores(project)][1:] == ["memory://lab-7"]
    (catalogue,) = open_catalogues(project, "memory://lab-7")
    list(catalogue.pages())
    (_, known) = known_stores(project)
    assert (known.place, known.why, known.entries) == ("memory://lab-7/jobtui", "settings", 2)


def test_who_computed_what_when_and_how_long_it_took_is_told(project: Project) -> None:
    keep_some("cache")
    (catalogue,) = open_catalogues(project, "cache")
    list(catalogue.pages())
    row, other = sorted(catalogue.rows, key=lambda row: catalogue.detail(row).facts.what)
    detail = catalogue.detail(row)
    assert detail.row.function.endswith("test_opening:simulate")
    assert detail.facts.arguments == {"seed": "3", "password": "<hidden>"}
    assert detail.facts.host == os.uname().nodename
    assert detail.facts.user
    assert detail.facts.started is not None
    assert detail.facts.duration is not None
    assert detail.facts.what == "ndarray float64 3"
    assert detail.preview is not None
    assert detail.preview.line == (0.0, 1.5, 3.0)
    code = catalogue.code(other)
    assert code is not None
    assert code.startswith("def simulate(")
    assert "np.arange(seed) * 1.5" in code
    assert "hunter2" not in code


def test_a_source_is_read_once_for_all_results_of_it(project: Project) -> None:
    keep_some("memory://sources")
    (catalogue,) = open_catalogues(project, "memory://sources")
    list(catalogue.pages())
    view = catalogue.view
    assert isinstance(view, OwnView)
    view.store = store = CountingStore(view.store)
    assert len({catalogue.code(row) for row in catalogue.rows}) == 1
    assert sum(call.name.startswith("code/") and call.method == "read" for call in store.log) == 1


def test_a_place_without_results_is_refused_in_a_sentence(project: Project) -> None:
    (project.root / "empty").mkdir()
    with pytest.raises(StoreError, match="empty holds no results, of jobtui's or joblib's"):
        open_catalogues(project, "empty")
    with pytest.raises(StoreError, match="nowhere is no folder"):
        open_catalogues(project, "nowhere")
    with pytest.raises(StoreError, match="no store is known for what: URLs"):
        open_catalogues(project, "what://ever")
    (own,) = open_catalogues(project)
    assert list(own.pages())[-1].seen == 0
    assert not project.state_folder.exists()


@pytest.fixture(params=sorted(path.name for path in JOBLIB.iterdir() if path.is_dir()))
def theirs(request: pytest.FixtureRequest, project: Project) -> Path:
    return Path(shutil.copytree(JOBLIB / request.param, project.root / "theirs"))


def test_caches_of_joblib_of_any_release_are_looked_through_and_deleted_from(
    theirs: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: object) -> None:
        raise AssertionError("something was unpickled")

    before = everything(theirs)
    for name in ("pickle.load", "pickle.loads", "pickle._Unpickler.find_class"):
        monkeypatch.setattr(name, never)
    (known,) = [one for one in known_stores(project) if one.why == "folder"]
    assert known.kind == "joblib"
    (catalogue,) = open_catalogues(project, known.place)
    pages = list(catalogue.pages(size=1))
    assert len(pages) == len(catalogue.rows) + 1
    told = dict(catalogue.facts(catalogue.rows))
    assert all(facts.arguments and facts.what and not facts.problem for facts in told.values())
    assert all(row.size > 100 and row.written > 1e9 for row in told)
    assert everything(theirs) == before
    row = catalogue.rows[0]
    assert "def " in (catalogue.code(row) or "")
    catalogue.delete([row])
    assert not (catalogue.view.cache.path / row.name).exists()
    assert row not in catalogue.rows
    assert len(everything(theirs)) < len(before)


HASH = "a" * 32


@pytest.mark.parametrize(
    "name", [f"../../x/{HASH}", f"/etc/{HASH}", f"link/{HASH}", "f/x", f"f//{HASH}", ""]
)
def test_nothing_outside_of_a_joblib_cache_is_read_or_deleted(project: Project, name: str) -> None:
    outside = project.root / "outside" / HASH
    outside.mkdir(parents=True)
    (outside / "output.pkl").write_bytes(b"N.")
    inside = project.root / "theirs" / "joblib" / "m" / "f"
    (inside / ("b" * 32)).mkdir(parents=True)
    (inside / ("b" * 32) / "output.pkl").write_bytes(b"N.")
    (inside.parent.parent / "link").symlink_to(outside.parent)
    (catalogue,) = open_catalogues(project, "theirs")
    list(catalogue.pages())
    (row,) = catalogue.rows
    for ask in (catalogue.detail, catalogue.code, lambda row: catalogue.delete([row])):
        with pytest.raises(StoreError, match="is no result of"):
            ask(row._replace(name=name))
    assert (outside / "output.pkl").exists()


def test_both_are_there_where_both_lie_in_one_folder(project: Project) -> None:
    keep_some("cache")
    shutil.copytree(JOBLIB / "1.6.0", project.root / "cache", dirs_exist_ok=True)
    ours, theirs = open_catalogues(project, "cache")
    assert (ours.kind, theirs.kind) == ("jobtui", "joblib")


def test_a_url_that_was_empty_at_the_last_look_is_looked_at_again(project: Project) -> None:
    project.state_folder.mkdir(exist_ok=True)
    (catalogue,) = open_catalogues(project, "memory://later")
    assert list(catalogue.pages())[-1].last
    keep_some("memory://later")
    (catalogue,) = open_catalogues(project, "memory://later")
    list(catalogue.pages())
    assert len(catalogue.rows) == 2


def test_stores_of_settings_and_of_runs_are_offered_without_being_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "jobtui.toml").write_text('[stores."memory://lab"]\n')
    folder = project.runs_folder / "2026-11-22T10-00-00-abc"
    folder.mkdir(parents=True)
    places = [
        "memory://runs",
        str(project.root / "other"),
        "https://anna:hunter2@x/y",
        "a\x1b[31m",
        3,
    ]
    lines = [json.dumps({"event": "call_end", "store": one}) for one in places]
    (folder / "events.jsonl").write_text("\n".join([*lines, '{"store": [', "\x00"]) + "\n")

    def never(*arguments: object) -> None:
        raise AssertionError("a store was asked")

    monkeypatch.setattr(MemoryStore, "list", never)
    monkeypatch.setattr(MemoryStore, "read", never)
    found = known_stores(open_project(project.root))
    assert [(one.why, one.place) for one in found] == [
        ("project", str(project.root / ".jobtui" / "cache")),
        ("settings", "memory://lab"),
        # Not memory://runs: what was in the memory of a process went with it.
        ("runs", str(project.root / "other")),
    ]
    assert all(one.opened is None for one in found)


def test_a_read_only_folder_is_said_to_be_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_some("cache")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (catalogue,) = open_catalogues(project, "cache")
    list(catalogue.pages())
    assert catalogue.read_only is True
    with pytest.raises(StoreError, match="is read-only: nothing can be deleted"):
        catalogue.delete(catalogue.rows)


def test_texts_of_a_store_cannot_steer_a_terminal_nor_tell_secrets(project: Project) -> None:
    store = LocalStore(project.root / "cache")
    name = put(
        store, 1, function="co2:fit\x1b[31m\u202e", run="\x1b]0;x\x07",
        arguments={"a\x1b[2J": "x", "url": "s3://anna:hunter2@b", "token": "hunter2"},
    )  # fmt: skip
    hostile = store.path / "a%1B%5B31m%E2%80%AE" / "ab"
    hostile.mkdir(parents=True)
    shutil.copy(store.path / name, hostile / ("ab" * 16 + ".entry"))
    (catalogue,) = open_catalogues(project, "cache")
    list(catalogue.pages())
    assert len(catalogue.rows) == 2
    for row in catalogue.rows:
        detail = catalogue.detail(row)
        text = f"{row.function}{row.key}{detail.facts}{detail.run}{detail.code}{detail.files}"
        assert text.isprintable()
        assert "hunter2" not in text
        assert "hunter2" not in str(detail.preview)


def test_a_function_with_a_name_too_long_for_a_folder_is_told_in_full(project: Project) -> None:
    store = open_store("memory://long")
    put(store, 1, function="co2:" + "é" * 200)
    (catalogue,) = open_catalogues(project, "memory://long")
    list(catalogue.pages())
    (row,) = catalogue.rows
    assert row.function.startswith("co2:é")
    assert row.function.endswith("…")
    assert catalogue.detail(row).row.function == "co2:" + "é" * 200
