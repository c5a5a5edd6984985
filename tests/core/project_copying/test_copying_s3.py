"""Copying to and from a real server, and looking after what lies there."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jobtui.cli import main
from jobtui_core import Memory
from jobtui_core.project import copy_plan, copy_results, open_project
from jobtui_core.stores import CountingStore, Fault, FaultyStore, open_store
from jobtui_core.upkeep import copying
from jobtui_core.upkeep.belonging import Wanted
from jobtui_core.upkeep.contents import is_entry
from jobtui_core.upkeep.copying import carry_out, plan_copy
from jobtui_core.upkeep.reducing import Limits, reduce_store


@pytest.fixture
def here(tmp_path):
    """A project whose store has 30 small results and one large one."""
    (tmp_path / "jobtui.toml").write_text('store = "cache/jobtui"\n')
    memory = Memory("cache", verbose=0)
    fill = memory.cache(bytes)
    for n in range(1, 31):
        fill(n)
    memory.cache(np.arange)(200_000)
    return memory.store


def names(store):
    return {one.name for one in store.list() if not one.name.startswith("use/")}


def test_a_push_and_a_pull_bring_every_byte_there_and_back(here, s3_url, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_LARGE", 1 << 18)
    project = open_project()
    done = copy_results(project, copy_plan(project, None, s3_url))
    assert done.whole, done.error
    far = open_store(s3_url)
    assert names(far) == names(here)
    done = copy_results(project, copy_plan(project, s3_url, str(tmp_path / "back")))
    assert done.whole, done.error
    assert done.damaged == 0
    back = open_store(str(tmp_path / "back"))
    assert {name: back.read(name) for name in names(back)} == {
        name: here.read(name) for name in names(here)
    }
    again = copy_plan(project, None, s3_url)
    assert again.objects == 0


def test_a_copy_to_it_that_broke_off_goes_on(here, s3_url):
    far = open_store(s3_url)
    broken = FaultyStore(far, Fault("unavailable", "write_if_absent", first=9))
    done = carry_out(plan_copy(here, broken, lambda stock: Wanted()))
    assert done.error is not None
    assert 0 < len(names(far)) < len(names(here))
    counting = CountingStore(far)
    done = carry_out(plan_copy(here, counting, lambda stock: Wanted()))
    assert done.whole
    assert names(far) == names(here)
    assert counting.calls["write_if_absent"] == sum(done.objects.values())


def test_commands_look_after_what_lies_there(here, s3_url, capsys):
    assert main(["push", s3_url]) == 0
    assert "copied 31 results" in capsys.readouterr().out
    assert main(["push", s3_url]) == 0
    assert "copied 0 results" in capsys.readouterr().out
    assert main(["du", s3_url, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["results"] == 31
    assert told["size"] == sum(one.size for one in open_store(s3_url).list())
    assert main(["ls", s3_url, "size:>100K"]) == 0
    assert "ndarray int64 200000" in capsys.readouterr().out
    assert main(["rm", s3_url, "size:>100K", "--yes"]) == 0
    assert main(["gc", s3_url, "--max-items", "5", "--dry-run"]) == 0
    planned = capsys.readouterr().out.splitlines()[-1]
    assert "25 results" in planned
    assert main(["gc", s3_url, "--max-items", "5", "--yes"]) == 0
    assert "deleted 25 results" in capsys.readouterr().out
    assert sum(is_entry(one.name) for one in open_store(s3_url).list()) == 5


def test_reducing_it_takes_requests_by_pages_and_not_by_objects(here, s3_url):
    far = open_store(s3_url)
    carry_out(plan_copy(here, far, lambda stock: Wanted()))
    counting = CountingStore(far)
    freed = reduce_store(counting, Limits(items=0))
    assert freed.entries == 31
    assert counting.calls["pages"] == 1
    assert counting.calls["read"] == 0
    assert (counting.calls["delete_all"], counting.calls["delete"]) == (1, 0)


def test_credentials_are_in_nothing_that_is_printed(here, s3_url, s3_environment, capsys):
    secrets = [value for name, value in s3_environment.items() if "KEY" in name]
    assert secrets
    main(["push", s3_url, "--json"])
    main(["ls", s3_url, "--json"])
    told = capsys.readouterr()
    assert not any(secret in told.out + told.err for secret in secrets)


def test_a_misspelt_bucket_is_no_empty_store_to_pull_from(here, s3_url, capsys):
    bucket = s3_url.partition("://")[2].partition("/")[0]
    assert main(["pull", s3_url.replace(bucket, "no-such-bucket-here")]) != 0
    assert "there is no such bucket" in capsys.readouterr().err
    # An empty folder of a bucket that is there is one.
    assert main(["pull", s3_url]) == 0
