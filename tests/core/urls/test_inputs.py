"""``inputs=["s3://…"]``: what lies at a URL counts by what it holds, and is read once."""

from __future__ import annotations

import json
import os
import socket
import sys
import textwrap
import threading
import time
import uuid
from pathlib import Path

import fsspec
import pytest

from jobtui_core import Memory, make
from jobtui_core.errors import CacheWarning, InputError, StoreError
from jobtui_core.hashing import known_url_digests
from jobtui_core.urls import files as url_files
from jobtui_core.urls import filesystems
from jobtui_core.urls.filesystems import FileSystem

ran = []


@pytest.fixture(autouse=True)
def _nothing_ran(monkeypatch):
    ran.clear()
    known_url_digests.clear()
    url_files._silent.clear()
    # What fsspec's memory says of times is of now, to the microsecond.
    monkeypatch.setattr(url_files, "_FINE_TICK", -1)


@pytest.fixture
def asked(monkeypatch):
    """What is asked of servers: looks and reads, in order."""
    found = []
    ask = FileSystem.ask

    def noted(self, what, url, request, **options):
        found.append(what)
        return ask(self, what, url, request, **options)

    monkeypatch.setattr(FileSystem, "ask", noted)
    return found


@pytest.fixture
def url():
    """A file in fsspec's memory."""
    place = f"memory://{uuid.uuid4().hex}/table.csv"
    put(place, b"one")
    return place


def put(url, data):
    fsspec.filesystem("memory").pipe_file(url, data)


def size(path):
    ran.append(path)
    return len(fsspec.filesystem("memory").cat_file(path))


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


def test_another_content_is_another_call_and_back_again_the_first(memory, url):
    cached = memory.cache(size, inputs=["{path}"])
    assert [cached(url), cached(url)] == [3, 3]
    put(url, b"one two")
    assert cached(url) == 7
    put(url, b"one")
    assert cached(url) == 3
    assert len(ran) == 2


def test_content_is_read_once_and_looked_at_from_then_on(memory, url, asked):
    cached = memory.cache(size, inputs=["{path}"])
    cached(url)
    assert asked.count("read") == 1
    asked.clear()
    cached(url)
    assert asked == ["looked at"]


def test_next_process_reads_nothing_that_was_read_before(memory, url, asked, tmp_path):
    cached = memory.cache(size, inputs=["{path}"])
    cached(url)
    notes = (tmp_path / ".jobtui" / "index" / "digests.jsonl").read_text().splitlines()
    note = json.loads(notes[-1])
    assert note[0] == url
    assert [len(text) for text in note[1:]] == [32, 32]
    # As another process: it knows what the notes say.
    known_url_digests.clear()
    from jobtui_core.hashing import remembered

    remembered._recalled.clear()
    asked.clear()
    assert cached(url) == 3
    assert asked == ["looked at"]
    assert len(ran) == 1


def test_several_at_once_and_literal_ones_count_too(memory, url):
    other = url.replace("table", "other")
    put(other, b"x")

    @memory.cache(inputs=[url, "{paths}"])
    def total(paths):
        ran.append(paths)
        return sum(len(fsspec.filesystem("memory").cat_file(path)) for path in [url, *paths])

    assert [total([other]), total([other])] == [4, 4]
    put(other, b"xyz")
    assert total([other]) == 6
    put(url, b"")
    assert total([other]) == 3
    assert len(ran) == 3


def test_function_that_calls_it_is_computed_again_too(run, tmp_path):
    (tmp_path / "script.py").write_text(
        textwrap.dedent(
            f"""
            from jobtui_core import Memory
            memory = Memory("cache", verbose=0)
            @memory.cache(inputs="local://{tmp_path}/table.txt")
            def table():
                return open("table.txt").read()
            @memory.cache
            def outer(n):
                print("ran")
                return table()[n]
            print(outer(0))
            """
        )
    )
    (tmp_path / "table.txt").write_text("a")
    assert run() == ["ran", "a"]
    assert run() == ["a"]
    (tmp_path / "table.txt").write_text("b")
    assert run() == ["ran", "b"]


def test_other_algorithm_reads_for_itself(tmp_path, url):
    cached = Memory(tmp_path / "cache", verbose=0, hash="blake2b").cache(size, inputs=["{path}"])
    assert [cached(url), cached(url)] == [3, 3]
    put(url, b"four")
    assert cached(url) == 4
    assert len(ran) == 2


