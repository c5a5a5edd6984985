"""Files as they would be if the scripts ran now, and whether a record's files are still so.

A file that a fresh step declares as its output counts as what that step would leave there, since
its hit puts a missing output back; one of a step that is not fresh has no known content yet.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobtui_core.errors import StoreError
from jobtui_core.folders import folder_digest, is_folder
from jobtui_core.hashing import digest_bytes, digest_file, recall_digests
from jobtui_core.named import digest_named, is_url, may_be_asked
from jobtui_core.root import DIGEST_NOTES
from jobtui_core.trees import Tree, find_tree, is_tree, shown_name

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Record
    from jobtui_core.project.judging.standing import Question

__all__ = ["UNKNOWN", "Changed", "Conditions", "FilesNow", "Producer", "conditions"]

UNKNOWN = "?"
"""In place of the digest of a file at a URL that cannot be told now."""

_AT_ONCE = 8
"""Requests on their way at once."""

_LARGEST = 16_000_000
"""Bytes of a file at a URL that are read for a verdict, if nothing is known of its content."""


@dataclass(frozen=True, slots=True)
class Producer:
    """A step whose declared output a file is."""

    name: str
    function: str
    script: str
    fresh: bool
    digest: str | None
    """What the file holds once the step's script has run; for a fresh step."""
    why: str
    """Its verdict, as a word."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that is not what a record says."""

    path: str
    kind: Literal["input", "met"]
    old: str | None
    new: str | None
    """Digest now; ``None`` if it is gone."""


@dataclass(slots=True)
class Conditions:
    """How a record's files compare with today's."""

    changed: list[Changed] = field(default_factory=list)
    waits: list[Producer] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    """Why it cannot be told what a file holds, by its name."""

    @property
    def inputs(self) -> list[Changed]:
        """Changed files that were declared, or read by the script's own statements."""
        return [one for one in self.changed if one.kind == "input"]

    @property
    def met(self) -> list[Changed]:
        """Changed files that the step opened undeclared."""
        return [one for one in self.changed if one.kind == "met"]


