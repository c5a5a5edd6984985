"""The verdicts on all steps of a project: what would happen if its scripts ran now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobtui_core.folders import is_folder
from jobtui_core.named import server_of
from jobtui_core.packages import missing_packages
from jobtui_core.project.discovery import find_scripts, known_scripts
from jobtui_core.project.evidence.located import named_locations
from jobtui_core.project.judging.filefacts import FileFacts
from jobtui_core.project.judging.judge import Judge, Judged
from jobtui_core.project.judging.preconditions import FilesNow
from jobtui_core.project.judging.rows import Rows
from jobtui_core.project.parameters import overrides_for, typed, unknown_parameter
from jobtui_core.project.reader import Reader, reader_of
from jobtui_core.project.running.ordering import order_scripts
from jobtui_core.project.storetrouble import store_trouble
from jobtui_core.records import ProjectStatus, ScriptStatus
from jobtui_core.trees import Tree, is_tree

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.project.judging.analyses import Analysed

__all__ = ["Look", "status"]


def status(
    project: Project,
    scripts: Sequence[str] | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    argv: Sequence[str] | None = None,
) -> ProjectStatus:
    """Tell which steps are fresh, and why the others are not.  Runs nothing.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    scripts : sequence of str, optional
        Those to tell about; all by default.  Steps of others are judged all the same where
        these read their files.
    overrides : mapping, optional
        Values of parameters in place of the defaults, for the scripts told about; those for one
        script alone as a mapping under its path, as ``parameters_from`` gives them.
    argv : sequence of str, optional
        Words on the command line of the scripts told about; by default, those of the newest run
        of each.

    Returns
    -------
    ProjectStatus
        Scripts in the order in which their files demand them.

    Raises
    ------
    UnknownNameError
        For a script that does not exist, or a parameter that none of the scripts has.
    """
    wanted = None if scripts is None else find_scripts(project, scripts)
    with reader_of(project) as reader:
        look = Look(reader, wanted, overrides, argv)
        return look.status()


class Look:
    """One look at a project, all of it at one time."""

    def __init__(
        self,
        reader: Reader,
        wanted: Sequence[str] | None = None,
        overrides: Mapping[str, Any] | None = None,
        argv: Sequence[str] | None = None,
    ) -> None:
        overrides = overrides or {}
        self.reader = reader
        self.evidence = reader.evidence
        known = known_scripts(reader)
        self.wanted = set(known if wanted is None else wanted)
        self.files = FilesNow(reader.root)
        self.written: frozenset[str] = frozenset()
        """Files that steps of the scripts write."""
        self.argv: dict[str, tuple[str, ...]] = {}
        self.scripts: dict[str, Analysed] = {}
        for script in dict.fromkeys([*known, *self.wanted]):
            asked = script in self.wanted
            words = argv if asked and argv is not None else self.evidence.newest_argv(script)
            self.argv[script] = tuple(words)
            plain = reader.analyses.of(script, {}, self.argv[script])
            own = overrides_for(overrides, script) if asked else {}
            if own and plain.analysis is not None:
                given = typed(own, plain.analysis.parameters)
                plain = reader.analyses.of(script, given, self.argv[script])
            self.scripts[script] = plain
        self._check_names(overrides)
        self.files.servers = frozenset(self._servers())
        trees = [one.tree for one in self.scripts.values()]
        modules = [tree.module_at(path) for tree in trees for path in tree.files]
        self.evidence.look_into(named_locations(modules))
        self.evidence.sources = modules

    def _servers(self) -> Iterator[str]:
        """Give the servers of files at URLs that sources name."""
        for analysed in self.scripts.values():
            functions = analysed.analysis.functions if analysed.analysis is not None else ()
            files = [name for one in functions for name in (*one.inputs, *one.outputs)]
            yield from filter(None, map(server_of, (*files, *self._declared())))

    def _declared(self) -> Iterator[str]:
        """Give the files of the calls that sources make, as far as they tell."""
        for analysed in self.scripts.values():
            sites = analysed.analysis.sites if analysed.analysis is not None else ()
            yield from (name for one in sites for name in (*one.inputs, *one.outputs))

    def _check_names(self, overrides: Mapping[str, Any]) -> None:
        analyses = [self.scripts[script].analysis for script in sorted(self.wanted)]
        if None in analyses and len(analyses) == 1:
            return
        names = {one.name for found in analyses if found is not None for one in found.parameters}
        given = {name for script in self.wanted for name in overrides_for(overrides, script)}
        for name in (*overrides, *given):
            if name in given and name not in names:
                raise unknown_parameter(name, names)

    def status(self) -> ProjectStatus:
        facts = self.reader.facts
        policy = self.reader.project.config.outputs
        judge = Judge(self.evidence, self.files, facts, policy)
        found: list[ScriptStatus] = []
        inputs: set[str] = set()
        self.files.look_ahead(self._declared())
        for script in self._in_order():
            analysed = self.scripts[script]
            judged = judge.script(analysed)
            inputs |= set(_reads(judged, self.files))
            if script in self.wanted:
                found.append(self._script(analysed, judged))
        self._learn(facts, inputs)
        return ProjectStatus(
            root=str(self.reader.root), scripts=tuple(found), warnings=self._warnings()
        )

    def _script(self, analysed: Analysed, judged: Sequence[Judged]) -> ScriptStatus:
        analysis = analysed.analysis
        steps = () if analysis is None else Rows(analysed, judged, self.evidence).build()
        return ScriptStatus(
            path=analysed.script,
            error=analysed.problem,
            argv=self.argv[analysed.script],
            parameters=analysis.parameters if analysis is not None else (),
            steps=steps,
            reads=tuple(sorted({*self._with_files(_reads(judged, self.files)), *analysed.data})),
            writes=tuple(sorted(_writes(judged, self.files))),
            sources=analysed.sources,
        )

    def _learn(self, facts: FileFacts, inputs: Iterable[str]) -> None:
        """Remember how long today's inputs are, to say later how they changed."""
        plain = sorted(path for path in inputs if not is_tree(path))
        facts.learn((path, self.files.on_disk(path)) for path in plain)
        facts.save()

    def _warnings(self) -> tuple[str, ...]:
        config = self.reader.project.config
        found = [*self.evidence.problems, *missing_packages(config.follow, config.track_packages)]
        trouble = store_trouble(self.reader.project)
        if trouble is not None:
            found.append(trouble)
        if self.reader.walk.truncated:
            found.append(
                "The project has too many folders to look at; name its scripts in the settings."
            )
        return tuple(found)

    def _in_order(self) -> list[str]:
        """Scripts so that whoever makes a file comes before those who read it."""
        outlines = [self._outline(self.scripts[script]) for script in sorted(self.scripts)]
        self.written = frozenset(path for one in outlines for path in one.writes)
        outlines = [replace(one, reads=self._with_files(one.reads)) for one in outlines]
        return list(order_scripts(outlines).scripts)

    def _with_files(self, reads: Iterable[str]) -> tuple[str, ...]:
        """Add to folders and patterns the files of them that steps write."""
        reads = tuple(reads)
        trees = [Tree.of(name) for name in reads if is_tree(name)]
        folders = tuple(filter(is_folder, self.written))
        if not trees and not folders:
            return reads
        root = self.reader.root
        made = {path for path in self.written if any(one.matches(path, root) for one in trees)}
        # Of a folder that a step writes, whoever reads what is in it, or all around it.
        plain = (*reads, *(f"{one.base}/" for one in trees))
        made.update(
            folder
            for folder in folders
            if any(path.startswith(folder) or folder.startswith(path) for path in plain)
        )
        return (*reads, *sorted(made))

    def _outline(self, analysed: Analysed) -> ScriptStatus:
        """Files that a script reads and writes, by its source and by what its runs did."""
        sites = analysed.analysis.sites if analysed.analysis is not None else ()
        reads = {self.files.input_name(path) for site in sites for path in site.inputs}
        writes = {self.files.name(path) for site in sites for path in site.outputs}
        for function in {site.function for site in sites}:
            for record in self.evidence.records(function):
                if record.script == analysed.script:
                    reads |= {path for path, _ in (*record.declared, *record.met)}
                    writes |= {path for path, _ in record.outputs}
        return ScriptStatus(path=analysed.script, reads=tuple(reads), writes=tuple(writes))


def _reads(judged: Sequence[Judged], files: FilesNow) -> set[str]:
    inputs = (path for one in judged for path in one.site.inputs if "{" not in path)
    found = set(map(files.input_name, inputs))
    for one in judged:
        if one.record is not None:
            found |= {path for path, _ in (*one.record.declared, *one.record.met)}
    return found


def _writes(judged: Sequence[Judged], files: FilesNow) -> set[str]:
    found = {files.name(path) for one in judged for path in one.site.outputs if "{" not in path}
    for one in judged:
        if one.record is not None:
            found |= {path for path, _ in one.record.outputs}
    return found
