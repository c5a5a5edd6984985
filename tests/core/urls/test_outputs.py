"""``output=NumpyFile("s3://…/x.npy")``: written whole, missed where it is not there, put back."""

from __future__ import annotations

import io
import os
import socket
import uuid

import fsspec
import numpy as np
import pytest

from jobtui_core import JsonFile, NumpyFile, PickleFile, make
from jobtui_core.errors import CacheWarning, OutputError, StoreError
from jobtui_core.hashing import known_url_digests
from jobtui_core.steps import owners
from jobtui_core.urls import files as url_files
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
def url():
    """A folder in fsspec's memory."""
    return f"memory://{uuid.uuid4().hex}"


def read(url):
    return fsspec.filesystem("memory").cat_file(url)


def put(url, data):
    fsspec.filesystem("memory").pipe_file(url, data)


def remove(url):
    fsspec.filesystem("memory").rm_file(url)


def step_to(output):
    def numbers(n):
        ran.append(n)
        return list(range(n))

    return make(numbers, output=JsonFile(output))


def test_result_is_written_there_by_the_persister(url, tmp_path):
    numbers = step_to(url + "/{n}.json")
    assert numbers(2) == [0, 1]
    assert read(f"{url}/2.json") == b"[\n  0,\n  1\n]\n"
    assert list((tmp_path / ".jobtui" / "outgoing").iterdir()) == []


def test_file_that_is_missing_is_put_back_from_the_kept_copy(url):
    numbers = step_to(url + "/{n}.json")
    numbers(2)
    before = read(f"{url}/2.json")
    remove(f"{url}/2.json")
    assert numbers(2) == [0, 1]
    assert read(f"{url}/2.json") == before
    assert ran == [2]


def test_file_that_stands_is_looked_at_and_neither_read_nor_written(url, monkeypatch):
    numbers = step_to(url + "/{n}.json")
    numbers(2)
    asked = []
    ask = FileSystem.ask

    def noted(self, what, url, request, **options):
        asked.append(what)
        return ask(self, what, url, request, **options)

    monkeypatch.setattr(FileSystem, "ask", noted)
    assert numbers(2) == [0, 1]
    assert asked == ["looked at"]


def test_edited_file_is_kept_and_said(url):
    numbers = step_to(url + "/{n}.json")
    numbers(2)
    put(f"{url}/2.json", b"mine")
    with pytest.warns(CacheWarning, match=r"2.json was edited since numbers wrote it; the file is"):
        assert numbers(2) == [0, 1]
    assert read(f"{url}/2.json") == b"mine"
    assert ran == [2]


def test_edited_file_is_put_back_or_made_anew_where_that_is_wanted(url, monkeypatch):
    numbers = step_to(url + "/{n}.json")
    numbers(2)
    before = read(f"{url}/2.json")
    monkeypatch.setenv("JOBTUI_OUTPUTS", "restore")
    put(f"{url}/2.json", b"mine")
    assert numbers(2) == [0, 1]
    assert read(f"{url}/2.json") == before
    monkeypatch.setenv("JOBTUI_OUTPUTS", "recompute")
    put(f"{url}/2.json", b"mine")
    assert numbers(2) == [0, 1]
    assert read(f"{url}/2.json") == before
    assert ran == [2, 2]


def another_run():
    """What one run may not do, write a file twice, several do in turn."""
    owners._owners.clear()


def test_two_calls_of_one_run_on_one_place_are_an_error_that_names_both(url):
    numbers = step_to(f"{url}/all.json")
    numbers(1)
    with pytest.raises(OutputError, match=r"numbers\(n=1\) and numbers\(n=2\)"):
        numbers(2)


def test_newest_call_owns_the_place(url):
    numbers = step_to(f"{url}/all.json")
    numbers(1)
    another_run()
    numbers(2)
    assert read(f"{url}/all.json") == b"[\n  0,\n  1\n]\n"
    another_run()
    numbers(1)
    assert read(f"{url}/all.json") == b"[\n  0\n]\n"
    assert ran == [1, 2]


def test_one_step_writes_what_another_one_takes(url):
    numbers = step_to(f"{url}/numbers.json")

    def total():
        ran.append("total")
        return read(f"{url}/numbers.json").count(b",")

    total = make(total, inputs=[f"{url}/numbers.json"])
    numbers(3)
    assert [total(), total()] == [2, 2]
    another_run()
    numbers(5)
    assert total() == 4
    another_run()
    numbers(3)
    assert total() == 2
    assert ran.count("total") == 2


def test_two_parts_in_one_place_are_refused(url):
    two = make(lambda: (1, 2), output=(JsonFile(f"{url}/a"), JsonFile(f"{url}/a")), name="two")
    with pytest.raises(OutputError, match="two parts of output= are saved to"):
        two()


