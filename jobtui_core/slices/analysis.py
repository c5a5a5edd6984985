"""A script as verdicts see it: its parameters, its steps, and every place that calls one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jobtui_core._version import KEY_FORMAT
from jobtui_core.entry.describe import without_secrets
from jobtui_core.errors import ScriptError
from jobtui_core.hashing import combine
from jobtui_core.parameters import as_plain, declared_in, merged, type_name
from jobtui_core.parameters.kinds import ANY
from jobtui_core.records import ParameterInfo, StepKind
from jobtui_core.root import is_library
from jobtui_core.slices.checkpoints import Checkpoints
from jobtui_core.slices.ground import Ground
from jobtui_core.slices.machine import Position, ProtoSite, Request
from jobtui_core.slices.terms import Constant, Given, Origin, Term, term
from jobtui_core.slices.walk import Walk
from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["Analysis", "CallSite", "DeclaredFunction", "analyse", "finished", "slice_text"]

VERSION = 2
"""Of the static keys: another version never equals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFunction:
    """A step or memoized function that a script can see."""

    identity: str
    name: str
    kind: StepKind
    file: str
    line: int
    code: str
    """Digest of its source fingerprint."""
    inputs: tuple[str, ...] = ()
    """Templates as written."""
    outputs: tuple[str, ...] = ()
    reachable: bool = False
    """Whether the script has a call site of it."""
    called_in: tuple[str, ...] = ()
    """Steps whose bodies call it."""
    unfollowed: tuple[str, ...] = ()
    """Why it may be called where no call site can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """A place that calls a step, with all that is known of the call without running."""

    index: int
    function: str
    name: str
    kind: StepKind
    chain: tuple[Position, ...]
    """The calls that lead to it, from the script's own statement inwards."""
    statement: Origin
    """The statement of the top level, or of ``main()``, that holds it."""
    template: str
    """Digest of everything that determines the call, results of steps left open."""
    holes: tuple[int, ...]
    """Call sites whose results it needs, in the template's order."""
    code: str
    arguments: dict[str, dict[str, str]]
    """By parameter: ``digest``, and ``text`` as written."""
    values: dict[str, str]
    """Digests of the globals that the function reads by value."""
    parameters: dict[str, Any]
    """The script's parameters that it depends on, with their values."""
    unfollowed: tuple[str, ...]
    slice: str
    """The statements behind it, as text."""
    lines: tuple[Origin, ...]
    loop: bool
    inputs: tuple[str, ...]
    """Declared inputs whose names are known."""
    outputs: tuple[str, ...]
    saved: tuple[str, ...] = ()
    """Those of ``outputs`` that it writes for sure."""
    writes: tuple[str, ...] | None = None
    """The persisters of its declaration, by class and file; ``None`` in analyses of old."""
    place: str | None = None
    """Digest of what says where its results are; ``None`` in analyses of old."""
    after: tuple[Given, ...] = ()
    """Calls before it that had in hand what it takes, by index, and as which argument."""
    handed: bool = False
    """Whether workers make its calls: other threads or processes, in whatever order."""

    def static_key(self, results: Sequence[str]) -> str:
        """Fill the holes.

        Parameters
        ----------
        results : sequence of str
            One digest per hole, of the results of that call site's calls, in order.

        Returns
        -------
        str
            Equal static keys imply equal keys of the calls.
        """
        if len(results) != len(self.holes):
            raise ValueError(f"{len(self.holes)} results are needed, {len(results)} were given")
        return combine("static-key", KEY_FORMAT, VERSION, self.template, *results)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a script would do, with these parameters and words."""

    script: str
    digest: str
    parameters: tuple[ParameterInfo, ...] = ()
    sites: tuple[CallSite, ...] = ()
    functions: tuple[DeclaredFunction, ...] = ()
    sources: tuple[str, ...] = ()
    """Files that were read, relative to the root."""

    def to_json(self) -> dict[str, Any]:
        """Give it as plain data, for the store."""
        return {
            **_fields(self),
            "parameters": [_fields(one) for one in self.parameters],
            "sites": [
                {**_fields(site), "chain": [_fields(place) for place in site.chain]}
                for site in self.sites
            ],
            "functions": [_fields(one) for one in self.functions],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Analysis:
        """Read it back.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the data is not what `to_json` gives.
        """
        return cls(
            script=str(data["script"]),
            digest=str(data["digest"]),
            parameters=tuple(_parameter(item) for item in data["parameters"]),
            sites=tuple(_site(item) for item in data["sites"]),
            functions=tuple(_function(item) for item in data["functions"]),
            sources=tuple(data.get("sources", ())),
        )


def _fields(record: Any) -> dict[str, Any]:
    """Give a record's fields as they are: `dataclasses.asdict` copies everything in them."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _parameter(data: Mapping[str, Any]) -> ParameterInfo:
    known = {name: data[name] for name in ParameterInfo.__dataclass_fields__ if name in data}
    return ParameterInfo(**{**known, "choices": tuple(known.get("choices", ()))})


