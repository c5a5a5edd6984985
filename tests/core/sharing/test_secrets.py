"""What is written down of a run, here and for others, holds no secret."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

from tests.core.sharing.conftest import Machine

SECRET = "xyzzy-0451"

SCRIPT = """
import sys
from jobtui_core import default_param, make

token = default_param("token", "nothing", help="of the service")

@make
def fetch(token, words):
    return [len(token), words]

print(fetch(token, len(sys.argv)))
"""


def _files(folder: Path) -> dict[str, bytes]:
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    unpacked = {name: zlib.decompress(data.partition(b"\n")[2])
                for name, data in found.items() if name.endswith(".run")}  # fmt: skip
    return {**found, **{f"{name} unpacked": data for name, data in unpacked.items()}}


def test_no_secret_parameter_or_word_reaches_a_shared_store(
    both: tuple[Machine, Machine], shared: Path
) -> None:
    ada, _ = both
    for one in both:
        one.write("fetch.py", SCRIPT)
    ada.run("fetch.py", f"--token={SECRET}", "--api-key", SECRET)
    ada.jobtui("run", "fetch.py", f"token={SECRET}")
    records = [name for name in _files(shared) if name.endswith("unpacked")]
    assert len(records) == 2
    assert [name for name, data in _files(shared).items() if SECRET.encode() in data] == []
    # The words of a command line are repeated by the next run: they stay on this machine.
    mine = _files(ada.root / ".jobtui")
    holding = {name for name, data in mine.items() if SECRET.encode() in data}
    # What is derived from them is for the eyes of their owner alone.
    holding = {name for name in holding if "/index/" not in name}
    strange = [n for n in holding if not n.endswith(("request.json", "events.jsonl"))]
    assert strange == []
    for name in holding:
        for line in mine[name].decode().splitlines():
            event = json.loads(line)
            words = [event.pop(part, None) for part in ("argv", "command")]
            told = SECRET in json.dumps(event)
            assert not told or name.endswith("request.json"), (event, words)
    assert SECRET not in ada.jobtui("status", "--json")
    assert SECRET not in ada.jobtui("log", "--json")


def test_that_a_secret_is_another_one_is_told_without_telling_either(
    both: tuple[Machine, Machine],
) -> None:
    ada, _ = both
    for one in both:
        one.write("fetch.py", SCRIPT)
    ada.jobtui("run", "fetch.py", f"token={SECRET}")
    for one in both:
        why = one.jobtui("why", "fetch", "token=other")
        assert re.search(r"token changed|token: <hidden>", why)
        assert SECRET not in why
        assert "other" not in why.replace("other one", "")
