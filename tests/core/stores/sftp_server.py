"""A real SFTP server on a loopback port, in a process of its own: not the client's implementation.

Run as a program it serves the folder ``files`` of a folder to one user, with the password or the
key that lies beside it, says its port, and ends with its standard input.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PASSWORD", "USER", "serve"]

USER, PASSWORD = "someone", "not-a-secret"


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Serve ``files`` in a folder; give the port, and the process that does it."""
    (folder / "files").mkdir(exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, __file__, str(folder), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(folder)},
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline()), server
    finally:
        server.stdin.close()
        server.stdout.close()
        server.kill()
        server.wait()


def main(folder: str, port: int) -> None:
    import asyncio

    import asyncssh

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel) -> None:
            super().__init__(channel, chroot=f"{folder}/files")

    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(f"{folder}/key")
    key.write_public_key(f"{folder}/key.pub")

    async def run() -> None:
        server = await asyncssh.create_server(
            Server,
            "127.0.0.1",
            port,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            authorized_client_keys=f"{folder}/key.pub",
            sftp_factory=Files,
            allow_scp=False,
        )
        print(server.get_port(), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(run())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