def test_credentials_in_a_url_are_refused_and_not_repeated():
    with pytest.raises(StoreError, match="credentials") as caught:
        step_to("sftp://me:hidden@host/a.json")
    assert "hidden" not in str(caught.value)


def test_server_that_does_not_answer_costs_a_warning_and_neither_result_nor_hit(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    numbers = step_to(f"ftp://127.0.0.1:{port}/numbers.json")
    with pytest.warns(CacheWarning, match=r"numbers.json could not be written .*does not answer"):
        assert numbers(2) == [0, 1]
    assert list((tmp_path / ".jobtui" / "outgoing").iterdir()) == []


def test_hit_stands_while_a_file_cannot_be_looked_at(url, monkeypatch):
    numbers = step_to(url + "/{n}.json")
    numbers(2)

    def fail(self, path):
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(type(fsspec.filesystem("memory")), "info", fail)
        with pytest.warns(CacheWarning, match=r"an output could not be put back: .*not answer"):
            assert numbers(2) == [0, 1]
        assert numbers.check_call_in_cache(2)
    assert ran == [2]


def test_folder_of_another_machine_is_written_whole(tmp_path):
    folder = tmp_path / "elsewhere"
    numbers = step_to(f"local://{folder}/deep/numbers.json")
    numbers(2)
    assert [path.name for path in (folder / "deep").iterdir()] == ["numbers.json"]
    (folder / "deep" / "numbers.json").unlink()
    numbers(2)
    assert (folder / "deep" / "numbers.json").exists()
    assert ran == [2]


# ----------------------------------------------------------------------------- a real S3 server

SCRIPT = """
import numpy as np
from jobtui_core import NumpyFile, make

@make(output=NumpyFile("URL/trend.npy"))
def trend(n):
    print("ran")
    return np.arange(n)

print(trend(3).sum())
"""


def test_object_on_s3_is_written_missed_edited_and_put_back(
    tmp_path, s3_url, s3_server, run, monkeypatch
):
    from jobtui_core.project import open_project, status

    monkeypatch.delenv("JOBTUI_ROOT")
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / "script.py").write_text(SCRIPT.replace("URL", s3_url))
    bucket, prefix = s3_url.removeprefix("s3://").split("/", 1)
    client = s3_server.client()
    where = {"Bucket": bucket, "Key": f"{prefix}/trend.npy"}

    def step():
        (script,) = status(open_project(tmp_path)).scripts
        return script.steps[0]

    assert run(JOBTUI_TRACE="1") == ["ran", "3"]
    data = client.get_object(**where)["Body"].read()
    assert np.load(io.BytesIO(data)).tolist() == [0, 1, 2]
    assert step().verdict.value == "fresh"

    client.delete_object(**where)
    # A hit puts it back.
    assert step().verdict.value == "fresh"
    assert "is missing; running the script puts it back" in " ".join(step().notes)
    assert run(JOBTUI_TRACE="1") == ["3"]
    assert client.get_object(**where)["Body"].read() == data

    client.put_object(**where, Body=b"mine")
    monkeypatch.setenv("JOBTUI_OUTPUTS", "recompute")
    assert [one.kind.value for one in step().reasons] == ["output-modified"]
    monkeypatch.delenv("JOBTUI_OUTPUTS")
    assert step().verdict.value == "fresh"
    assert "was edited" in " ".join(step().notes)
    assert os.listdir(tmp_path / ".jobtui" / "outgoing") == []


def test_array_of_several_parts_arrives_on_s3(s3_url, tmp_path):
    make(lambda: np.arange(3_000_000), output=NumpyFile(f"{s3_url}/big.npy"), name="big")()
    with fsspec.open(f"{s3_url}/big.npy", "rb") as file:
        assert np.load(io.BytesIO(file.read())).sum() == 3_000_000 * 2_999_999 // 2


@pytest.mark.parametrize(
    ("persister", "value"),
    [
        (lambda place: NumpyFile(f"{place}/a.npy"), np.arange(5)),
        (lambda place: NumpyFile(f"{place}/a.npy", mmap_mode="r"), np.arange(5)),
        (lambda place: JsonFile(f"{place}/a.json"), [1, 2]),
        (lambda place: PickleFile(f"{place}/a.pkl"), {"a": 1}),
    ],
)
def test_persister_loads_what_is_at_its_url(url, persister, value):
    output = persister(url)
    make(lambda: value, output=output, name="given")()
    assert (
        np.array_equal(output.load(), value)
        if isinstance(value, np.ndarray)
        else (output.load() == value)
    )


def test_persister_whose_file_is_not_there_says_so(url):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        JsonFile(f"{url}/none.json").load()
