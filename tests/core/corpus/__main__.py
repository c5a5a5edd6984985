"""Examine the whole corpus and print what was counted.

python -m tests.core.corpus [WORD…]      only cases whose names contain a word
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.core.corpus.cases import CASES, examined
from tests.core.corpus.tally import MOST_ALARMS, tally


def main() -> int:
    names = [name for name in CASES if all(word in name for word in sys.argv[1:])]
    with (
        tempfile.TemporaryDirectory(prefix="jobtui-corpus-") as folder,
        examined(Path(folder), names) as futures,
    ):
        found = [(name, future.result()) for name, future in futures.items()]
    counted = tally(CASES, found)
    print(counted.table())
    return 1 if counted.wrong or counted.share > MOST_ALARMS else 0


if __name__ == "__main__":
    raise SystemExit(main())