def _function(data: Mapping[str, Any]) -> DeclaredFunction:
    known = {name: data[name] for name in DeclaredFunction.__dataclass_fields__ if name in data}
    for name in ("inputs", "outputs", "called_in", "unfollowed"):
        known[name] = tuple(known.get(name, ()))
    return DeclaredFunction(**known)


def _site(data: Mapping[str, Any]) -> CallSite:
    known = {name: data[name] for name in CallSite.__dataclass_fields__ if name in data}
    known["chain"] = tuple(Position(**item) for item in data["chain"])
    known["lines"] = tuple((str(a), int(b), int(c)) for a, b, c in data["lines"])
    file, first, last = data["statement"]
    known["statement"] = (str(file), int(first), int(last))
    for name in ("holes", "unfollowed", "inputs", "outputs"):
        known[name] = tuple(known[name])
    known["saved"] = tuple(data.get("saved", ()))
    if known.get("writes") is not None:
        known["writes"] = tuple(map(str, known["writes"]))
    if known.get("place") is not None:
        known["place"] = str(known["place"])
    known["after"] = tuple((int(site), str(name)) for site, name in data.get("after", ()))
    return CallSite(**known)


def analyse(
    tree: SourceTree,
    script: Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    argv: Sequence[str] = (),
    codes: Mapping[str, str] | None = None,
    ground: Ground | None = None,
    digest: bool = True,
) -> Analysis:
    """Find out what a script would call, from its sources alone.

    Parameters
    ----------
    tree : SourceTree
        The sources: as a process loaded them, or as they lie on disk.
    script : Path
        Absolute.
    overrides : mapping, optional
        Values in place of parameters' defaults.
    argv : sequence of str
        Words that the script would be started with.
    codes : mapping, optional
        Digests that steps are taken to have in place of their own, by identity: call sites are
        then what they were when the steps had that code.
    ground : Ground, optional
        Filled with what the analysis rests on, for `jobtui_core.slices.revise`.
    digest : bool
        Whether its digest is wanted; it is the name under which a run stores it.

    Returns
    -------
    Analysis

    Raises
    ------
    ScriptError
        If the script, or a project module that it imports, cannot be read or parsed.
    """
    module = tree.module_at(script)
    walk = Walk(tree, module, Request(dict(overrides or {}), tuple(argv), dict(codes or {})))
    walk.ground = Ground() if ground is None else ground
    if ground is not None:
        walk.checkpoints = ground.checkpoints = Checkpoints(len(module.tree.body))
    try:
        walk.run_module(module)
    except RecursionError:
        walk.problems.add("the script is nested too deeply to be followed")
    sites = tuple(
        finished(walk, index, proto, walk.problems) for index, proto in enumerate(walk.sites)
    )
    if walk.checkpoints is not None:
        walk.checkpoints.sites, walk.checkpoints.problems = walk.sites, walk.problems
    walk.ground.read = walk.names_read()
    functions = _functions(walk, sites)
    if tree.earlier is not None:
        tree.forget_unreached(module)
    found = Analysis(
        script=module.file,
        digest="",
        parameters=_parameters(walk, module),
        sites=sites,
        functions=functions,
        sources=tuple(sorted(tree.module_at(path).file for path in tree.files)),
    )
    if not digest:
        return found
    plain = json.dumps(found.to_json(), sort_keys=True, default=str, ensure_ascii=False)
    return replace(found, digest=combine("analysis", KEY_FORMAT, VERSION, plain))


