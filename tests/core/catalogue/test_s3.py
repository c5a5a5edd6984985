"""Looking through a store on a real S3 server, by the requests that it takes."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from jobtui_core.project import (
    Catalogue,
    Project,
    delete_rows,
    entry_filter,
    open_catalogues,
    open_project,
    select,
)
from jobtui_core.project.catalogue.views import OwnView
from jobtui_core.stores import Store, open_store
from tests.core.catalogue.stock import put

ENTRIES = 120


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / ".jobtui").mkdir()
    return open_project(tmp_path)


@pytest.fixture
def filled(s3_url: str) -> Store:
    store = open_store(f"{s3_url}/jobtui")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(store, n, np.arange(float(n % 7))), range(ENTRIES)))
    return store


def requests_of(catalogue: Catalogue) -> Counter[str]:
    """Requests that were made over a catalogue's connection."""
    view = catalogue.view
    assert isinstance(view, OwnView)
    store = view.store
    while not hasattr(store, "requests"):
        store = store.inner  # type: ignore[attr-defined]  # a wrapper: it has one within
    found: Counter[str] = store.requests
    return found


def test_listing_filtering_looking_and_deleting_by_few_requests(
    filled: Store, s3_url: str, project: Project
) -> None:
    (catalogue,) = open_catalogues(project, s3_url)
    assert (catalogue.url, catalogue.remote) == (f"{s3_url}/jobtui", True)
    requests = requests_of(catalogue)
    assert requests.total() <= 1
    before = requests.total()
    pages = catalogue.pages(size=20)
    assert len(next(pages).rows) == 20
    assert requests.total() == before + 1
    assert [page.last for page in pages][-1]
    assert len(catalogue.rows) == ENTRIES
    assert requests.total() - before <= 1.1 * ENTRIES / 20

    wanted = entry_filter("n>=115 took:>100s user:anna fn:fit size:<10K")
    sure, maybe = select(catalogue.rows, wanted, catalogue.known)
    assert (sure, len(maybe)) == ([], ENTRIES)
    before = requests.total()
    list(catalogue.facts(maybe))
    assert requests.total() == before + ENTRIES
    sure, maybe = select(catalogue.rows, wanted, catalogue.known)
    assert (len(sure), maybe) == (5, [])

    catalogue.keep()
    (again,) = open_catalogues(project, s3_url)
    assert again.remember()
    assert select(again.rows, wanted, again.known) == ([], again.rows)
    list(again.facts(again.rows))
    assert sorted(select(again.rows, wanted, again.known)[0]) == sorted(sure)
    assert requests_of(again).total() == 0

    detail = again.detail(sure[0])
    assert detail.preview is not None
    assert detail.facts.host == "node7"
    assert requests_of(again).total() == 1
    *_, told = delete_rows(again, sure)
    assert (told.done, told.failed) == (5, 0)
    assert requests_of(again).total() == 2
    assert sum(1 for _ in filled.list()) == ENTRIES - 5
    list(again.pages())
    assert len(again.rows) == ENTRIES - 5
