"""Lets a random project live through random edits, and holds every verdict against what ran.

Each project lies in two folders with the same files.  In one, results are kept, as they are for
everybody; in the other, nothing is: what its script prints is what is right.
"""

from __future__ import annotations

import difflib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.core.fuzz.server import Done, Server, judged

__all__ = ["NOTING", "Census", "Trial", "WrongError"]

NOTING = '''
"""Lets functions note that they ran, where their project does not see it."""
import os

def note(name):
    place = os.environ.get("NOTES")
    if place:
        with open(place, "a") as file:
            file.write(name + "\\n")
'''
GOOD = ("fresh", "unused")
MEMORY = ".jobtui/memory"
"""Where a program's Memory is, which no setting moves."""
COLD = {"JOBTUI_STORE": "memory://cold", "JOBTUI_TRACE": "0"}


class WrongError(AssertionError):
    """A verdict or a result is wrong; the message tells the whole story."""


@dataclass
class Census:
    """What was counted over many projects."""

    projects: int = 0
    runs: int = 0
    failed: int = 0
    rows: int = 0
    executed: int = 0
    fresh: int = 0
    alarms: Counter[str] = field(default_factory=Counter)
    """Steps called not fresh which then hit, by verdict and kind of reason."""
    keep: bool = False
    """Whether to keep the stories of false alarms."""
    examples: list[WrongError] = field(default_factory=list)
    edits: Counter[str] = field(default_factory=Counter)
    limits: int = 0
    """Old results of which the verdict had warned."""

    def table(self) -> str:
        alarms = sum(self.alarms.values())
        lines = [
            f"projects                {self.projects}",
            f"runs compared           {self.runs}, of which {self.failed} ended in an error",
            f"verdicts                {self.rows}, of which {self.fresh} fresh",
            f"steps that ran          {self.executed}",
            "false fresh             0",
            f"warned old results      {self.limits}",
            f"false alarms            {alarms}  ({100 * alarms / max(self.rows, 1):.1f} %)",
        ]
        lines += [f"  {count:6}  {kind}" for kind, count in self.alarms.most_common()]
        return "\n".join(lines)