class FilesNow:
    """Digests of files, looked up once for all the verdicts of one look at the project.

    Parameters
    ----------
    root : Path
        What relative paths are relative to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.producers: dict[str, Producer] = {}
        self.asked: list[Question] | None = None
        """Where questions are noted with their answers, while somebody wants to know."""
        self.servers: frozenset[str] = frozenset()
        """Servers that the project's own sources name; no others are asked."""
        self.unknown: dict[str, str] = {}
        """Why it cannot be told what a file holds that was asked for."""
        self._digests: dict[str, str | None] = {}
        self._folders: dict[str, Producer] = {}
        self._inputs: dict[str, str] = {}
        self._trees: dict[str, dict[str, str] | None] = {}
        recall_digests(root / DIGEST_NOTES)

    def name(self, path: str) -> str:
        """Spell a path as records do."""
        if is_url(path) or is_tree(path):
            return path
        relative = os.path.normpath(path)
        root = f"{self.root}{os.sep}"
        # An output that is a folder keeps its slash.
        slash = "/" if path.endswith("/") else ""
        return relative.removeprefix(root).replace(os.sep, "/") + slash

    def input_name(self, declared: str) -> str:
        """Spell a declared input as records do, be it a folder or a pattern."""
        plain = self.name(declared)
        if not is_url(plain):
            plain = plain.rstrip("/")
        if is_url(plain) or plain in self.producers:
            return plain
        if f"{plain}/" in self.producers:
            return f"{plain}//"
        if declared not in self._inputs:
            place = self.root / plain
            found = None if place.is_file() else find_tree(declared, declared, self.root)
            self._inputs[declared] = found or plain
        return self._inputs[declared]

    def producers_of(self, path: str) -> tuple[Producer, ...]:
        """Give the steps whose outputs a file, or files of a tree, are."""
        if not is_tree(path):
            one = self.producer(path) or self.folder_around(path)
            return () if one is None else (one,)
        found = tuple(one for _, one in self._makers(Tree.of(path)))
        if self.asked is not None:
            self.asked.append((FilesNow.producers_of, (path,), found))
        return found

    def on_disk(self, path: str) -> str | None:
        """Give the digest of a file as it lies there; ``None`` if there is none to read.

        `UNKNOWN` of one at a URL that gives no answer in time; `unknown` says why.
        """
        if path not in self._digests:
            if is_tree(path):
                there = self._of_tree(path, {})
            elif is_folder(path) and not is_url(path):
                there = self._of_folder(self.root / path)
            else:
                there = self._at_url(path) if is_url(path) else self._digest(self.root / path)
            self._digests[path] = there
        if self.asked is not None:
            self.asked.append((FilesNow.on_disk, (path,), self._digests[path]))
        return self._digests[path]

    def look_ahead(self, names: Iterable[str]) -> None:
        """Ask for those of the files that are at URLs, several at once: each takes a round trip."""
        urls = [name for name in dict.fromkeys(names) if is_url(name) and "{" not in name]
        if len(urls) > 1:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(min(_AT_ONCE, len(urls))) as pool:
                list(pool.map(self.on_disk, urls))

    def is_inside(self, tree: str) -> bool:
        """Tell whether a tree of files lies in the project."""
        return os.path.normpath(self.root / Tree.of(tree).base).startswith(f"{self.root}{os.sep}")

    @property
    def looked_at(self) -> Iterable[str]:
        """Files whose content was asked for."""
        return {**self._digests, **self._trees}.keys()

    def producer(self, path: str) -> Producer | None:
        """Give the step whose output a file is."""
        found = self.producers.get(path)
        if self.asked is not None:
            self.asked.append((FilesNow.producer, (path,), found))
        return found

    def expected(self, path: str) -> str | None:
        """Give the digest that a file will have: a fresh step's hit puts its outputs back."""
        if is_tree(path):
            if path not in self._trees and not self.is_inside(path):
                # An entry alone has nobody look through this machine's disks.
                return UNKNOWN
            waits, digest = self.made(path, frozenset())
            return self.on_disk(path) if waits else digest
        producer = self.producer(path)
        if producer is not None and producer.fresh:
            return producer.digest
        return self.on_disk(path)

    def made(self, tree: str, own: frozenset[str]) -> tuple[tuple[Producer, ...], str | None]:
        """Tell what a tree of files will hold once the steps have run that write files of it.

        Parameters
        ----------
        tree : str
            As records name it.
        own : frozenset of str
            Files that do not wait for anybody: those of the step that reads the tree.

        Returns
        -------
        waits : tuple of Producer
            Steps that are not fresh, and write files of it.
        digest : str or None
            What it will hold, if there are none.
        """
        within = [(path, one) for path, one in self._makers(Tree.of(tree)) if path not in own]
        waits = tuple(dict.fromkeys(one for _, one in within if not one.fresh))
        folders = [(path, one) for path, one in within if is_folder(path)]
        digest = None
        if not waits and any(self.on_disk(path) != one.digest for path, one in folders):
            self.unknown[tree] = f"what {shown_name(tree)} holds is known once it was put back"
            digest = UNKNOWN
        elif not waits:
            base = self.root / Tree.of(tree).base
            instead = {
                str((self.root / path).relative_to(base)): one.digest
                for path, one in within
                if one.digest is not None and not is_folder(path)
            }
            digest = self._of_tree(tree, instead) if instead else self.on_disk(tree)
        if self.asked is not None:
            self.asked.append((FilesNow.made, (tree, own), (waits, digest)))
        return waits, digest

    def _makers(self, tree: Tree) -> Iterator[tuple[str, Producer]]:
        """Give the outputs that are files of a tree, or folders that share some with it."""
        base = f"{os.path.normpath(self.root / tree.base).rstrip('/')}/"
        for path, one in self.producers.items():
            if is_folder(path):
                place = f"{os.path.normpath(self.root / path)}/"
                if place.startswith(base) or base.startswith(place):
                    yield path, one
            elif tree.matches(path, self.root):
                yield path, one

    def folder_around(self, path: str) -> Producer | None:
        """Give the step that writes the folder in which a file lies, if one does."""
        found = None
        if self._folders and not is_url(path):
            found = next(
                (one for name, one in self._folders.items() if path.startswith(name)), None
            )
        if self.asked is not None:
            self.asked.append((FilesNow.folder_around, (path,), found))
        return found

    def in_folder(self, path: str) -> str | None:
        """Give the digest of a file in a folder that a fresh step writes; it may be `UNKNOWN`.

        There, that is, as the step left it: what will be put back is not looked into.
        """
        for name, maker in self._folders.items():
            if path.startswith(name) and self.on_disk(name) != maker.digest:
                self.unknown[path] = f"what {path} holds is known once {name} was put back"
                return UNKNOWN
        return self.on_disk(path)

    def learn(self, path: str, producer: Producer) -> None:
        """Take note of a step whose output a file, or a folder, is."""
        self.producers[path] = producer
        if is_folder(path):
            self._folders[path] = producer

    def _of_tree(self, name: str, instead: Mapping[str, str]) -> str | None:
        """Give the digest of a tree of files, some of them taken to be others; each once a look."""
        tree = Tree.of(name)
        if name not in self._trees:
            try:
                self._trees[name] = tree.digests(self.root)
            except (OSError, ValueError):
                self._trees[name] = None
        found = self._trees[name]
        if found is None and not instead:
            return None
        try:
            return digest_bytes(tree.manifest(self.root, {**(found or {}), **instead}))
        except (OSError, ValueError):
            return None

    def _at_url(self, url: str) -> str | None:
        if not may_be_asked(url, self.servers, self.root):
            self.unknown[url] = (
                f"what {url} holds now was not looked at: no source names its server, nor do the "
                "settings, as a table of stores"
            )
            return UNKNOWN
        from jobtui_core.urls.files import NotReadError

        try:
            return digest_named(url, self.root, largest=_LARGEST)
        except NotReadError:
            self.unknown[url] = f"what {url} holds now was not read yet, and is too much to be"
        except StoreError as error:
            self.unknown[url] = f"what {url} holds now is not known: {error}"
        except (OSError, ValueError):
            return None
        return UNKNOWN

    def _of_folder(self, path: Path) -> str | None:
        try:
            return folder_digest(path, self.root / DIGEST_NOTES)
        except (OSError, ValueError):
            return None

    @staticmethod
    def _digest(path: Path) -> str | None:
        try:
            # A pipe or a device would block, and neither has a content.
            if not stat.S_ISREG(path.stat().st_mode):
                return None
            return digest_file(path)
        except (OSError, ValueError):
            return None


