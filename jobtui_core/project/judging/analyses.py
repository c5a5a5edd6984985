"""Today's analysis of each script, kept while nothing that it was read from has changed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import JobtuiError, ScriptError
from jobtui_core.fingerprint import carry_over, source_fingerprint
from jobtui_core.hashing import digest_file
from jobtui_core.project.judging.standing import Standings
from jobtui_core.project.kept.indexed import Kept, KeptAnalyses
from jobtui_core.project.tree.texts import Texts
from jobtui_core.records import SourceProblem
from jobtui_core.root import named_packages, relative_name
from jobtui_core.slices import Ground, analyse, resume, revise, with_codes
from jobtui_core.sources import SourceTree, import_path

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint
    from jobtui_core.slices import Analysis, CallSite, DeclaredFunction
    from jobtui_core.sources import SourceModule

__all__ = ["Analysed", "Analyses"]

_KEPT = 512
"""Analyses kept, of all scripts with their overrides together."""


@dataclass(slots=True)
class Analysed:
    """A script as it is today: its analysis, or why there is none."""

    script: str
    tree: SourceTree
    analysis: Analysis | None
    problem: SourceProblem | None
    texts: dict[Path, str | None] = field(repr=False)
    """What it was read from."""
    argv: tuple[str, ...] = ()
    """The words on its command line that it was analysed with."""
    overrides: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The values in place of parameters' defaults that it was analysed with."""
    ground: Ground | None = field(default=None, repr=False)
    """What the analysis rests on, for bringing it up to date."""
    base: Analysed | None = field(default=None, repr=False)
    """The last one with an analysis, where this one has none."""
    standings: Standings = field(default_factory=Standings, repr=False)
    """Verdicts on its call sites, as of the last look."""
    revised: bool = False
    """Whether it was brought up to date from an earlier one, without a walk."""
    _prints: dict[str, Fingerprint | None] = field(default_factory=dict, repr=False)
    _under: dict[tuple[tuple[str, str], ...], tuple[CallSite, ...]] = field(
        default_factory=dict, repr=False
    )

    def __post_init__(self) -> None:
        if self.ground is not None:
            self._prints = {
                f"{module.name}:{name}": found
                for (module, name), found in self.ground.fingerprints.items()
            }

    @property
    def sources(self) -> tuple[str, ...]:
        """Files that it was read from, as records name them, the script first."""
        names = [relative_name(path, self.tree.root) for path in self.texts]
        return tuple(sorted(names, key=lambda name: (name != self.script, name)))

    @property
    def data(self) -> tuple[str, ...]:
        """Data files whose content the analysis went into."""
        return tuple(sorted(relative_name(path, self.tree.root) for path in self.tree.consulted))

    def fingerprint(self, function: str) -> Fingerprint | None:
        """Give the fingerprint of a function that the script can see, by identity."""
        if function not in self._prints:
            self._prints[function] = self._fingerprint(function)
        return self._prints[function]

    def _fingerprint(self, function: str) -> Fingerprint | None:
        name, _, qualname = function.rpartition(":")
        module = self.module(name)
        if module is None:
            return None
        try:
            return source_fingerprint(self.tree, module, qualname)
        except (JobtuiError, LookupError, ValueError):
            return None

    def module(self, name: str) -> SourceModule | None:
        """Give a module that the script can see, by name."""
        modules = map(self.tree.module_at, self.tree.files)
        return next((module for module in modules if module.name == name), None)

    def under(self, codes: Mapping[str, str]) -> tuple[CallSite, ...]:
        """Give the call sites as they would be if steps had other code, by identity.

        They are those of the analysis, in the same order, but for what the code goes into.
        """
        assert self.analysis is not None
        known = tuple(sorted(codes.items()))
        if known not in self._under:
            quick = with_codes(self.analysis, self.ground, codes) if self.ground else None
            self._under[known] = self._analyse_under(codes) if quick is None else quick
        return self._under[known]

    def _analyse_under(self, codes: Mapping[str, str]) -> tuple[CallSite, ...]:
        path = self.tree.root / self.script
        found = analyse(
            self.tree, path, overrides=self.overrides, argv=self.argv, codes=codes, digest=False
        )
        return found.sites

    def declared(self, function: str) -> DeclaredFunction | None:
        """Give a declared function by identity."""
        functions = self.analysis.functions if self.analysis is not None else ()
        return next((one for one in functions if one.identity == function), None)


