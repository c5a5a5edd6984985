"""A store whose server is a function, with credentials that must not be seen anywhere."""

from __future__ import annotations

import os

import pytest

from jobtui_core.stores.s3 import S3Store
from jobtui_core.stores.s3 import connection as connections
from tests.core.stores.s3.sdk import ENDPOINT, Server

KEY, SECRET, TOKEN = "AKIDTHATISSECRET", "secret/that+is/kept", "token-that-is-kept"


@pytest.fixture
def alone(monkeypatch):
    """The SDK finds credentials in the environment, and nothing else of this machine."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/nowhere/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def no_pauses(monkeypatch):
    """Further attempts are made at once."""
    monkeypatch.setattr(connections, "_FIRST_PAUSE", 0.0)


_servers: list[Server] = []


@pytest.fixture
def server(alone):
    """The SDK's client with a function in place of a server."""
    # Made where the environment has the credentials.
    if not _servers:
        _servers.append(Server())
    return _servers[0]


@pytest.fixture
def store(server, no_pauses):
    """A store whose requests go nowhere until ``server.answers`` them."""
    return S3Store("s3://bucket/base", endpoint_url=ENDPOINT)