def test_steps_take_them_as_well(url):
    step = make(size, inputs=["{path}"])
    assert [step(url), step(url)] == [3, 3]
    put(url, b"four")
    assert step(url) == 4
    assert len(ran) == 2


def test_input_that_is_not_there_is_an_error_that_names_it(memory, url):
    cached = memory.cache(size, inputs=["{path}"])
    with pytest.raises(InputError, match=r"size: its input memory://.*none.csv does not exist"):
        cached(url.replace("table", "none"))
    assert ran == []


def test_credentials_in_a_url_are_refused_and_not_repeated(memory):
    with pytest.raises(StoreError, match="credentials") as caught:
        memory.cache(size, inputs=["sftp://me:hidden@host/a.csv"])
    assert "hidden" not in str(caught.value)
    cached = memory.cache(size, inputs=["{path}"])
    with pytest.raises(StoreError, match="credentials") as caught:
        cached("https://host/a.csv?X-Amz-Signature=hidden")
    assert "hidden" not in str(caught.value)


def test_server_that_does_not_answer_makes_the_call_run_uncached_and_is_asked_once(
    memory, monkeypatch
):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    calls = []

    @memory.cache(inputs=["http://127.0.0.1:{port}/{name}"])
    def read(port, name):
        calls.append(name)

    with pytest.warns(CacheWarning, match="an input cannot be read: .* does not answer"):
        read(port, "a")
    begun = time.monotonic()
    read(port, "b")
    assert time.monotonic() - begun < 1
    assert calls == ["a", "b"]


def test_file_urls_are_paths(memory, tmp_path):
    path = tmp_path / "with space.txt"
    path.write_text("one")

    @memory.cache(inputs=["{url}"])
    def read(url):
        ran.append(url)
        return path.read_text()

    assert [read(path.as_uri()), read(path.as_uri())] == ["one", "one"]
    path.write_text("two")
    assert read(path.as_uri()) == "two"
    assert len(ran) == 2


def test_large_content_is_read_in_pieces(url, monkeypatch):
    from jobtui_core.hashing import digest_bytes

    monkeypatch.setattr(url_files, "_CHUNK", 1000)
    data = os.urandom(10_500)
    put(url, data)
    assert url_files.digest_url(url, {}) == digest_bytes(data)


def test_what_is_too_large_for_now_is_not_read(url, asked):
    with pytest.raises(url_files.NotReadError):
        url_files.digest_url(url, {}, largest=2)
    assert "read" not in asked
    url_files.digest_url(url, {})
    assert url_files.digest_url(url, {}, largest=2)


def test_nothing_is_loaded_without_urls(tmp_path):
    import subprocess

    code = (
        "import sys\n"
        "from jobtui_core import Memory, make\n"
        "open('a.txt', 'w').write('x')\n"
        "f = Memory('cache', verbose=0).cache(abs, inputs=['a.txt'])\n"
        "assert f(-3) == 3\n"
        "print(sorted({'fsspec', 'boto3', 's3fs', 'asyncio'} & {*sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# ----------------------------------------------------------------------------- a real S3 server

SCRIPT = """
import sys
import fsspec
from jobtui_core import make

@make(inputs=["{url}/{name}"])
def count(url, name):
    print("ran")
    return len(fsspec.filesystem("s3").cat_file(f"{url}/{name}"))

print(count(URL, "data.csv"))
"""


@pytest.fixture
def lab(tmp_path, s3_url, s3_server, s3_environment, monkeypatch):
    monkeypatch.delenv("JOBTUI_ROOT")
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / "script.py").write_text(SCRIPT.replace("URL", repr(s3_url)))
    bucket, prefix = s3_url.removeprefix("s3://").split("/", 1)
    client = s3_server.client()

    def put_object(data):
        client.put_object(Bucket=bucket, Key=f"{prefix}/data.csv", Body=data)

    put_object(b"one")
    return Lab(tmp_path, s3_url, put_object)


class Lab:
    def __init__(self, root: Path, url, put_object):
        self.root, self.url, self.put = root, url, put_object

    def verdict(self):
        from jobtui_core.project import open_project, status

        (script,) = status(open_project(self.root)).scripts
        (step,) = script.steps
        return step