class Analyses:
    """Analyses scripts of one project.

    Parameters
    ----------
    root : Path
        Absolute.
    texts : Texts
        Where sources come from.
    index : Path
        ``.jobtui/index``, for analyses that processes leave to each other.
    """

    def __init__(self, root: Path, texts: Texts, index: Path) -> None:
        self._root = root
        self._texts = texts
        self._kept = KeptAnalyses(root, index)
        self._files: Sequence[str] = ()
        self._known: dict[tuple[str, str, tuple[str, ...]], Analysed] = {}
        self._loaded: dict[Path, str] = {}
        self._packages: object = None
        self._there: dict[Path, bool] = {}
        """Places without a module, and whether there is something as of this look."""

    def begin(self, files: Sequence[str]) -> None:
        """Take note of the project's files as they are now.

        Analyses are dropped when a file appeared or vanished, since an import may now mean
        another module, and when the settings name other packages or these have other versions.
        """
        self._there.clear()
        self._files = files
        packages = named_packages(self._root)
        if packages != self._packages:
            self._known.clear()
            self._packages = packages
        loaded = {
            self._root / name: text for name in files if (text := self._texts.get(name)) is not None
        }
        if loaded.keys() != self._loaded.keys():
            self._known.clear()
        self._loaded = loaded

    def of(
        self,
        script: str,
        overrides: Mapping[str, Any] | None = None,
        argv: Sequence[str] = (),
    ) -> Analysed:
        """Give the analysis of a script with parameters overridden and words on its line."""
        overrides = overrides or {}
        key = (script, repr(sorted(overrides.items(), key=lambda item: item[0])), tuple(argv))
        known = self._known.get(key)
        indexed = known is None and not overrides and self._packages == ({}, {})
        if indexed:
            known = self._read_back(script, tuple(argv))
        if known is not None and any(map(self._appeared, known.tree.missed)):
            known = None
        if known is not None and self._stands(known):
            self._known[key] = known
            return known
        found = self._analyse(script, overrides, argv, known)
        if indexed and not found.revised:
            self._keep(found)
        self._known.pop(key, None)
        self._known[key] = found
        while len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return found

    def _read_back(self, script: str, argv: tuple[str, ...]) -> Analysed | None:
        """Give the analysis that an earlier process left in the index."""
        places = self._places(script)
        kept = self._kept.load(script, argv, places, self._files)
        if kept is None:
            return None
        texts = {path: kept.tree.module_at(path).text for path in kept.tree.files}
        return Analysed(script, kept.tree, kept.analysis, None, dict(texts), argv, {}, kept.ground)

    def _keep(self, found: Analysed) -> None:
        """Leave an analysis to the processes that come.

        Only what took a walk, and once a process: it takes as long as some edits.
        """
        if found.analysis is not None and found.ground is not None:
            kept = Kept(found.tree, found.analysis, found.ground)
            self._kept.save(found.script, found.argv, self._files, kept)

    def _places(self, script: str) -> list[Path]:
        extra = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        return import_path(self._root, self._root / script, extra)

    def _stands(self, known: Analysed) -> bool:
        return all(self._text(path) == text for path, text in known.texts.items()) and all(
            _content(path) == content for path, content in known.tree.consulted.items()
        )

    def _appeared(self, path: Path) -> bool:
        """Tell whether there is something now where a module was looked for in vain.

        The walk does not see all of them: not files that git ignores, nor those elsewhere.
        """
        if path not in self._there:
            self._there[path] = os.path.lexists(path)
        return self._there[path]

    def _text(self, path: Path) -> str | None:
        return self._loaded.get(path) or self._texts.get(path)

    def _analyse(
        self,
        script: str,
        overrides: Mapping[str, Any],
        argv: Sequence[str],
        known: Analysed | None,
    ) -> Analysed:
        path = self._root / script
        places = self._places(script)
        if known is not None and known.analysis is None:
            known = known.base
        if known is not None and known.tree.search_path != tuple(places):
            known = None
        earlier = None if known is None else known.tree
        analysis, problem, ground = None, None, None
        revised = None if known is None else self._revised(known, places)
        if revised is not None:
            tree, analysis, ground = revised
        else:
            tree = SourceTree(self._root, places, loaded=self._loaded, earlier=earlier)
            try:
                ground = Ground()
                analysis = analyse(
                    tree, path, overrides=overrides, argv=tuple(argv), ground=ground, digest=False
                )
                if known is not None and known.analysis is not None:
                    analysis = _with_the_same(analysis, known.analysis)
            except ScriptError as error:
                problem, ground = _problem(error, script), None
        carry_over(tree)
        used = {file: self._text(file) for file in (path, *tree.files)}
        base = known if analysis is None else None
        words = tuple(argv)
        standings = Standings() if known is None else known.standings
        return Analysed(
            script, tree, analysis, problem, used, words, overrides, ground, base, standings,
            revised is not None,
        )  # fmt: skip

    def _revised(
        self, known: Analysed, places: Sequence[Path]
    ) -> tuple[SourceTree, Analysis, Ground] | None:
        """Bring what is known up to date, if the edit since then lets it be."""
        if known.analysis is None or known.ground is None:
            return None
        consulted = known.tree.consulted
        if any(_content(path) != content for path, content in consulted.items()):
            return None
        # The first does not parse the script anew.
        for way in (partial(resume, overrides=known.overrides, argv=known.argv), revise):
            tree = SourceTree(self._root, places, loaded=self._loaded, earlier=known.tree)
            revised = way(known.analysis, known.ground, tree)
            if revised is not None:
                tree.consulted.update(consulted)
                return tree, *revised
        return None


def _with_the_same(analysis: Analysis, earlier: Analysis) -> Analysis:
    """Give an analysis with the very call sites of an earlier one where they are equal.

    Most are, after most edits, and what rests on them is then not built again.
    """
    sites = [
        old if new == old else new for new, old in zip(analysis.sites, earlier.sites, strict=False)
    ]
    return replace(analysis, sites=(*sites, *analysis.sites[len(sites) :]))


def _content(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError:
        return "missing"


def _problem(error: ScriptError, script: str) -> SourceProblem:
    place = error.path if error.path != script else ""
    message = error.message.removeprefix(f"{error.path}: ")
    return SourceProblem(
        message=message, line=error.line, column=error.column, text=error.text, path=place
    )
