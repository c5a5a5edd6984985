"""What a script declares to jobtui_core: steps, memoized functions, parameters, and their code."""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import ParameterError
from jobtui_core.fingerprint import Fingerprint, source_fingerprint
from jobtui_core.hashing import digest_file
from jobtui_core.named import is_url
from jobtui_core.parameters import as_plain, convert, declared_in
from jobtui_core.records import ParameterInfo, StepKind
from jobtui_core.slices import free_names
from jobtui_core.slices.expressions import Expressions
from jobtui_core.slices.keeping import memory_place, place_of
from jobtui_core.slices.machine import Position, ProtoSite
from jobtui_core.slices.meanings import (
    ClassRef,
    Declaration,
    FunctionRef,
    MemoryRef,
    StepMaker,
    StepRef,
    Value,
)
from jobtui_core.slices.outputs import (
    Written,
    constants_in,
    output_files,
    saved_files,
    written_files,
)
from jobtui_core.slices.sets import lists_a_set
from jobtui_core.slices.terms import NOTHING, Constant, Origin, Term, constant, term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jobtui_core.slices.arguments import Arguments
    from jobtui_core.sources import SourceModule

__all__ = ["Code", "Declarations", "Effects"]


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a function, as far as the sources tell."""

    digest: str
    values: dict[str, Term]
    """Globals and captured names that count by value, by ``module:name``."""
    libraries: frozenset[str]
    unfollowed: tuple[str, ...]
    steps: tuple[str, ...]
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """What calling a function of the project does besides giving a value."""

    changed: tuple[str, ...] = ()
    """Parameters that it may change in place."""
    written: tuple[tuple[int, str], ...] = ()
    """Names of module frames that it rebinds or changes."""
    steps: tuple[str, ...] = ()
    """Identities of the steps that it calls, itself or through others."""
    exits: bool = False
    """Whether it may end the script."""
    recursive: bool = False

    @property
    def sites(self) -> bool:
        """Whether it calls steps."""
        return bool(self.steps)


class Declarations(Expressions):
    """Understands what comes from jobtui_core, and asks for the code of functions."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.set_outside: set[str] = set()
        """Names of modules, as ``module:name``, that other code binds or sets attributes of."""
        self.registered: dict[str, list[FunctionRef]] = {}
        """Functions that other modules registered with one of a module, by its name."""
        self._asked_outside: set[str] = set()
        self.escaped: dict[str, str] = {}
        self.anything = ""
        """Why any function of the project may be called where no call site can be seen."""
        self._declared: dict[SourceModule, tuple[ParameterInfo, ...]] = {}
        self.methods: dict[str, set[str]] = {}
        """Methods that are steps: the classes that have one, by its name."""

    # ------------------------------------------------------------------ what others provide

    def by_code(self, value: Term) -> Term:
        """Give the term of a function or class by its code, now that its names are bound."""
        raise NotImplementedError

    def effects_of(self, function: FunctionRef) -> Effects:
        """Give what a call of a function does."""
        raise NotImplementedError

    def walk_into(
        self,
        function: FunctionRef,
        arguments: Arguments,
        yielded: Callable[[Value], None] | None = None,
    ) -> Value:
        """Walk through a function's statements with these arguments."""
        raise NotImplementedError

    def global_term(self, module: str, name: str) -> Term:
        """Give the present term of a module's global."""
        raise NotImplementedError

    # ------------------------------------------------------------------ code

    def fingerprint_of(
        self, function: FunctionRef | ClassRef, *, fixed: bool = True
    ) -> Fingerprint:
        """Give the fingerprint of a function or class that its module's name reaches.

        ``fixed=False`` says that its digest goes nowhere but into templates and declarations,
        where another one can take its place.
        """
        key = (function.module, function.qualname)
        found = self.ground.fingerprints.get(key)
        if found is None:
            found = source_fingerprint(self.tree, function.module, function.qualname)
            self.ground.fingerprints[key] = found
        if fixed:
            self.ground.fixed.add(key)
        return found

    def code_of(self, function: FunctionRef, *, fixed: bool = True) -> Code:
        """Give the code of a function, with the terms of the globals that it reads."""
        if isinstance(function.node, ast.Lambda) or "<locals>" in function.qualname:
            return self._local_code(function)
        return self._code(self.fingerprint_of(function, fixed=fixed))

    def class_code(self, cls: ClassRef) -> Code:
        """Give the code of a class: its methods and bases."""
        return self._code(self.fingerprint_of(cls))

    def _code(self, fingerprint: Fingerprint) -> Code:
        values = {
            f"{ref.module}:{ref.name}": self.global_term(ref.module, ref.name)
            for ref in fingerprint.values
        }
        if self.set_outside or self.registered:
            values |= self._values_set_outside(fingerprint)
        return Code(
            fingerprint.digest,
            values,
            fingerprint.libraries,
            fingerprint.unfollowed,
            _with_carried(fingerprint.steps, values),
            fingerprint,
        )

    def _values_set_outside(self, fingerprint: Fingerprint) -> dict[str, Term]:
        """Give the terms of what the code reads of modules and classes, and others have set."""
        values: dict[str, Term] = {}
        for symbol in fingerprint.symbols:
            place = symbol.name
            if place in self._asked_outside:
                continue
            # A function may have been put in the place of one that it calls itself.
            self._asked_outside.add(place)
            try:
                for number, function in enumerate(self.registered.get(place, ())):
                    made = self.function_term(function)
                    values[f"{place}.register {number}"] = self._shown(made)
                if place in self.set_outside:
                    module, _, name = place.partition(":")
                    values[place] = self._shown(self.global_term(module, name))
            finally:
                self._asked_outside.discard(place)
        return values

    def _shown(self, value: Term) -> Term:
        """Add the places of a function's code, so that its text can be shown."""
        if isinstance(value.meaning, FunctionRef):
            return value.at(*self.lines_of(self.code_of(value.meaning)))
        return value

    def _local_code(self, function: FunctionRef) -> Code:
        """Give the code of a lambda or nested function: its text, and what its names mean now."""
        values: dict[str, Term] = {}
        for name in sorted(free_names.of_function(function.node)):
            for scope in function.frames:
                cell = self.state.look_up(scope, name)
                if cell is not None:
                    values[f"{function.module.name}:{name}"] = self.state.terms[cell]
                    break
        names = free_names.library_names(function.node, self._library_alias(function))
        text = term("source", free_names.normal_text(function.node))
        return Code(
            text.digest,
            values,
            frozenset(names),
            _local_doubts(function),
            _with_carried((), values),
        )

    def _library_alias(self, function: FunctionRef) -> dict[str, str]:
        aliases: dict[str, str] = {}
        for name in free_names.of_function(function.node):
            for scope in function.frames:
                cell = self.state.look_up(scope, name)
                if cell is not None:
                    meaning = self.state.terms[cell].meaning
                    if type(meaning).__name__ == "LibraryRef":
                        aliases[name] = meaning.name
                    break
            else:
                aliases[name] = f"builtins.{name}"
        return aliases

    def function_term(self, function: FunctionRef) -> Term:
        """Give the term of a function as a value: its code and what it closes over."""
        code = self.code_of(function)
        parts: list[Term | str] = [code.digest]
        for name in sorted(code.values):
            parts += [name, code.values[name]]
        for name in sorted(function.defaults):
            parts += [name, function.defaults[name]]
        if function.changed is not None:
            parts.append(function.changed)
        return term("function", *parts, meaning=function)

    def lines_of(self, code: Code) -> Iterable[Origin]:
        """Give the places of the functions behind a call."""
        symbols = code.fingerprint.symbols if code.fingerprint is not None else ()
        for symbol in symbols:
            if symbol.kind in ("function", "class"):
                last = symbol.line + max(0, symbol.source.count("\n"))
                yield (symbol.file, symbol.line, last)

    # ------------------------------------------------------------------ declarations

    def _call_ours(self, node: ast.Call, name: str, arguments: Arguments) -> Value | None:
        package, _, last = name.rpartition(".")
        if package.partition(".")[0] != "jobtui_core":
            return None
        if last in ("make", "memoize"):
            return self._make("memoized" if last == "memoize" else "step", node, arguments)
        if last == "Memory":
            made = MemoryRef(memory_place(arguments))
            return Value(term("memory", *arguments.parts, meaning=made))
        if last == "default_param":
            return self._parameter(arguments)
        return None

    def _parameter(self, arguments: Arguments) -> Value:
        given = list(arguments.positional)
        name = given[0] if given else arguments.keywords.get("name")
        default = given[1] if len(given) > 1 else arguments.keywords.get("default")
        if default is None:
            default = arguments.keywords.get("default_value", Value(NOTHING))
        if name is None or not isinstance(name.term.meaning, Constant):
            doubt = "a parameter's name is computed"
            return Value(term("parameter", *arguments.parts).because(doubt))
        key = str(name.term.meaning.value)
        if isinstance(default.term.meaning, Constant):
            self.parameter_defaults[key] = default.term.meaning.value
        value, shown = self._in_effect(key, default.term)
        if shown is not None:
            # As a stored analysis has it: a tuple is a list there.
            self.parameters[key] = as_plain(shown.value)
            self.silent.add(id(self.frame.statement))
        return Value(replace(value, origin=frozenset(), parameters=value.parameters | {key}))

    def _in_effect(self, name: str, default: Term) -> tuple[Term, Constant | None]:
        """Give the term of a parameter's value, and the value as it is shown where it is known."""
        meant = default.meaning
        plain = meant if isinstance(meant, Constant) else self._written_default(name)
        if name not in self.request.overrides:
            return default, plain
        given = self.request.overrides[name]
        if isinstance(meant, Constant):
            with suppress(ParameterError):
                # A list that stands for a tuple is one; a refusal is for the script to raise.
                given = convert(given, name=name, default=meant.value)
            return constant(given), Constant(given)
        if plain is not None and given == plain.value:
            return default, plain
        # It is what the default is, a path or a date, and is not the text that stands for it.
        return term("given", name, constant(given), meaning=meant), Constant(given)

    def _written_default(self, name: str) -> Constant | None:
        """Give a default as plain data that is written as a path, a date or an enum's member."""
        module = self.frame.module
        if module not in self._declared:
            self._declared[module] = declared_in(module, self.tree).parameters
        found = next((one for one in self._declared[module] if one.name == name), None)
        return None if found is None or found.default is None else Constant(found.default)

    def _make(self, kind: StepKind, node: ast.Call, arguments: Arguments) -> Value:
        maker = self._maker(kind, node, arguments)
        if arguments.positional and maker is not None:
            made = self.declare(maker, arguments)
            if made is not None:
                return made
        return Value(term("maker", meaning=maker))

    def _maker(
        self, kind: StepKind, node: ast.Call, arguments: Arguments, place: str | None = None
    ) -> StepMaker:
        written = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        inputs = arguments.keywords.get("inputs")
        options: list[Term | str] = [
            part
            for name in ("inputs", "version", "files", "track_packages")
            if name in arguments.keywords
            for part in (name, arguments.keywords[name].term)
        ]
        output = written.get("output")
        if output is None and len(node.args) > 1:
            output = node.args[1]
        if output is not None and (constants := list(constants_in(output))):
            # They are part of the result.
            options += ["output", constant(constants)]
        writes = () if output is None else tuple(written_files(output, self.eval))
        if arguments.spread:
            writes = (*writes, Written(term("spread", *arguments.parts).digest, frozenset()))
        return StepMaker(
            kind=kind,
            place=place_of(arguments) if place is None else place,
            writes=tuple(one.text for one in writes),
            unfollowed=frozenset().union(*(one.unfollowed for one in writes)),
            inputs=_literal_words(inputs.term if inputs is not None else None),
            outputs=output_files(output) if output is not None else (),
            saved=tuple(saved_files(output)) if output is not None else (),
            ignore=_literal_words(
                arguments.keywords["ignore"].term if "ignore" in arguments.keywords else None
            ),
            # ``@make()`` is ``@make``.
            options=term("options", *options) if options else None,
        )

    def _call_memory(
        self, node: ast.Call, method: str, arguments: Arguments, memory: MemoryRef
    ) -> Value:
        maker = self._maker("memoized", node, arguments, memory.place)
        if not arguments.positional:
            return Value(term("maker", meaning=maker))
        made = self.declare(maker, arguments)
        if made is None:
            return self.opaque("memoized", arguments.values)
        if method == "eval" and isinstance(made.term.meaning, StepRef):
            rest = type(arguments)(
                arguments.positional[1:], arguments.keywords, arguments.spread,
                arguments.texts[1:], arguments.keyword_texts,
            )  # fmt: skip
            index = self.add_site(self.position(node), made.term.meaning.declaration, rest)
            return Value(self.result_of(index))
        return made

    def result_of(self, index: int) -> Term:
        """Give the term of what a call site gives."""
        raise NotImplementedError

    def declare(self, maker: StepMaker, arguments: Arguments) -> Value | None:
        """Declare the function that is the first argument; ``None`` if it is not the project's."""
        function = arguments.positional[0].term.meaning if arguments.positional else None
        if isinstance(function, StepRef):
            function = function.declaration.function
        if not isinstance(function, FunctionRef):
            return None
        return Value(self.declared(maker, function))

    def declared(self, maker: StepMaker, function: FunctionRef) -> Term:
        """Give the term of a step, and remember that the script declares it."""
        identity = f"{function.module.name}:{function.qualname}"
        name = function.qualname.rpartition(".")[2]
        declaration = Declaration(
            identity=identity, name=name, kind=maker.kind, function=function, maker=maker
        )
        self.declarations[identity] = declaration
        return term("step", identity, meaning=StepRef(declaration)).carrying((identity,))

    def read_in_c(self, made: Term, name: str, values: Sequence[Value]) -> Term:
        """Count a file with a literal path that is read where Python does not see it."""
        first = values[0].term.meaning if values else None
        if isinstance(first, Constant) and isinstance(first.value, str):
            if is_url(first.value):
                return made.because(f"{name} reads what is at a URL, which is not looked at")
            path = Path(self.tree.root, first.value)
            try:
                content = digest_file(path)
            except OSError:
                content = "missing"
            self.tree.consulted[path] = content
            return term("file-content", made, content)
        return made.because(f"{name} reads a file in a way that cannot be seen")

    # ------------------------------------------------------------------ call sites

    def add_site(self, position: Position, declaration: Declaration, arguments: Arguments) -> int:
        """Record a call of a step, and give its index."""
        code = self.code_of(declaration.function, fixed=False)
        bound, texts, ignored = self._bind(declaration, arguments)
        values = dict(code.values)
        if declaration.maker.options is not None:
            values["(options)"] = declaration.maker.options
        self.sites.append(
            ProtoSite(
                declaration=declaration,
                code=self.request.codes.get(declaration.identity, code.digest),
                arguments=bound,
                ignored=ignored,
                texts=texts,
                values=values,
                unfollowed={*code.unfollowed, *declaration.maker.unfollowed},
                path=self.state.path,
                chain=(*self.chain, position),
                statement=self.script_statement(),
                contexts=[],
                loops=len(self.loops),
                handed=self.handing > 0,
                origin=frozenset((self.origin(self.frame.statement),))
                if self.frame.statement is not None
                else frozenset(),
            )
        )
        return len(self.sites) - 1

    def _bind(
        self, declaration: Declaration, arguments: Arguments
    ) -> tuple[dict[str, Term], dict[str, str], dict[str, Term]]:
        """Bind arguments to parameters, defaults filled in, as a call would."""
        node = declaration.function.node.args
        names = [item.arg for item in (*node.posonlyargs, *node.args)]
        only = [item.arg for item in node.kwonlyargs]
        texts: dict[str, str] = {}
        bound: dict[str, Term] = {}
        if arguments.spread:
            return {"*": term("spread", *arguments.parts)}, {"*": "…"}, {}
        rest: list[Term] = []
        for index, value in enumerate(arguments.positional):
            if index < len(names):
                bound[names[index]] = value.term
                texts[names[index]] = arguments.texts[index]
            else:
                rest.append(value.term)
        extra: list[Term | str] = []
        for text, (name, value) in zip(
            arguments.keyword_texts, arguments.keywords.items(), strict=True
        ):
            if name in names or name in only:
                bound[name] = value.term
                texts[name] = text
            else:
                extra += [name, value.term]
        for name, default in declaration.function.defaults.items():
            if name not in bound:
                bound[name] = default
                texts[name] = "default"
        if rest:
            bound["*"] = term("rest", *rest)
        if extra:
            bound["**"] = term("extra", *extra)
        skipped = declaration.maker.ignore
        ignored = {name: bound.pop(name) for name in skipped if name in bound}
        order = {name: place for place, name in enumerate([*names, *only])}
        ordered = dict(sorted(bound.items(), key=lambda item: order.get(item[0], len(order))))
        return ordered, texts, ignored


def _local_doubts(function: FunctionRef) -> tuple[str, ...]:
    if lists_a_set(function.node):
        name = function.qualname.rpartition(".")[2]
        return (f"{name} takes a set's elements in their order, which may differ",)
    return ()


def _with_carried(steps: Iterable[str], values: dict[str, Term]) -> tuple[str, ...]:
    """Add to the steps that code names those that it can call through a value."""
    carried = frozenset().union(*(value.carries for value in values.values()))
    return (*steps, *sorted(carried.difference(steps)))


def _literal_words(value: Term | None) -> tuple[str, ...]:
    """Give the strings of a literal, ``"a"`` or ``["a", "b"]``."""
    if value is None or not isinstance(value.meaning, Constant):
        return ()
    literal = value.meaning.value
    if isinstance(literal, str):
        return (literal,)
    if isinstance(literal, list | tuple):
        return tuple(item for item in literal if isinstance(item, str))
    return ()
