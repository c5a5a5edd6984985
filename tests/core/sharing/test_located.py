"""Which stores sources name in so many words."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core.project.evidence.located import named_locations, only_location
from jobtui_core.sources import SourceModule
from jobtui_core.tracing.sharing.places import is_shared, may_open


def _named(text: str) -> tuple[str, ...]:
    return named_locations([SourceModule("m", Path("/p/m.py"), "m.py", text)])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Memory("s3://lab/cache")', ("s3://lab/cache/jobtui",)),
        ("jobtui_core.Memory(location='s3://lab/cache/', verbose=0)", ("s3://lab/cache/jobtui",)),
        ('PLACE = "s3://lab/x"\nmemory = Memory(PLACE)', ("s3://lab/x/jobtui",)),
        ('Memory("/scratch/lab")', ("/scratch/lab/jobtui",)),
        # From the folder that a script runs in, which nobody knows before.
        ('Memory("cache")  # not "/scratch"', ()),
        ("Memory(None)", ()),
        ("Memory()  # '/'", ()),
        ('Memory(os.environ["PLACE"])  # s3://lab', ()),
        ('print("s3://lab/cache")', ()),
        ('Memorial("s3://lab/cache")', ()),
    ],
)
def test_locations_are_found_where_a_memory_is_made(text: str, found: tuple[str, ...]) -> None:
    assert _named(text) == found


@pytest.mark.parametrize(
    ("texts", "only"),
    [
        (["x = 3", 'Memory("/lab/cache")'], "/lab/cache/jobtui"),
        (['Memory("/lab/cache")', 'P = "/lab/cache"\nMemory(P, verbose=0)'], "/lab/cache/jobtui"),
        (['Memory("/lab/cache")', 'Memory("/lab/other")'], None),
        # It may be that one which keeps what is asked for.
        (['Memory("/lab/cache")', 'Memory(os.environ["PLACE"])'], None),
        (['Memory("/lab/cache")', 'Memory("cache")'], None),
        (["x = 3"], None),
    ],
)
def test_the_only_location_is_that_of_every_memory(texts: list[str], only: str | None) -> None:
    modules = [SourceModule("m", Path(f"/p/m{n}.py"), "m.py", one) for n, one in enumerate(texts)]
    assert only_location(modules) == only


@pytest.mark.parametrize(
    ("place", "opened"),
    [
        ("s3://anything/at/all", True),
        ("/mnt/results/jobtui", True),
        ("../other/.jobtui/cache", True),
        ("sftp://host/path", False),
        ("sftp://lab/results/x", True),
        ("sftp://lab/results-of-others", False),
        ("gs://bucket/x", False),
    ],
)
def test_a_record_has_stores_opened_that_are_harmless_or_wished_for(
    place: str, opened: bool
) -> None:
    assert may_open(place, {"sftp://lab/results": {}}) is opened


def test_a_folder_in_the_project_is_nobody_elses(tmp_path: Path) -> None:
    from jobtui_core.stores import LocalStore, MemoryStore

    assert not is_shared(LocalStore(tmp_path / ".jobtui" / "cache"), tmp_path)
    assert not is_shared(MemoryStore(), tmp_path)
    assert is_shared(LocalStore(tmp_path / "elsewhere"), tmp_path / "project")
    # Beside the project, with a name that begins like its.
    assert is_shared(LocalStore(tmp_path / "project-2"), tmp_path / "project")
