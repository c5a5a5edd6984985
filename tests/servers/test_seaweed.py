"""The server that other tests use does what they rely on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.seaweed import BUCKET, READER, WRITER
from tests.servers.shared import shared_server
from tests.support import wait_until

CHECKOUT = Path(__file__).parents[2]


def _code(call, **arguments) -> str:
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"


def test_it_tells_apart_who_may_read_and_who_may_write(s3_server, s3_url):
    key = s3_url.rpartition("/")[2]
    assert _code(s3_server.client().put_object, Bucket=BUCKET, Key=key, Body=b"1") == "done"
    reader, writer = s3_server.client(READER), s3_server.client(WRITER)
    nobody = s3_server.client((READER[0], "not the secret"))

    assert _code(reader.get_object, Bucket=BUCKET, Key=key) == "done"
    assert _code(reader.put_object, Bucket=BUCKET, Key=key, Body=b"2") == "AccessDenied"
    assert _code(writer.put_object, Bucket=BUCKET, Key=key, Body=b"3") == "done"
    assert _code(writer.create_bucket, Bucket="another") == "AccessDenied"
    assert _code(writer.put_object, Bucket="no-bucket", Key=key, Body=b"") == "NoSuchBucket"
    assert _code(nobody.get_object, Bucket=BUCKET, Key=key) == "SignatureDoesNotMatch"


def test_environment_names_the_server_and_no_files(s3_environment):
    import boto3

    assert {name: os.environ[name] for name in s3_environment} == s3_environment
    assert boto3.session.Session().available_profiles == []
    assert BUCKET in [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]]


def test_a_server_of_ones_own_halts_dies_and_comes_back_with_its_data(own_s3_server):
    server = own_s3_server
    server.client().put_object(Bucket=BUCKET, Key="kept", Body=b"1")
    server.freeze()
    server.thaw()
    server.kill()
    with pytest.raises(BotoCoreError):
        server.client().get_object(Bucket=BUCKET, Key="kept")
    server.start()
    assert server.client().get_object(Bucket=BUCKET, Key="kept")["Body"].read() == b"1"


_USER = """\
import sys
from pathlib import Path
from tests.servers.shared import shared_server
with shared_server(Path(sys.argv[1])) as server:
    print(server.port, flush=True)
    sys.stdin.read()
"""


def test_the_shared_server_ends_when_its_last_user_is_gone_however_it_ended(s3_server, tmp_path):
    user = subprocess.Popen(
        [sys.executable, "-c", _USER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with user:
        port = int(user.stdout.readline())
        with shared_server(tmp_path) as server:
            assert server.port == port
            user.kill()
            user.wait()
            assert server.client().list_buckets()["Buckets"]
        wait_until(lambda: not (tmp_path / "server").exists())
        assert not (tmp_path / "port").exists()
    with pytest.raises(BotoCoreError):
        server.client().list_buckets()
