"""Scripts with results on an S3 server: what they wait for, what they record, what they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.stores import open_store
from jobtui_core.tracing.read import read_run
from tests.servers.faults import FaultProxy, fault_proxy
from tests.servers.seaweed import BUCKET, HOST, S3Server

SCRIPT = """
import sys
from jobtui_core import Memory, flush

options = {{"connect_timeout": 0.5, "read_timeout": 0.5, "max_wait": 1.0, "retries": 0}}
memory = Memory({url!r}, verbose=0, backend_options={{**options, **{options!r}}})

@memory.cache
def square(x):
    print("computed", x)
    return x * x
"""


class Project:
    """A project with one script, whose store lies behind a network that may be bad."""

    def __init__(self, root: Path, network: FaultProxy, environment: dict[str, str]) -> None:
        self.root = root
        self.network = network
        self.url = f"s3://{BUCKET}/{uuid.uuid4().hex}"
        self.environment = {
            **environment,
            "AWS_ENDPOINT_URL_S3": network.url,
            "PATH": os.environ["PATH"],
            "HOME": str(root),
        }
        (root / "jobtui.toml").write_text("")

    def run(self, code: str, **options: Any) -> subprocess.CompletedProcess[str]:
        text = SCRIPT.format(url=self.url, options=options) + textwrap.dedent(code)
        (self.root / "script.py").write_text(text)
        return subprocess.run(
            [sys.executable, "script.py"],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    @property
    def stored(self) -> list[str]:
        """Names in the bucket."""
        return [one.name for one in open_store(f"{self.url}/jobtui").list()]

    @property
    def entries(self) -> int:
        return sum(name.endswith(".entry") for name in self.stored)

    @property
    def runs(self) -> list[Path]:
        return sorted((self.root / ".jobtui" / "runs").iterdir())

    def events(self, run: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]

    @property
    def waiting(self) -> int:
        spool = self.root / ".jobtui" / "spool"
        return sum(path.is_file() for path in spool.glob("*/1-*/*"))


@pytest.fixture
def project(
    tmp_path: Path, s3_server: S3Server, s3_environment: dict[str, str]
) -> Iterator[Project]:
    with fault_proxy(HOST, s3_server.port) as network:
        yield Project(tmp_path, network, s3_environment)


def test_when_a_script_has_ended_all_has_arrived_and_its_record_says_so(project: Project) -> None:
    done = project.run("print([square(x) for x in range(3)])")
    assert done.stderr == ""
    assert project.entries == 3
    assert project.waiting == 0
    # What it was and who ran it travels as well.
    assert any(name.startswith("runs/") for name in project.stored)
    (run,) = project.runs
    ends = [one for one in project.events(run) if one["event"] == "call_end"]
    told = [one for one in project.events(run) if one["event"] == "stored"]
    keys = [key for one in told for key in one["keys"]]
    assert {one["key"] for one in ends if one.get("pending")} <= set(keys)
    assert len(keys) == 3
    assert {one["store"] for one in told} == {f"{project.url}/jobtui"}
    assert [call.pending for call in read_run(run).calls] == [False] * 3


def test_a_script_without_a_network_goes_on_and_the_next_one_sends_its_results(
    project: Project,
) -> None:
    project.network.set(refuse=True)
    code = """
    print([square(x) for x in range(3)])
    print([square(x) for x in range(3)], flush=True)
    """
    first = project.run(code)
    assert first.stdout.count("computed") == 3
    warnings = [line for line in first.stderr.splitlines() if "CacheWarning" in line]
    assert len(warnings) <= 1
    assert "3 results wait in .jobtui/spool and are sent by the next run" in first.stderr
    assert [call.pending for call in read_run(project.runs[0]).calls][:3] == [True] * 3
    project.network.set()
    second = project.run("print([square(x) for x in range(3)])")
    assert "computed" not in second.stdout
    assert second.stderr == ""
    assert project.entries == 3
    assert project.waiting == 0


def test_looking_at_steps_sees_what_waits_and_sends_nothing(project: Project) -> None:
    project.network.set(refuse=True)
    project.run("print(square(3))")
    project.network.set()
    waiting = project.waiting
    shown = subprocess.run(
        [sys.executable, "-m", "jobtui", "status", "--json"],
        cwd=project.root,
        env=project.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    (script,) = json.loads(shown.stdout)["scripts"]
    assert [step["verdict"] for step in script["steps"]] == ["fresh"]
    assert project.waiting == waiting > 0
    assert project.stored == []


def test_who_needs_results_elsewhere_waits_for_them(project: Project) -> None:
    done = project.run("""
    square(1)
    print("left:", memory.flush(30), flush(30), file=sys.stderr)
    import os
    os._exit(0)
    """)
    assert "left: 0 0" in done.stderr
    assert project.entries == 1


def test_a_large_result_is_sent_in_parts_while_the_interpreter_ends(project: Project) -> None:
    done = project.run(
        """
        import os
        from jobtui_core.stores.spool import outbox
        outbox._SENDERS = 0   # nothing is sent before the end

        @memory.cache
        def large():
            return os.urandom(12_000_000)

        assert len(large()) == 12_000_000
        """,
        multipart_size=6_000_000,
        part_size=5 << 20,
        read_timeout=10.0,
        max_wait=20.0,
    )
    assert done.stderr == ""
    assert project.entries == 1
    assert project.waiting == 0


def test_a_bucket_that_may_only_be_read_costs_one_warning_and_results_wait(
    project: Project, s3_server: S3Server
) -> None:
    from tests.servers import seaweed

    project.environment |= s3_server.environment(seaweed.READER)
    project.environment["AWS_ENDPOINT_URL_S3"] = project.network.url
    code = """
    import time
    for x in range(6):
        square(x)
        time.sleep(0.05)
    """
    done = project.run(code)
    assert done.stderr.count("CacheWarning") == 1
    assert "6 results wait in .jobtui/spool" in done.stderr
    again = project.run(code)
    assert "computed" not in again.stdout
    assert project.entries == 0
