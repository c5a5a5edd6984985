"""Everything that the project's runs have shown, indexed for verdicts.

Finished runs are parsed once; those that may still grow are followed by their readers.  Malformed
traces cost a warning, never an exception: they are files that anybody may have written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import entry_name
from jobtui_core.project.evidence.acceptances import Accepted
from jobtui_core.project.evidence.facts import Call, Record, Sighting, refused
from jobtui_core.project.evidence.harvest import Harvest, harvest
from jobtui_core.project.evidence.located import only_location
from jobtui_core.project.evidence.makers import Makers
from jobtui_core.project.evidence.others import OtherRuns, harvest_of, is_of
from jobtui_core.project.evidence.recorded import Recorded
from jobtui_core.project.evidence.soundness import is_sound
from jobtui_core.project.evidence.stores import MALFORMED, Stores
from jobtui_core.records import RunInfo, RunState
from jobtui_core.slices import Analysis
from jobtui_core.tracing.read import RunReader
from jobtui_core.tracing.sharing.places import may_open

if TYPE_CHECKING:
    from jobtui_core.diffs.code import Definition
    from jobtui_core.project.folder import Project
    from jobtui_core.project.judging.standing import Question
    from jobtui_core.records import Acceptance, Maker
    from jobtui_core.slices import DeclaredFunction
    from jobtui_core.sources import SourceModule
    from jobtui_core.stores import Store
    from jobtui_core.tracing.traces import RunTrace

__all__ = ["MALFORMED", "Evidence"]


class Evidence:
    """Records of all runs of a project.

    Parameters
    ----------
    project : Project
        Whose runs are read; nothing is read before the first `update`.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self.stores = Stores(project)
        self._readers: dict[str, RunReader] = {}
        self._settled: dict[str, Harvest] = {}
        self._growing: dict[str, Harvest] = {}
        self.run_folders: tuple[str, ...] = ()
        self._broken: dict[str, str] = {}
        self._analyses: dict[str, Analysis | None] = {}
        self._named: set[str | None] = {None}
        """Stores that are looked into for runs of others, if these can be there."""
        self._others: dict[str | None, OtherRuns] = {}
        self.sources: Sequence[SourceModule] = ()
        """The modules that verdicts are about, to be asked where they keep results."""
        self._foreign: dict[tuple[str | None, str], Harvest] = {}
        """Runs of others, by store and name of the record."""
        self._unread: set[tuple[str | None, str]] = set()
        """Those whose analysis is not there yet."""
        self._latest_of_others: dict[str, dict[str, Sighting]] = {}
        """By function and script."""
        self._makers = Makers()
        self._records: dict[str, dict[tuple[object, ...], Record]] = {}
        self._recorded: dict[str, Recorded] = {}
        self._latest: dict[str, dict[str, Sighting]] = {}
        """By function and script."""
        self._versions: dict[str, int] = {}
        self._epoch = 0
        self._codes: dict[str, set[str]] = {}
        self._cautions: dict[str, str] = {}
        self._kept: dict[tuple[str | None, str], Call] = {}
        self.scripts: dict[str, bool] = {}
        """Scripts that ran; the value tells whether jobtui ever started them."""
        self._newest: dict[str, RunInfo] = {}
        """By script, the newest run that took the words on its command line."""
        self.accepted = Accepted(self.stores.at)
        self.asked: list[Question] | None = None
        """Where questions to stores are noted with their answers, while somebody wants to know."""

    @property
    def store(self) -> Store:
        """The store of the project's results."""
        return self.stores.at(None)

    # -- reading ---------------------------------------------------------------------------------

    def update(self) -> None:
        """Read what the runs have added."""
        present = self._run_folders()
        self.run_folders = tuple(present.values())
        anew = self.stores.begin()
        gone = (self._settled.keys() | self._growing.keys() | self._broken.keys()) - set(present)
        if gone:
            self._forget(gone)
        for run, folder in present.items():
            if run not in self._settled and run not in self._broken:
                self._read(run, folder)
        self._look_at_others(anew=anew)
        if self.accepted.refresh(anew=anew):
            self._accepted_changed()

    def _run_folders(self) -> dict[str, str]:
        try:
            with os.scandir(self._project.runs_folder) as entries:
                found = [e for e in entries if e.is_dir(follow_symlinks=False)]
        except OSError:
            return {}
        return {entry.name: entry.path for entry in sorted(found, key=lambda e: e.name)}

    def _read(self, run: str, folder: str) -> None:
        try:
            reader = self._readers.get(run)
            if reader is None:
                reader = self._readers[run] = RunReader(Path(folder))
            changed = reader.update()
            trace = reader.trace
            known = self._growing.get(run)
            if not changed and known is not None and known.info.state == trace.info.state:
                return
            found = harvest(trace, self._analysis)
        except MALFORMED as error:
            self._broken[run] = f"{type(error).__name__}: {error}"
            self._grow(run, None)
            return
        if not found.info.state.active and found.info.ended is not None:
            self._readers.pop(run, None)
            if self.stores.silent and not self._has_analyses(trace):
                # The store may answer again: until then the run counts as one that goes on.
                self._grow(run, found)
                return
            self._grow(run, None)
            self._settled[run] = found
            self._add(found)
        else:
            self._grow(run, found)

    def _has_analyses(self, trace: RunTrace) -> bool:
        return None not in (self._analysis(one.digest) for one in trace.analyses)

    def _grow(self, run: str, found: Harvest | None) -> None:
        """Take what a run that goes on shows by now, in place of what it showed before."""
        before = self._growing.pop(run, None)
        if before is not None:
            self._touch(before)
        if found is not None:
            self._growing[run] = found
            self._touch(found)

    def _touch(self, found: Harvest) -> None:
        """Note that there is something new about the functions that a run called."""
        called = {record.site.function for record in found.records}
        called |= found.sightings.keys() | found.codes.keys() | found.open_calls.keys()
        called |= {call.function for call in found.kept.values()}
        if not found.foreign:
            self._named |= {record.store for record in found.records}
        for function in called:
            self._recorded.pop(function, None)
            if not found.foreign:
                self.stores.changed(function, lately=found.info.ended is not None)
            self._versions[function] = self._versions.get(function, 0) + 1

    def _forget(self, gone: Iterable[str]) -> None:
        for run in gone:
            for place in (self._readers, self._settled, self._growing, self._broken):
                place.pop(run, None)
        for index in (
            self._records, self._recorded, self._latest, self._latest_of_others, self._codes,
            self._newest,
        ):  # fmt: skip
            index.clear()
        self._makers = Makers()
        self._epoch += 1
        self._cautions.clear()
        self._kept.clear()
        self.scripts.clear()
        for found in (*self._settled.values(), *self._foreign.values()):
            self._add(found)

    def _add(self, found: Harvest) -> None:
        self._touch(found)
        self._makers.add(found)
        info = found.info
        if not found.foreign:
            self._add_script(info, found.started)
        for record in found.records:
            # Runs that show the same are many and say it once: the newest stands for all.
            told = (
                record.static_key, record.shape, record.results, record.keys, record.complete,
                record.declared, record.met, record.outputs, record.site.chain, record.failed,
                record.accepted, record.store, found.foreign, record.site.writes, record.site.place,
            )  # fmt: skip
            mine = self._records.setdefault(record.site.function, {})
            known_record = mine.get(told)
            if known_record is None or known_record.started <= record.started:
                mine[told] = record
        for function, sighting in found.sightings.items():
            of = self._latest_of_others if found.foreign else self._latest
            latest = of.setdefault(function, {})
            before = latest.get(info.script)
            if before is None or before.started <= sighting.started:
                latest[info.script] = sighting
        for function, codes in found.codes.items():
            self._codes.setdefault(function, set()).update(codes)
        self._cautions.update(found.cautions)
        for address, call in found.kept.items():
            self._kept[address] = _later(call, self._kept.get(address))

    def _add_script(self, info: RunInfo, started: float) -> None:
        """Take note of a run of one's own: what others start, and with which words, is theirs."""
        self.scripts[info.script] = (
            self.scripts.get(info.script, False) or info.started_by == "jobtui"
        )
        known = self._newest.get(info.script)
        if not refused(info) and (known is None or (known.started or 0.0) <= started):
            self._newest[info.script] = info

    @property
    def problems(self) -> list[str]:
        """What went wrong at this look, in sentences."""
        found = [f"The record of run {run} is unreadable: {self._broken[run]}"
                 for run in sorted(self._broken)]  # fmt: skip
        return [*found, *self.stores.problems()]

    # -- runs of others --------------------------------------------------------------------------

    def look_into(self, locations: Iterable[str]) -> None:
        """Look for runs of others in stores that the project's sources name."""
        settings = self._project.config.stores
        places = {self.stores.place_of(one) for one in locations if may_open(one, settings)}
        if not places <= self._named:
            self._named |= places
            self._look_at_others(anew=False)

    def is_only_place(self, store: str | None) -> bool:
        """Tell whether a store is where every ``Memory`` of the sources keeps its results."""
        only = only_location(self.sources)
        return only is not None and self.stores.place_of(only) == store

    def look_again(self) -> None:
        """Ask remote stores at the next look, however lately they were asked."""
        self.stores.look_again()

    def _look_at_others(self, *, anew: bool) -> None:
        places = sorted(self._named, key=lambda place: place or "")
        self.stores.shared = [place for place in places if self.stores.is_shared(place)]
        for place in self.stores.shared:
            if place not in self._others:
                self._others[place] = OtherRuns(self._project.root, self.stores.at(place))
            others = self._others[place]
            came, went = others.update(anew=anew)
            if others.problem:
                self.stores.silent[place] = others.problem
            if anew:
                # What they speak of may have arrived by now.
                came |= {name for where, name in self._unread if where == place}
            for name in went:
                self._foreign.pop((place, name), None)
            for name in came:
                self._read_other(place, name, known=not went)
            if went:
                self._forget(())

    def _read_other(self, place: str | None, name: str, *, known: bool) -> None:
        """Read a run of others; unless all are gone through again, add what it shows."""
        run = self._others[place].runs.get(name)
        if run is None:
            self._unread.discard((place, name))
            return
        stores = [one for one in self.stores.shared if one is not None]
        try:
            found = harvest_of(
                run,
                place,
                stores,
                lambda digest: self._analysis(digest, place),
                mine=is_of(name, self._project.root),
            )
        except MALFORMED:
            # Somebody else's record: there is nothing to be done about it here.
            return
        if None in (self._analysis(one.digest, place) for one in run.trace.analyses):
            self._unread.add((place, name))
            return
        self._unread.discard((place, name))
        self._foreign[place, name] = found
        if known:
            self._add(found)

    # -- what stores keep ------------------------------------------------------------------------

    def _analysis(self, digest: str, place: str | None = None) -> Analysis | None:
        if digest not in self._analyses:
            document = self.stores.document(digest, place)
            try:
                found = None if document is None else Analysis.from_json(document)
                if found is not None and not is_sound(found):
                    found = None
            except MALFORMED:
                found = None
            if found is None:
                # It may be on its way: its run is still going on.
                return None
            self._analyses[digest] = found
        return self._analyses[digest]

    def document(self, digest: str) -> dict[str, object] | None:
        """Give ``code/<digest>.json`` of a store, or ``None`` if it is lost or malformed."""
        return self.stores.document(digest)

    def definitions(self, digest: str) -> Sequence[Definition]:
        """Give the definitions behind a fingerprint, as a store keeps them; none if lost."""
        return self.stores.definitions(digest)

    def has_blob(self, digest: str, place: str | None = None) -> bool:
        """Tell whether a store keeps an output file with this digest."""
        found = digest.isalnum() and self.stores.exists(f"blobs/{digest}", place)
        return self._noted(Evidence.has_blob, (digest, place), found)

    def has_entry(self, function: str, key: str, place: str | None = None) -> bool:
        """Tell whether a store keeps the entry of a call, one that may answer it."""
        name = entry_name(function, key)
        found = self.stores.exists(name, place) and self.stores.is_signed(name, place)
        return self._noted(Evidence.has_entry, (function, key, place), found)

    def _noted(self, what: Callable[..., bool], about: tuple[Any, ...], found: bool) -> bool:
        if self.asked is not None:
            self.asked.append((what, about, found))
        return found

    def maker(self, call: Call) -> Maker | None:
        """Tell who computed the result of a call, where that was somebody else."""
        return self._makers.of(call)

    def active_runs(self) -> set[str]:
        """Give the runs that go on, or may."""
        growing = self._growing.items()
        return {run for run, found in growing if found.info.state.active or found.records}

    def superfluous(self, runs: Iterable[str]) -> set[str]:
        """Give those of some runs without which every question here has the same answer."""
        shown: dict[object, str] = {}
        # From the oldest to the newest: the last one to show something is the one that stays.
        for found in sorted(self._settled.values(), key=lambda found: found.info.id):
            info = found.info
            shown[info.script, info.started_by] = info.id
            facts: list[object] = [("caution", key) for key in found.cautions]
            facts += [("kept", key) for key in found.kept]
            facts += [(name, code) for name, codes in found.codes.items() for code in codes]
            shown.update(dict.fromkeys(facts, info.id))
        needed = {*shown.values(), *(info.id for info in self._newest.values())}
        needed |= {record.run for mine in self._records.values() for record in mine.values()}
        needed |= {seen.run for by_script in self._latest.values() for seen in by_script.values()}
        needed |= {call.run for call in self._kept.values()}
        return set(runs) - needed - self.active_runs()

    @property
    def growing(self) -> bool:
        """Whether there is a run that may still add to what it has shown."""
        return bool(self._growing)

    def store_at(self, place: str | None) -> Store:
        """Give a store by the name that records give it; ``None`` means the project's."""
        return self.stores.at(place)

    def can_open(self, place: str | None) -> bool:
        """Tell whether the kind of a store is known here at all."""
        return self.stores.can_open(place)

    # -- questions -------------------------------------------------------------------------------

    def recorded(self, function: str) -> Recorded:
        """Give the records of a function's call sites."""
        known = self._recorded.get(function)
        if known is None:
            found = list(self._records.get(function, {}).values())
            for growing in self._growing.values():
                found += [record for record in growing.records if record.site.function == function]
            known = self._recorded[function] = Recorded(filter(self._stands, found))
        return known

    def _stands(self, record: Record) -> bool:
        """Tell whether all edits are still accepted that the results of a record rest on."""
        return all(self.accepted.way(code) for code in record.accepted)

    def older(self, function: str, code: str) -> dict[str, tuple[Acceptance, ...]]:
        """Give the codes whose results may answer for a function's code, nearest first.

        Each comes with the acceptances that lead to it.
        """
        return self.accepted.older(function, self.place_of(function), code)

    @contextmanager
    def supposing(self, acceptances: Sequence[Acceptance]) -> Iterator[None]:
        """Have verdicts be what they would be if these edits were accepted."""
        try:
            with self.accepted.supposing(acceptances):
                self._accepted_changed()
                yield
        finally:
            self._accepted_changed()

    def _accepted_changed(self) -> None:
        # A verdict may rest on what was accepted of any function that is called within.
        self._recorded.clear()
        self._epoch += 1

    def places(self) -> list[str | None]:
        """Give the stores that results are in, the project's first."""
        functions = {*self._records, *(f for g in self._growing.values() for f in g.sightings)}
        found = {self.place_of(function) for function in functions} - {None}
        return [None, *sorted(place for place in found if place is not None)]

    def levels(self, functions: Iterable[DeclaredFunction]) -> list[dict[str, str]]:
        """Give the older codes that steps may be taken to have, edit by edit into the past.

        Returns
        -------
        list of dict
            By function: first the code before the newest accepted edit of each, then the one
            before that; who has no more edits stays at its oldest code.
        """
        chains = {one.identity: list(self.older(one.identity, one.code)) for one in functions}
        depth = max(map(len, chains.values()), default=0)
        return [
            {name: codes[min(level, len(codes) - 1)] for name, codes in chains.items() if codes}
            for level in range(depth)
        ]

    def records(self, function: str) -> Sequence[Record]:
        """Give the records of a function's call sites, newest first."""
        return self.recorded(function).all

    def version(self, function: str) -> tuple[int, int]:
        """Give a number that is another one whenever runs have shown more of a function."""
        return self._epoch, self._versions.get(function, 0)

    def place_of(self, function: str) -> str | None:
        """Tell where the entries of a function were last kept; ``None`` is the project's store."""
        called = [one for one in self.records(function) if one.calls]
        # Where others last kept them tells only as long as nobody here kept any.
        mine = (one for one in called if not one.foreign)
        record = next(mine, None) or next(iter(called), None)
        return record.store if record is not None else None

    def codes(self, function: str) -> set[str]:
        """Give the fingerprints under which a function was ever called."""
        found = set(self._codes.get(function, ()))
        for growing in self._growing.values():
            found |= growing.codes.get(function, set())
        return found

    def caution(self, key: str | None) -> str | None:
        """Tell why the hit of a key would not do all that its call did."""
        places = (self._cautions, *(growing.cautions for growing in self._growing.values()))
        return next((one[key] for one in places if key in one), None) if key else None

    def kept(self, call: Call) -> Call:
        """Give the last call with a call's key: the entry that is there now is of that one."""
        last = call
        for kept in (self._kept, *(growing.kept for growing in self._growing.values())):
            if call.entry_key is not None:
                last = _later(last, kept.get((call.store, call.entry_key)))
        return last

    def stored(self, function: str, code: str) -> list[Call]:
        """Give the calls of a function with some code whose results were stored, wherever made."""
        return [
            call
            for kept in (self._kept, *(growing.kept for growing in self._growing.values()))
            for call in kept.values()
            if call.function == function and call.code == code
        ]

    def sighting(self, script: str, function: str) -> Sighting | None:
        """Give the newest run that called a function: of the script, else of any."""
        latest = self._latest.get(function, {})
        mine = [latest.get(script)]
        mine += [g.sightings.get(function) for g in self._growing.values()
                 if g.info.script == script]  # fmt: skip
        found = [one for one in mine if one is not None]
        if not found:
            found = list(latest.values())
            found += [s for g in self._growing.values() if (s := g.sightings.get(function))]
        if not found:
            others = self._latest_of_others.get(function, {})
            found = [others[script]] if script in others else list(others.values())
        return max(found, key=lambda one: (one.started, one.run), default=None)

    def active(self, script: str) -> Iterator[Harvest]:
        """Give the runs of a script that are going on."""
        for growing in self._growing.values():
            if growing.info.script == script and growing.info.state in (
                RunState.RUNNING,
                RunState.SILENT,
            ):
                yield growing

    def run(self, identifier: str | None) -> RunInfo | None:
        """Give what is known of a run."""
        if identifier is None:
            return None
        found = self._growing.get(identifier) or self._settled.get(identifier)
        if found is None:
            of_others = self._foreign.values()
            found = next((one for one in of_others if one.info.id == identifier), None)
        return found.info if found is not None else None

    def newest_argv(self, script: str) -> tuple[str, ...]:
        """Give the words that a script's newest run had on its command line, if it took them."""
        found = [self._newest[script]] if script in self._newest else []
        found += [g.info for g in self._growing.values() if g.info.script == script]
        run = max(found, key=lambda info: (info.started or 0.0, info.id), default=None)
        return run.argv if run is not None else ()

    def output_digests(self, path: str) -> set[str]:
        """Give the digests that calls ever left in an output file."""
        asked, self.asked = self.asked, None
        found = self._output_digests(path)
        self.asked = asked
        if asked is not None:
            asked.append((Evidence.output_digests, (path,), found))
        return found

    def _output_digests(self, path: str) -> set[str]:
        harvests = [*self._settled.values(), *self._growing.values(), *self._foreign.values()]
        records = (record for found in harvests for record in found.records)
        return {d for r in records for name, d in r.outputs if name == path and d is not None}


def _later(one: Call, other: Call | None) -> Call:
    if other is None or (other.started or 0.0) <= (one.started or 0.0):
        return one
    return other
