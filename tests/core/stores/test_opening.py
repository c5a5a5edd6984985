"""From a location to a store, and from a text to a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobtui_core import Memory
from jobtui_core.errors import StoreError
from jobtui_core.stores import (
    LocalStore,
    MemoryStore,
    check_name,
    open_store,
    quote,
    register_store_backend,
)


def folder_of(store: object) -> Path:
    assert isinstance(store, LocalStore)
    return store.path


def test_path_opens_a_folder(tmp_path: Path) -> None:
    assert folder_of(open_store(tmp_path / "a")) == tmp_path / "a"
    assert folder_of(open_store(str(tmp_path / "a"))) == tmp_path / "a"


def test_relative_path_counts_from_the_base(tmp_path: Path) -> None:
    assert folder_of(open_store(".jobtui/cache", tmp_path)) == tmp_path / ".jobtui" / "cache"
    assert folder_of(open_store("/else/where", tmp_path)) == Path("/else/where")


def test_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_of(open_store("~/cache")) == tmp_path / "cache"


def test_file_url_opens_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "with space"
    assert folder_of(open_store(path.as_uri())) == path
    assert open_store(LocalStore(path).url).url == LocalStore(path).url


def test_file_url_of_another_machine_is_refused() -> None:
    with pytest.raises(StoreError, match="this machine"):
        open_store("file://server/share")


def test_url_with_one_slash_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for location in ("s3:/bucket/cache", Path("s3://bucket/cache")):
        with pytest.raises(StoreError, match="begins with s3://"):
            Memory(location)
    with pytest.raises(StoreError, match="begins with s3://"):
        open_store("s3:/bucket/cache")
    assert not any(tmp_path.iterdir())
    assert Memory("./s3:/bucket/cache").location == "./s3:/bucket/cache"


def test_memory_url_names_one_store() -> None:
    first = open_store("memory://test-opening")
    first.write("a", b"x")
    assert open_store("memory://test-opening").read("a") == b"x"
    assert open_store("memory://test-opening-other").read("a") is None
    assert isinstance(first, MemoryStore)


def test_unknown_scheme_is_named() -> None:
    with pytest.raises(StoreError, match=r"no store is known for gopher: URLs") as caught:
        open_store("gopher://hole")
    assert caught.value.scheme == "gopher"


def test_registered_scheme_is_opened_in_any_case() -> None:
    opened = []

    def backend(url: str) -> MemoryStore:
        opened.append(url)
        return MemoryStore()

    register_store_backend("Test-Scheme", backend)
    open_store("TEST-scheme://somewhere/else")
    assert opened == ["TEST-scheme://somewhere/else"]


@pytest.mark.parametrize("scheme", ["", "a b", "1a", "a/b", "x"])
def test_scheme_that_no_url_can_have_is_refused(scheme: str) -> None:
    with pytest.raises(ValueError, match="can stand before"):
        register_store_backend(scheme, lambda url: MemoryStore())


def test_backend_must_be_callable() -> None:
    with pytest.raises(ValueError, match="opens a store"):
        register_store_backend("something", MemoryStore())  # type: ignore[arg-type]


def test_opening_touches_nothing(tmp_path: Path) -> None:
    open_store(tmp_path / "cache").read("a")
    assert list(tmp_path.iterdir()) == []


@given(st.text())
def test_any_text_can_be_quoted(text: str) -> None:
    """Whatever an identity looks like, it makes one part of a name."""
    quoted = quote(text)
    assert "/" not in check_name(quoted)
    assert len(quoted) <= 150


@given(st.text(max_size=300), st.text(max_size=300))
def test_different_texts_have_different_names(one: str, other: str) -> None:
    assert (quote(one) == quote(other)) == (one == other)


def test_identity_stays_readable() -> None:
    assert quote("co2") == "co2"
    assert quote("analysis.co2:trend") == "analysis.co2%3Atrend"
    assert quote("..") == "%2E."


@pytest.mark.parametrize(
    "location",
    [
        "file://ann:hunter2@host/p",
        "file://hunter2@host/p",
        "s3:/ann:hunter2@bucket",
        "s3:/bucket?key=hunter2",
        "simplecache::s3://ann:hunter2@bucket",
        "simplecache::s3://bucket?secret=hunter2",
        "s3://ann:hunter2@bucket",
    ],
)
@pytest.mark.parametrize("opening", [open_store, Memory])
def test_what_is_no_url_is_refused_without_repeating_a_secret(
    location: str, opening: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(opening)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError) as seen:
        opening(location)
    error = seen.value
    assert "hunter2" not in f"{error} {error!r} {error.facts}"
    assert "hunter2" not in repr((error.__cause__, error.__context__))
    assert list(tmp_path.iterdir()) == []


def test_a_path_may_have_a_colon_and_slashes_in_it(tmp_path: Path) -> None:
    assert folder_of(open_store(f"{tmp_path}/a://b")) == tmp_path / "a:" / "b"