def conditions(record: Record, files: FilesNow) -> Conditions:
    """Compare the files that a record rests on with what they would be now."""
    found = Conditions()
    met = record.met
    own = {path for path, _ in record.outputs}
    folders = tuple(filter(is_folder, own))
    for kind, pairs in (("input", record.declared), ("met", met)):
        for path, old in pairs:
            if is_tree(path):
                _compare_tree(record, path, old, kind, files, found)
                continue
            producer = files.producer(path)
            if producer is not None and path not in own:
                if not producer.fresh:
                    found.waits.append(producer)
                    continue
                new = producer.digest
            elif (around := files.folder_around(path)) is not None:
                if not around.fresh and not any(path.startswith(one) for one in folders):
                    found.waits.append(around)
                    continue
                new = files.in_folder(path)
            else:
                new = files.on_disk(path)
            if new == UNKNOWN:
                found.unknown[path] = files.unknown[path]
            elif new != old:
                found.changed.append(Changed(path, _word(kind), old, new))
    return found


def _compare_tree(
    record: Record, path: str, old: str | None, kind: str, files: FilesNow, found: Conditions
) -> None:
    if record.foreign and not files.is_inside(path):
        # Records may be of other people: none of them has this machine look through its disks.
        shown = shown_name(path)
        found.unknown[path] = f"what {shown} holds here was not looked at: no run of here read it"
        return
    waits, new = files.made(path, frozenset(name for name, _ in record.outputs))
    if waits:
        found.waits += [one for one in waits if one not in found.waits]
    elif new == UNKNOWN:
        found.unknown[path] = files.unknown[path]
    elif new != old:
        found.changed.append(Changed(path, _word(kind), old, new))


def _word(kind: str) -> Literal["input", "met"]:
    return "met" if kind == "met" else "input"
