"""What is known of the file system that a folder lies on."""

from __future__ import annotations

import pytest

from jobtui_core import filesystems

MOUNTS = [("/", "ext4"), ("/net", "nfs4"), ("/net/local", "btrfs"), ("/network", "fuse.x")]


@pytest.fixture(autouse=True)
def _linux(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(filesystems, "_mounts", lambda: MOUNTS)
    monkeypatch.setattr(filesystems.sys, "platform", "linux")
    filesystems.kind_of.cache_clear()
    yield
    filesystems.kind_of.cache_clear()


@pytest.mark.parametrize(
    ("folder", "local", "reserves"),
    [
        ("/a", True, True),
        ("/nets", True, True),
        ("/net/a", False, False),
        ("/net/local/a", True, False),
        ("/network/a", False, False),
    ],
)
def test_its_kind_is_known_from_the_mounts(folder: str, local: bool, reserves: bool) -> None:
    assert filesystems.is_local(folder) is local
    assert filesystems.takes_reservations(folder) is reserves


def test_where_nobody_tells_it_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystems, "_mounts", list)
    assert not filesystems.is_local("/a")
    assert not filesystems.takes_reservations("/a")