class Trial:
    """One project; to be edited and run."""

    def __init__(
        self, folder: Path, server: Server, files: Mapping[str, str], census: Census
    ) -> None:
        census.projects += 1
        self.server = server
        self.census = census
        self.warm, self.cold = folder / "warm" / "project", folder / "cold" / "project"
        self.files: dict[str, str] = {}
        self.versions: list[dict[str, str]] = []
        self.parameters: dict[str, Any] = {}
        self.argv: tuple[str, ...] = ()
        self.story: list[str] = []
        self.known: dict[str, Done] = {}
        for root in (self.warm, self.cold):
            shutil.rmtree(root, ignore_errors=True)
            (root / ".jobtui").mkdir(parents=True)
        for name, text in files.items():
            self.write(name, text)
        self.first = dict(files)

    # -- what happens to it ----------------------------------------------------------------------

    def write(self, name: str, text: str | None) -> None:
        """Write a file of the project, or delete it."""
        before = self.files.get(name)
        if text is None:
            self.files.pop(name, None)
        else:
            self.files[name] = text
        for root in (self.warm, self.cold):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(text.encode())
        if self.story:
            self.story.append(_diff(name, before or "", text or ""))

    def put_back(self, version: int) -> None:
        """Undo all edits since a run."""
        wanted = self.versions[version]
        for name in sorted({*wanted, *self.files}):
            if self.files.get(name) != wanted.get(name):
                self.write(name, wanted.get(name))

    def remove(self, path: Path) -> None:
        """Delete something that the project made."""
        self.story.append(f"deleted: {path.relative_to(self.warm)}")
        path.unlink()

    def made(self) -> list[Path]:
        """Give what runs left: outputs and entries."""
        outputs = sorted((self.warm / "results").glob("*.json"))
        entries = sorted((self.warm / ".jobtui").glob("*/*/*/*.entry"))
        return [*outputs, *entries]

    # -- judging ---------------------------------------------------------------------------------

    def go(self) -> None:
        """Ask for the verdicts, run, and compare."""
        rows = self._verdicts()
        right = self._right()
        if right.endless:
            # Half of a run that never ends is compared with nothing.
            raise Endless
        ran = self._run(self.warm, {})
        self.versions.append(dict(self.files))
        self._tell(rows, ran)
        self._compare(rows, ran, right)
        self._settled(ran)

    def _verdicts(self) -> dict[str, dict[str, Any]]:
        """Give the verdicts of a new process; those of this one, which goes on, are the same."""
        found = self.server.status(self.warm, overrides=self.parameters, argv=self.argv)
        if found["problems"]:
            raise self._wrong("problems: " + "; ".join(found["problems"]))
        here = judged(self.warm, self.parameters, self.argv)
        if here != found:
            raise self._wrong(f"a process that looked before says {here}, a new one {found}")
        return {row["name"]: row for row in found["steps"]}

    def _right(self) -> Done:
        """Give what the script does without a cache, once for each state of the project."""
        state = json.dumps([self.files, self.parameters, self.argv], sort_keys=True)
        if state not in self.known:
            shutil.rmtree(self.cold / MEMORY, ignore_errors=True)
            self.known[state] = self._run(self.cold, COLD)
        return self.known[state]

    def _run(self, root: Path, environment: Mapping[str, str]) -> Done:
        given = dict(environment)
        if self.parameters:
            given["JOBTUI_SCRIPT"] = str(root / "script.py")
            given["JOBTUI_PARAMS"] = json.dumps(self.parameters)
        return self.server.run(root, "script.py", argv=self.argv, environment=given)

    def _compare(self, rows: Mapping[str, dict[str, Any]], ran: Done, right: Done) -> None:
        executed = ran.noted
        wrong = [
            f"unknown step {name} ran" for name in sorted((executed | right.noted) - rows.keys())
        ]
        for name, row in rows.items():
            if row["verdict"] in GOOD and name in executed:
                wrong.append(f"false fresh: {name} is {row['verdict']}, and ran")
            if row["verdict"] not in GOOD and not row["reasons"]:
                wrong.append(f"vague: {name} is {row['verdict']} without a reason")
        if (ran.output, ran.code) != (right.output, right.code):
            if any(_cannot_follow(row) for row in rows.values()):
                self.census.limits += 1
            else:
                wrong.append(
                    f"old results: {ran.output!r} ({ran.code}), not {right.output!r} "
                    f"({right.code})\n{ran.errors}\n-- without a cache:\n{right.errors}"
                )
        if wrong:
            raise self._wrong("\n".join(wrong))
        self._count(rows, ran, right)

    def _count(self, rows: Mapping[str, dict[str, Any]], ran: Done, right: Done) -> None:
        census, executed = self.census, ran.noted
        census.runs += 1
        census.rows += len(rows)
        census.executed += len(executed)
        census.fresh += sum(row["verdict"] in GOOD for row in rows.values())
        if ran.code:
            census.failed += 1
            return
        waits = _downstream(rows, executed)
        # What runs without a cache and did not run with one was a hit, or within one.
        for name in right.noted - waits:
            row = rows[name]
            if row["verdict"] not in GOOD:
                kinds = sorted({kind for kind, _, _ in row["reasons"]})
                census.alarms[f"{row['verdict']}: {', '.join(kinds)}"] += 1
                if census.keep:
                    census.examples.append(self._wrong(f"false alarm: {name} {_reasons(row)}"))

    def _settled(self, ran: Done) -> None:
        """After a run that ended well, no step is stale."""
        if ran.code:
            return
        found = judged(self.warm, self.parameters, self.argv)
        rows = {row["name"]: row for row in found["steps"]}
        wrong = [
            f"after the run, {name} is {row['verdict']}: {_reasons(row)}"
            for name, row in rows.items()
            if row["verdict"] not in (*GOOD, "unsure")
        ]
        if wrong:
            raise self._wrong("\n".join(wrong))

    # -- telling ---------------------------------------------------------------------------------

    def _tell(self, rows: Mapping[str, dict[str, Any]], ran: Done) -> None:
        self.story.append(f"== run {len(self.versions)}: {self.parameters or ''} {self.argv or ''}")
        self.story += [f"   {n}: {row['verdict']} {_reasons(row)}" for n, row in rows.items()]
        self.story.append(f"   executed: {' '.join(sorted(ran.noted)) or 'nothing'}")
        self.story.append(f"   printed: {ran.output.split()} exit {ran.code}")

    def _wrong(self, words: str) -> WrongError:
        texts = [
            f"# --- {name}\n{text}" for name, text in self.first.items() if name != "tracing.py"
        ]
        return WrongError("\n".join([words, "", *texts, "", *self.story, "", words]))


class Endless(Exception):  # noqa: N818 - it is no error, the project is given up
    """An edit made a loop that never ends."""


def _diff(name: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, "", "", 2)
    return "\n".join(line.rstrip("\n") for line in lines) or f"{name}: only line ends changed"


def _reasons(row: Mapping[str, Any]) -> str:
    return "; ".join(f"{kind} {subject}: {words}" for kind, subject, words in row["reasons"])


def _cannot_follow(row: Mapping[str, Any]) -> bool:
    return any(kind == "cannot-follow" for kind, _, _ in row["reasons"])


def _downstream(rows: Mapping[str, Mapping[str, Any]], executed: frozenset[str]) -> set[str]:
    """Give the steps that ran, and those that only wait for one that did."""
    found = set(executed)
    for _ in rows:
        for name, row in rows.items():
            if row["reasons"] and all(
                kind == "upstream" and subject.rpartition(":")[2] in found
                for kind, subject, _ in row["reasons"]
            ):
                found.add(name)
    return found
