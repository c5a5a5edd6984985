"""HTTP requests of a ``Memory`` on S3, counted where they come by: 1 a hit, 2 a miss."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core import Memory, NumpyFile, make
from jobtui_core.entry import read_info
from tests.core.isolation import CHECKOUT, clean_environment
from tests.servers.faults import FaultProxy, fault_proxy
from tests.servers.seaweed import S3Server


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with fault_proxy("127.0.0.1", s3_server.port) as proxy:
        yield proxy


class Lab:
    """A memory behind a proxy that counts."""

    def __init__(self, url: str, proxy: FaultProxy) -> None:
        self.url = url
        self.proxy = proxy
        self.options = {"endpoint_url": proxy.url}

    def memory(self, **options: Any) -> Memory:
        given = {**self.options, **options.pop("given", {})}
        return Memory(self.url, backend_options=given, verbose=0, **options)

    def cost(self, memory: Memory, call: Callable[[], Any]) -> dict[str, int]:
        """Give the requests of a call, by method, until all has arrived."""
        assert memory.store is not None
        assert memory.store.flush(30) == 0
        self.proxy.requests.clear()
        call()
        assert memory.store.flush(30) == 0
        return dict(self.proxy.requests)


@pytest.fixture
def lab(s3_url: str, proxy: FaultProxy) -> Lab:
    return Lab(s3_url, proxy)


def double(x: Any) -> Any:
    return [x, x]


def noise(n: int) -> Any:
    return np.random.default_rng(0).random(n)


@pytest.mark.parametrize("key", [None, "secret"], ids=["plain", "signed"])
def test_a_hit_is_a_get_and_a_miss_a_get_and_a_put(lab: Lab, key: str | None) -> None:
    memory = lab.memory(signing_key=key)
    cached, large = memory.cache(double), memory.cache(noise)
    cached(0)
    large(0)
    assert lab.cost(memory, lambda: cached(1)) == {"GET": 1, "PUT": 1}
    assert lab.cost(memory, lambda: cached(1)) == {"GET": 1}
    assert lab.cost(memory, lambda: large(1 << 18)) == {"GET": 1, "PUT": 1}
    assert lab.cost(memory, lambda: large(1 << 18)) == {"GET": 1}


def test_with_a_tier_a_hit_is_no_request(lab: Lab, tmp_path: Path) -> None:
    lab.memory().cache(double)(1)
    memory = lab.memory(given={"tier": str(tmp_path / "near")})
    cached = memory.cache(double)
    assert lab.cost(memory, lambda: cached(1)) == {"GET": 1}
    assert lab.cost(memory, lambda: [cached(1) for _ in range(5)]) == {}


def test_facts_of_a_large_entry_are_one_request_of_a_few_kilobytes(lab: Lab) -> None:
    memory = lab.memory()
    memory.cache(noise)(1 << 20)
    store = memory.store
    assert store is not None
    store.flush(30)
    (name,) = [one.name for one in store.list() if one.name.endswith(".entry")]
    found = []
    assert lab.cost(memory, lambda: found.append(read_info(store, name))) == {"GET": 1}
    assert found[0] is not None
    assert found[0].size > 4 << 20


def test_a_step_with_a_kept_output_is_a_get_and_two_puts(lab: Lab, tmp_path: Path) -> None:
    memory = lab.memory()

    @make(output=NumpyFile("out-{n}.npy"), memory=memory)
    def step(n: int) -> Any:
        return noise(n)

    step(3)
    assert lab.cost(memory, lambda: step(5)) == {"GET": 1, "PUT": 2}
    assert lab.cost(memory, lambda: step(5)) == {"GET": 1}


def test_clearing_is_a_listing_and_a_request_to_delete(lab: Lab) -> None:
    memory = lab.memory()
    cached = memory.cache(double)
    for x in range(8):
        cached(x)
    # The other GET is for parts of uploads that were never finished.
    assert lab.cost(memory, memory.clear) == {"GET": 2, "POST": 1}
    assert list(memory.store.list() if memory.store else ()) == []


def test_the_sdk_is_loaded_by_the_first_call(s3_url: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from jobtui_core import Memory\n"
        f"memory = Memory({s3_url!r}, verbose=0)\n"
        "cached = memory.cache(abs)\n"
        "assert not {'boto3', 'botocore', 's3fs', 'fsspec'} & set(sys.modules)\n"
        "assert cached(-3) == 3\n"
        "assert 'botocore' in sys.modules\n"
        "assert not {'s3fs', 'fsspec'} & set(sys.modules)\n"
    )
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    subprocess.run(
        [sys.executable, str(script)],
        check=True,
        timeout=60,
        cwd=tmp_path,
        env={**clean_environment(), **aws, "PYTHONPATH": str(CHECKOUT)},
    )


WORKERS = """
import sys
from multiprocessing import get_context
from concurrent.futures import ProcessPoolExecutor

from joblib import Parallel, delayed

from jobtui_core import Memory

def work(x):
    return [x, x]

def main():
    memory = Memory(sys.argv[1], backend_options={"profile": "lab"}, verbose=0)
    cached = memory.cache(work)
    cached(0)
    # A connection that was made before must not be shared with children.
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        assert list(pool.map(cached, [0, 1, 2, 3])) == [[x, x] for x in range(4)]
    assert Parallel(n_jobs=2)(delayed(cached)(x) for x in range(6)) == [[x, x] for x in range(6)]
    memory.store.flush()
    assert all(cached.check_call_in_cache(x) for x in range(6))

if __name__ == "__main__":
    main()
"""


def test_workers_find_credentials_by_the_profile(s3_url: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WORKERS)
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[lab]\naws_access_key_id = {aws.pop('AWS_ACCESS_KEY_ID')}\n"
        f"aws_secret_access_key = {aws.pop('AWS_SECRET_ACCESS_KEY')}\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), s3_url],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        env={
            **clean_environment(),
            **aws,
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
            "PYTHONPATH": str(CHECKOUT),
        },
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