def test_object_on_s3_that_changed_is_seen_by_calls_and_verdicts(lab, run):
    assert lab.verdict().verdict.value == "new"
    assert run(JOBTUI_TRACE="1") == ["ran", "3"]
    assert run(JOBTUI_TRACE="1") == ["3"]
    assert lab.verdict().verdict.value == "fresh"
    lab.put(b"one two")
    step = lab.verdict()
    assert step.verdict.value == "stale"
    assert [(one.kind.value, one.subject) for one in step.reasons] == [
        ("input-changed", f"{lab.url}/data.csv")
    ]
    assert run(JOBTUI_TRACE="1") == ["ran", "7"]
    assert lab.verdict().verdict.value == "fresh"
    lab.put(b"one")
    assert lab.verdict().verdict.value == "fresh"


def test_server_that_does_not_answer_makes_a_verdict_unsure(lab, run, monkeypatch):
    run(JOBTUI_TRACE="1")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(filesystems, "WAITING", 1.0)
    url_files._held.clear()
    begun = time.monotonic()
    step = lab.verdict()
    assert time.monotonic() - begun < 20
    assert step.verdict.value == "unsure"
    (reason,) = step.reasons
    assert reason.kind.value == "cannot-follow"
    assert "data.csv holds now is not known" in reason.summary
    assert "does not answer" in reason.summary


def test_settings_by_url_tell_where_the_server_is(lab, run, s3_environment, monkeypatch):
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    bucket = lab.url.removeprefix("s3://").split("/")[0]
    (lab.root / "jobtui.toml").write_text(
        f'[stores."s3://{bucket}"]\nendpoint_url = "{endpoint}"\ntier_size = "1G"\n'
    )
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    from jobtui_core.named import digest_named

    url_files._held.clear()
    assert digest_named(f"{lab.url}/data.csv", lab.root)


# ------------------------------------------------------------------------- whom nobody here names


@pytest.fixture
def listener():
    """A server that nobody may talk to: it tells whether somebody did."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def was_asked(listener):
    try:
        listener.accept()
    except BlockingIOError:
        return False
    return True


def test_server_that_only_a_record_names_is_not_asked_for_a_verdict(tmp_path, listener):
    from jobtui_core.project.judging.preconditions import UNKNOWN, FilesNow

    server = f"http://127.0.0.1:{listener.getsockname()[1]}"
    files = FilesNow(tmp_path)
    assert files.on_disk(f"{server}/a.csv") == UNKNOWN
    assert "was not looked at: no source names its server" in files.unknown[f"{server}/a.csv"]
    assert not was_asked(listener)


def test_server_that_only_an_entry_names_is_not_asked_by_a_hit(tmp_path, listener):
    from jobtui_core.memory.lookup import file_digest
    from jobtui_core.memory.outputs import is_gone, to_put_back

    url = f"ftp://127.0.0.1:{listener.getsockname()[1]}/a.json"
    output = {
        "path": url,
        "digest": "0" * 32,
        "kept": True,
        "saver": "JsonFile",
        "state": [1, "x"],
        "inner": True,
    }
    assert to_put_back([output], lambda one: None, tmp_path, "keep") is None
    assert not is_gone(output, tmp_path)
    assert file_digest(url) is None
    assert not was_asked(listener)


def test_servers_of_settings_and_of_declarations_may_be_asked(tmp_path):
    from jobtui_core.named import may_be_asked, server_of

    (tmp_path / "jobtui.toml").write_text('[stores."sftp://lab.example.org/data"]\nport = 22\n')
    assert may_be_asked("sftp://lab.example.org/other/a", (), tmp_path)
    assert not may_be_asked("sftp://other.example.org/a", (), tmp_path)
    assert may_be_asked("sftp://other.example.org/a", {"sftp://other.example.org"}, tmp_path)
    assert may_be_asked("s3://bucket/a", (), tmp_path)
    assert server_of("SFTP://me@Host:22/{name}.csv") == "sftp://host:22"
    assert server_of("sftp://{host}/a") is None
    assert server_of("{path}") is None
    assert server_of("data/a.csv") is None


def test_several_files_are_asked_for_at_once(tmp_path, monkeypatch):
    from jobtui_core.project.judging.preconditions import FilesNow

    together = threading.Barrier(4)

    def look(self, url):
        together.wait(20)
        return url[-1] * 32

    monkeypatch.setattr(FilesNow, "_at_url", look)
    files = FilesNow(tmp_path)
    urls = [f"s3://bucket/{n}" for n in range(4)]
    files.look_ahead([*urls, *urls, "data/a.csv", "s3://bucket/{n}"])
    assert set(files.looked_at) == set(urls)
    assert files.on_disk(urls[2]) == "2" * 32
