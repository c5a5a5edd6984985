"""A remote store over a bad network: the script goes on, with right values and one warning at most.

A proxy before a real server makes the weather.  What could not be stored is stored later, once
the network is well again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
import warnings

import numpy as np
import pytest

from jobtui_core import CacheWarning, Memory
from jobtui_core.stores import open_store
from tests.servers.faults import fault_proxy
from tests.servers.seaweed import BUCKET, HOST

_IMPATIENT = {"connect_timeout": 0.3, "read_timeout": 0.3, "max_wait": 0.6, "retries": 1}
"""So that a test waits for less than a person would."""


@pytest.fixture
def network(s3_server, s3_environment, monkeypatch, tmp_path):
    (tmp_path / "jobtui.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with fault_proxy(HOST, s3_server.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        yield proxy


@pytest.fixture
def url(network):
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"


class Script:
    """What a script does: a small and a large result, and how often they are computed."""

    def __init__(self, url, **options):
        self.memory = Memory(url, verbose=0, backend_options={**_IMPATIENT, **options})
        self.computed = 0
        self.small = self.memory.cache(self._small)
        self.large = self.memory.cache(self._large)

    def __getstate__(self):
        return {}

    def _small(self, number):
        self.computed += 1
        return {"number": number, "twice": 2 * number}

    def _large(self, number):
        self.computed += 1
        return np.random.default_rng(number).random(100_000)

    def run(self, numbers=range(3)):
        """Run it; give how many calls were computed and what was warned of."""
        before = self.computed
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for number in numbers:
                assert self.small(number) == {"number": number, "twice": 2 * number}
                expected = np.random.default_rng(number).random(100_000)
                np.testing.assert_array_equal(self.large(number), expected)
        assert all(issubclass(one.category, CacheWarning) for one in caught), caught
        return self.computed - before, [str(one.message) for one in caught]


WEATHERS = {
    "refused": {"refuse": True},
    "reset": {"reset": True},
    "hanging": {"hang": True},
    "slow": {"rate": 500_000},
    "cut on the way up": {"cut_up": 20_000},
    "cut on the way down": {"cut_down": 200},
    "told to slow down": {"status": 503},
    "failing inside": {"status": 500, "code": "InternalError"},
    "told to slow down now and then": {"status": 503, "every": 3},
    "without answers to writes": {"lose_answer": "PUT"},
    "without answers to reads": {"lose_answer": "GET"},
}


@pytest.mark.parametrize("weather", WEATHERS.values(), ids=WEATHERS)
def test_results_are_right_and_stored_once_the_network_is_well(network, url, weather):
    script = Script(url)
    network.set(**weather)
    computed, told = script.run()
    assert computed == 6
    assert len(told) <= 1, told
    assert network.struck or network.weather.hang or network.weather.rate
    network.set()
    assert script.memory.flush(30) == 0
    # Another machine: nothing of this process is remembered there.
    other = Script(url)
    assert other.run() == (0, [])


def test_a_store_that_does_not_answer_is_named_once_with_its_server(network, url):
    network.set(refuse=True)
    told = Script(url).run()[1]
    (sentence,) = told
    begin, end = (
        f"{url}/jobtui cannot be read: {network.url} ",
        "; what it would answer is computed",
    )
    # Which of them it is, is a matter of microseconds.
    reasons = ("cannot be reached", "closed the connection without an answer")
    assert sentence in [f"{begin}{reason}{end} anew" for reason in reasons]


def test_a_store_that_does_not_answer_is_asked_once_and_left_alone_then(network, url):
    script = Script(url)
    script.run([0])
    assert script.memory.flush(30) == 0
    network.set(status=503)
    asked = network.requests["GET"]
    script.run(range(10, 30))
    # The attempts of one call; those that send what was computed are writes.
    assert network.requests["GET"] - asked <= 1 + _IMPATIENT["retries"]


def test_what_was_on_its_way_when_the_network_broke_arrives_whole(network, url):
    script = Script(url)
    with network.during(cut_up=500_000):
        # Some of it passes, and each large object is cut somewhere else.
        script.run(range(4))
    with network.during(cut_up=100_000):
        script.memory.flush(1)
    assert script.memory.flush(30) == 0
    assert Script(url).run(range(4)) == (0, [])


def test_a_server_that_is_killed_and_comes_back_has_everything(
    own_s3_server, tmp_path, monkeypatch
):
    (tmp_path / "jobtui.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    url = f"s3://{BUCKET}/killed"
    script = Script(url)
    assert script.run(range(2)) == (4, [])
    own_s3_server.kill()
    computed, told = script.run(range(2, 4))
    assert (computed, len(told)) == (4, 1)
    own_s3_server.start()
    assert script.memory.flush(30) == 0
    own_s3_server.freeze()
    computed, told = Script(url).run(range(4, 5))
    assert (computed, told) == (2, [])  # It was said, and once is enough.
    own_s3_server.thaw()
    assert script.memory.flush(30) == 0
    assert Script(url).run(range(5)) == (0, [])


_PROGRAM = """
import os, sys
from jobtui_core import Memory, make

memory = Memory(sys.argv[1], verbose=100)

@memory.cache
def twice(number, password):
    return {"number": 2 * number}

@make(memory=memory)
def step(number):
    return number + 1

password = os.environ["PASSWORD"]
print([twice(number, password)["number"] + step(number) for number in range(3)])
sys.stdout.flush()
if sys.argv[2:] == ["killed"]:
    os.kill(os.getpid(), 9)
"""

_SECRETS = ("kept-secret-key-7d1", "kept-session-token-9f2", "kept-password-3c8")


@pytest.fixture
def program(tmp_path, network, url):
    """Run a script that stores on S3, in a process of its own, and take all that it says."""
    (tmp_path / "script.py").write_text(_PROGRAM)
    (tmp_path / "jobtui.toml").write_text(
        f'[stores."s3://{BUCKET}"]\n'
        + "".join(f"{name} = {value}\n" for name, value in _IMPATIENT.items())
    )

    def run(*words, code=0, **environment):
        done = subprocess.run(
            [sys.executable, "script.py", url, *words],
            env={**_clean(), "PASSWORD": _SECRETS[2], **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == code, done.stderr
        assert done.stdout == "[1, 4, 7]\n"
        return done.stderr

    return run


def _clean():
    return {name: value for name, value in os.environ.items() if not name.startswith("JOBTUI_")}


def test_a_script_that_is_killed_loses_nothing_that_the_next_one_does_not_send(
    network, url, program
):
    network.set(hang=True)
    program("killed", code=-9)
    network.set()
    told = program()
    assert "Warning" not in told
    # What another machine would find.
    listed = {one.name for one in open_store(f"{url}/jobtui").list()}
    assert sum(name.endswith(".entry") for name in listed) == 6


def test_no_credential_reaches_a_file_or_a_stream(network, program, tmp_path):
    environment = {
        "AWS_SECRET_ACCESS_KEY": _SECRETS[0],
        "AWS_SESSION_TOKEN": _SECRETS[1],
        "PYTHONFAULTHANDLER": "1",
    }
    said = program(**environment)
    assert "Warning" in said
    with network.during(refuse=True):
        said += program(**environment)
    said += program(AWS_ENDPOINT_URL_S3=f"http://user:{_SECRETS[0]}@127.0.0.1:{network.port}")
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any("runs" in path.parts for path in kept)
    for secret in _SECRETS:
        assert secret not in said
        assert not [path for path, data in kept.items() if secret.encode() in data]
