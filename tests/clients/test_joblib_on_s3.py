"""``joblib.Memory`` on S3, by this package's backend, and the example that it was once made for."""

from __future__ import annotations

import pickle
import subprocess
import sys
import uuid
import warnings

import joblib
import numpy as np
import pytest
from joblib._store_backends import CacheWarning, FileSystemStoreBackend

from jobtui_core import Memory
from jobtui_core.integrations import joblib as integration
from jobtui_core.stores import open_store
from tests.core.isolation import clean_environment
from tests.servers.seaweed import READER


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """joblib knows of S3 in this test alone."""
    from joblib import memory

    monkeypatch.setattr(memory, "_STORE_BACKENDS", dict(memory._STORE_BACKENDS))
    integration.register_s3_store_backend()


def twice(x):
    calls.append(x)
    return 2 * x


calls: list[object] = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


EXAMPLE = """
import numpy as np
{imports}
register_s3_store_backend()
mem = Memory('{url}/joblib_cache', verbose=100, compress=True)
multiply = mem.cache(np.multiply)
result = multiply(np.arange(10000), np.arange(10000))
assert result[9999] == 9999 ** 2
{told}
"""

OURS = "from jobtui_core import Memory, register_s3_store_backend"
JOBLIBS = """\
from joblib import Memory
from jobtui_core.integrations.joblib import register_s3_store_backend
"""


@pytest.mark.parametrize(
    ("imports", "told"),
    # joblib says it by itself.
    [(OURS, "print('Calling' * multiply.misses)"), (JOBLIBS, "")],
    ids=["jobtui", "joblib"],
)
def test_the_example_of_2016_runs_and_its_second_run_computes_nothing(
    tmp_path, s3_url, imports, told
):
    script = tmp_path / "example.py"
    script.write_text(EXAMPLE.format(imports=imports, url=s3_url, told=told))
    outputs = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, script],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert ["Calling" in text for text in outputs] == [True, False]
    assert [*open_store(f"{s3_url}/joblib_cache").list()]


def test_results_are_kept_listed_and_cleared(s3_url):
    memory = joblib.Memory(s3_url, verbose=0)
    cached = memory.cache(twice)
    assert [cached(np.arange(3)).tolist(), cached(np.arange(3)).tolist()] == [[0, 2, 4]] * 2
    assert len(calls) == 1
    assert cached.check_call_in_cache(np.arange(3))

    (item,) = memory.store_backend.get_items()
    assert item.path.startswith(f"{s3_url}/joblib/")
    assert item.size > 100
    memory.reduce_size(items_limit=0)
    assert memory.store_backend.get_items() == []
    assert not cached.check_call_in_cache(np.arange(3))

    cached(np.arange(3))
    memory.clear(warn=False)
    assert list(open_store(s3_url).list()) == []


def test_names_that_a_store_does_not_take_are_spelled_otherwise(s3_url):
    def twice(x):
        calls.append(x)
        return 2 * x

    memory = joblib.Memory(s3_url, verbose=0)
    twice.__name__ = twice.__qualname__ = "zweimal für <alle>"
    cached = memory.cache(twice)
    assert [cached(2), cached(2)] == [4, 4]
    assert calls == [2]
    assert len(memory.store_backend.get_items()) == 1
    memory.reduce_size(items_limit=0)
    assert memory.store_backend.get_items() == []


def test_location_and_bucket_may_be_told_apart(s3_bucket, s3_environment):
    name = uuid.uuid4().hex
    memory = joblib.Memory(name, backend="s3", backend_options={"bucket": s3_bucket}, verbose=0)
    assert memory.cache(twice)(3) == 6
    assert [*open_store(f"s3://{s3_bucket}/{name}").list()]
    with pytest.raises(ValueError, match="needs a bucket"):
        joblib.Memory(name, backend="s3", verbose=0)


def test_the_same_holds_for_our_own_memory(s3_bucket, s3_environment):
    name = uuid.uuid4().hex
    memory = Memory(name, backend="s3", backend_options={"bucket": s3_bucket}, verbose=0)
    assert memory.cache(twice)(3) == 6
    assert memory.flush(30) == 0
    assert [*open_store(f"s3://{s3_bucket}/{name}").list()]
    with pytest.raises(ValueError, match="needs a bucket"):
        Memory(name, backend="s3")


def test_folders_are_what_they_were(tmp_path):
    memory = joblib.Memory(str(tmp_path / "cache"), verbose=0)
    assert isinstance(memory.store_backend, FileSystemStoreBackend)
    assert memory.cache(twice)(3) == 6
    assert list((tmp_path / "cache" / "joblib").rglob("output.pkl"))


def test_workers_find_the_same_results(s3_url):
    cached = joblib.Memory(s3_url, verbose=0).cache(twice)
    cached(5)
    again = pickle.loads(pickle.dumps(cached))
    assert again(5) == 10
    assert calls == [5]


def test_a_bucket_that_refuses_costs_a_warning_and_no_more(s3_server, s3_url, monkeypatch):
    for name, value in s3_server.environment((READER[0], "wrong")).items():
        monkeypatch.setenv(name, value)
    with warnings.catch_warnings(record=True, action="always") as seen:
        cached = joblib.Memory(s3_url, verbose=0).cache(twice)
        assert [cached(1), cached(1)] == [2, 2]
    assert [one.category for one in seen] == [CacheWarning]
    assert "does not belong to the access key" in str(seen[0].message)
    assert "wrong" not in str(seen[0].message)


def test_a_bucket_that_may_only_be_read_costs_a_warning_too(s3_server, s3_url, monkeypatch):
    joblib.Memory(s3_url, verbose=0).cache(twice)(1)
    for name, value in s3_server.environment(READER).items():
        monkeypatch.setenv(name, value)
    with warnings.catch_warnings(record=True, action="always") as seen:
        cached = joblib.Memory(s3_url, verbose=0).cache(twice)
        assert [cached(1), cached(2), cached(2)] == [2, 4, 4]
    assert calls == [1, 2, 2]
    assert [one.category for one in seen] == [CacheWarning]
    assert "lack the permission" in str(seen[0].message)
