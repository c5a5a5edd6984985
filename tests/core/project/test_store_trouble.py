"""A store that cannot be used is named by whoever tells what is fresh."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobtui_core.project import overview, status
from jobtui_core.project.kept.lastlook import look_path
from jobtui_core.project.reader import forget_readers
from tests.core.project.conftest import Lab
from tests.core.project.test_overview import settle


def warnings(lab: Lab) -> tuple[str, ...]:
    return status(lab.project).warnings


def test_a_store_that_can_be_made_is_no_trouble(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert warnings(lab) == ()
    monkeypatch.setenv("JOBTUI_STORE", str(lab.root / "not/yet/there"))
    assert warnings(lab) == ()
    assert not (lab.root / "not").exists()


def test_a_file_in_the_place_of_the_store_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.write("taken", "a file")
    monkeypatch.setenv("JOBTUI_STORE", "taken/cache")
    (warning,) = warnings(lab)
    assert warning == (
        f"The store {lab.root}/taken/cache, which JOBTUI_STORE names, cannot be used: "
        f"{lab.root}/taken is no folder; nothing can be kept."
    )


def test_the_setting_is_named_where_it_is_the_one(lab: Lab) -> None:
    lab.write("taken", "a file")
    lab.write("jobtui.toml", 'store = "taken"\n')
    (warning,) = warnings(lab)
    assert "which the setting store names" in warning


def test_a_folder_where_nothing_can_be_made_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc")
    monkeypatch.setenv("JOBTUI_STORE", "/proc/nope")
    (warning,) = warnings(lab)
    assert warning.startswith("The store /proc/nope, which JOBTUI_STORE names, cannot be used: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize(("mode", "part"), [(0o555, "written"), (0o000, "read")])
def test_a_folder_of_somebody_elses_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, mode: int, part: str
) -> None:
    place = lab.root / "theirs"
    place.mkdir()
    place.chmod(mode)
    monkeypatch.setenv("JOBTUI_STORE", str(place / "cache"))
    try:
        (warning,) = warnings(lab)
    finally:
        place.chmod(0o755)
    assert f"cannot be {part}" in warning


def test_a_scheme_that_nobody_knows_is_named_without_what_follows_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBTUI_STORE", "gs://user:secret@bucket")
    (warning,) = warnings(lab)
    assert "JOBTUI_STORE" in warning
    assert "gs:" in warning
    assert "secret" not in warning


def test_the_trouble_is_not_kept(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab.root / ".jobtui").mkdir(exist_ok=True)
    taken = lab.write("taken", "a file")
    settle(lab.root)
    monkeypatch.setenv("JOBTUI_STORE", "taken")
    forget_readers()
    assert overview(lab.project).warnings
    assert not Path(look_path(str(lab.root))).exists()
    taken.unlink()
    forget_readers()
    assert not overview(lab.project).warnings