def finished(walk: Walk, index: int, proto: ProtoSite, problems: set[str]) -> CallSite:
    """Give a call site its template, now that the loops around it are known.

    Parts of the template are added to what the walk rests on.
    """
    parts: list[Term | str] = []
    for name in sorted(proto.values):
        parts += [name, proto.values[name]]
    parts.append("|")
    for name, value in proto.arguments.items():
        parts += [name, value]
    parts += ["|", proto.path, *proto.contexts]
    walk.ground.parts.append(parts)
    declaration = proto.declaration
    template = term("site", declaration.identity, proto.code, *parts)
    origins = template.origin | proto.origin
    return CallSite(
        index=index,
        function=declaration.identity,
        name=declaration.name,
        kind=declaration.kind,
        chain=proto.chain,
        statement=proto.statement,
        template=template.digest,
        holes=template.holes,
        code=proto.code,
        arguments={
            name: {
                "digest": _digest(value),
                "text": without_secrets(name, proto.texts.get(name, "")),
            }
            for name, value in proto.arguments.items()
        },
        values={name: _digest(value) for name, value in proto.values.items()},
        parameters={
            name: walk.parameters[name]
            for name in sorted(template.parameters)
            if name in walk.parameters
        },
        unfollowed=tuple(sorted(template.unfollowed | proto.unfollowed | problems)),
        slice=slice_text(walk.tree, origins),
        lines=tuple(sorted(origins)),
        loop=bool(proto.contexts) or proto.loops > 0,
        inputs=_named(declaration.maker.inputs, proto),
        outputs=_named(declaration.maker.outputs, proto),
        saved=_named(declaration.maker.saved, proto),
        writes=declaration.maker.writes,
        place=declaration.maker.place,
        handed=proto.handed,
        after=tuple(sorted(template.given)),
    )


def _digest(value: Term) -> str:
    # Which results it needs is told apart by the holes of the whole site.
    return value.digest if not value.holes else f"{value.digest}:{len(value.holes)}"


def _named(templates: Sequence[str], proto: ProtoSite) -> tuple[str, ...]:
    """Give the file names among templates that can be filled in without running."""
    values = {
        name: value.meaning.value
        for name, value in {**proto.arguments, **proto.ignored}.items()
        if isinstance(value.meaning, Constant)
    }
    found: list[str] = []
    for template in templates:
        try:
            found.append(template.format(**values))
        except (KeyError, IndexError, ValueError, AttributeError, TypeError):
            continue
    return tuple(found)


def slice_text(tree: SourceTree, origins: frozenset[Origin]) -> str:
    """Give the text of statements, each without its indentation."""
    pieces: list[str] = []
    for file, first, last in sorted(origins):
        path = Path(file) if Path(file).is_absolute() else tree.root / file
        lines = tree.module_at(path).lines[first - 1 : last]
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        pieces += [line[indent:].rstrip() for line in lines]
    return "\n".join(pieces)


def _functions(walk: Walk, sites: Sequence[CallSite]) -> tuple[DeclaredFunction, ...]:
    reached = {site.function for site in sites}
    callers: dict[str, list[str]] = {}
    codes = {}
    for identity, declaration in walk.declarations.items():
        code = codes[identity] = walk.code_of(declaration.function, fixed=False)
        for inner in code.steps:
            if inner != identity:
                callers.setdefault(inner, []).append(identity)
    return tuple(
        DeclaredFunction(
            identity=identity,
            name=declaration.name,
            kind=declaration.kind,
            file=declaration.function.module.file,
            line=declaration.function.node.lineno,
            code=codes[identity].digest,
            inputs=declaration.maker.inputs,
            outputs=declaration.maker.outputs,
            reachable=identity in reached,
            called_in=tuple(callers.get(identity, ())),
            unfollowed=_doubts(walk, identity),
        )
        for identity, declaration in walk.declarations.items()
    )


def _doubts(walk: Walk, identity: str) -> tuple[str, ...]:
    """Say why a function may be called where no call site was seen."""
    escaped = (walk.escaped[identity],) if identity in walk.escaped else ()
    anything = (walk.anything,) if walk.anything else ()
    return (*escaped, *anything, *sorted(walk.problems))


def _parameters(walk: Walk, module: SourceModule) -> tuple[ParameterInfo, ...]:
    """List the parameters of a script, wherever they stand in it and the modules it imports."""
    tree = walk.tree
    others = [tree.module_at(path) for path in tree.files if path != module.path]
    others = sorted((one for one in others if not is_library(one.path)), key=lambda one: one.file)
    found: list[ParameterInfo] = []
    for one in (module, *others):
        try:
            found += declared_in(one, tree).parameters
        except ScriptError:
            # It is not on the way of the script, which could be walked through.
            continue
    return tuple(_in_effect(walk, one) for one in merged(found))


def _in_effect(walk: Walk, one: ParameterInfo) -> ParameterInfo:
    """Give a parameter with the value that it has, and a default that folds to a constant."""
    overrides, name = walk.request.overrides, one.name
    if one.type == ANY and name in walk.parameter_defaults:
        default = walk.parameter_defaults[name]
        one = replace(one, type=type_name(default), default=as_plain(default))
    value = (
        overrides[name] if name in overrides else as_plain(walk.parameters.get(name, one.default))
    )
    return replace(one, value=value)
