"""Calls: of steps, of the project's functions and classes, and of libraries."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jobtui_core.slices import library
from jobtui_core.slices.arguments import Arguments, parameter_names, values_given
from jobtui_core.slices.commandline import CommandLine
from jobtui_core.slices.declarations import Code
from jobtui_core.slices.free_names import is_lazy
from jobtui_core.slices.meanings import (
    BoundMethod,
    ClassRef,
    FunctionRef,
    InstanceOf,
    LibraryRef,
    LibraryValue,
    MemoryRef,
    OneOf,
    Partial,
    Parts,
    Settings,
    StepMaker,
    StepRef,
    Table,
    Value,
)
from jobtui_core.slices.references import CLEARED, Reference, reference
from jobtui_core.slices.sets import in_some_order, text_lists_a_set
from jobtui_core.slices.telling import told_by_method
from jobtui_core.slices.terms import Constant, Term, constant, hole, term

__all__ = ["Calls"]

_DEPTH = 40
"""How deep calls are walked through; deeper ones are taken as they are written."""


class Calls(CommandLine):
    """Evaluates calls."""

    def _eval_Call(self, node: ast.Call) -> Value:
        return self.call(node, discarded=False)

    def call(self, node: ast.Call, *, discarded: bool) -> Value:
        """Give the value of a call; ``discarded`` says that nobody uses it."""
        function = self.callee(node.func)
        meaning = function.term.meaning
        if len(node.args) == 1 and isinstance(meaning, LibraryRef | BoundMethod):
            with self._consuming(node, meaning.name):
                arguments = self._arguments(node)
        else:
            arguments = self._arguments(node)
        return self.call_value(node, function, arguments, discarded=discarded)

    @contextmanager
    def _consuming(self, node: ast.Call, name: str) -> Iterator[None]:
        """Note that a call consumes all that its only argument gives, at once."""
        before = self.state.path
        if not node.keywords and not library.shows_order(name):
            self.in_any_order = node.args[0]
        if library.exhausts(name):
            self.consumers[id(node.args[0])] = node
        if library.stops_early(name) and isinstance(node.args[0], ast.GeneratorExp):
            # Which calls are made is a matter of their results, and of who asks for more.
            self.consumers[id(node.args[0])] = node
            self.state.path = term("and", before, term("until", name))
        yield
        if library.stops_early(name):
            self.state.path = before
        self.in_any_order = None

    def call_value(
        self, node: ast.Call, function: Value, arguments: Arguments, *, discarded: bool
    ) -> Value:
        """Give the value of calling a value."""
        meaning = function.term.meaning
        if isinstance(meaning, StepRef):
            return self._call_step(node, meaning, arguments)
        if isinstance(meaning, StepMaker):
            return self._call_maker(meaning, arguments)
        if isinstance(meaning, FunctionRef):
            return self._call_function(node, function, meaning, arguments)
        if isinstance(meaning, ClassRef):
            return self._instantiate(function, meaning, arguments)
        if isinstance(meaning, LibraryRef):
            return self._call_library(node, meaning.name, arguments, discarded=discarded)
        if isinstance(meaning, BoundMethod):
            return self._call_method(node, function, meaning, arguments, discarded=discarded)
        if isinstance(meaning, OneOf):
            return self.alternatives(node, function, arguments, discarded=discarded)
        if isinstance(meaning, Partial) and meaning.delayed:
            return self.task(meaning, arguments)
        if isinstance(meaning, Partial) and not (meaning.arguments.spread and arguments.spread):
            given = meaning.arguments.then(arguments)
            return self.call_value(node, meaning.function, given, discarded=discarded)
        # A value that is called: whatever it is, it may change itself and its arguments.
        made = term("called", len(arguments.positional), function.term, *arguments.parts)
        cells = function.cells.union(*(value.cells for value in arguments.values))
        result = Value(self.let_go(made), cells)
        for value in (function, *arguments.values):
            self.mutate(value, result.term)
        return result

    def task(self, function: Partial, arguments: Arguments) -> Value:
        """``delayed(step)(…)``: a call, if it is made for ``Parallel`` at once."""
        raise NotImplementedError

    def pool(self, name: str, made: Term, arguments: Arguments) -> Value | None:
        """Give a pool: how many work in it makes no difference to what they give."""
        raise NotImplementedError

    def handed(
        self, node: ast.Call, receiver: Value, name: str, arguments: Arguments
    ) -> Value | None:
        """``pool.map(step, …)``, ``executor.submit(step, …)``."""
        raise NotImplementedError

    def _arguments(self, node: ast.Call) -> Arguments:
        positional: list[Value] = []
        texts: list[str] = []
        keywords: dict[str, Value] = {}
        named: dict[str, str] = {}
        spread = False
        for item in node.args:
            several = self._several(item)
            spread = spread or (several is None and isinstance(item, ast.Starred))
            positional += [self.eval(item)] if several is None else several
            texts += [_short(item)] * (1 if several is None else len(several))
        for keyword in node.keywords:
            value = self.eval(keyword.value)
            given = {keyword.arg: value} if keyword.arg is not None else _spread_out(value)
            if given is None or given.keys() & keywords.keys():
                spread = True
                given = {f"**{len(keywords)}": value}
            keywords.update(given)
            named.update(dict.fromkeys(given, _short(keyword.value)))
        return Arguments(tuple(positional), keywords, spread, tuple(texts), tuple(named.values()))

    def _several(self, node: ast.expr) -> list[Value] | None:
        """Give the arguments behind ``*`` where they are known one by one."""
        if not isinstance(node, ast.Starred) or not isinstance(node.value, ast.Name):
            return None
        value = self.eval(node.value)
        meaning = value.term.meaning
        if isinstance(meaning, Parts):
            return list(meaning.items)
        if isinstance(meaning, Constant) and isinstance(meaning.value, list | tuple):
            origin = value.term.origin
            return [Value(constant(item).at(*origin), value.cells) for item in meaning.value]
        return None

    # ------------------------------------------------------------------ steps

    def _call_maker(self, maker: StepMaker, arguments: Arguments) -> Value:
        """``make(output=…)(function)`` and ``memory.cache(function)``."""
        made = self.declare(maker, arguments)
        if made is not None:
            return made
        made = self.opaque("made", arguments.values)
        return Value(self.let_go(made.term), made.cells)

    def _call_step(self, node: ast.Call, step: StepRef, arguments: Arguments) -> Value:
        waits = isinstance(step.declaration.function.node, ast.AsyncFunctionDef)
        consumer = self.consumers.get(id(node)) if waits else node
        index = self.add_site(self.position(consumer or node), step.declaration, arguments)
        site = self.sites[index]
        if consumer is None:
            site.unfollowed.add("it is called when somebody waits for it, and that is not followed")
        site.unfollowed |= self.let_go(term("given", *arguments.parts)).unfollowed
        result = self.here(hole(index, unfollowed=frozenset()))
        self._after_step(step, arguments, site.declaration.name)
        self._note_given(step, index, arguments)
        return Value(result)

    def _after_step(self, step: StepRef, arguments: Arguments, name: str) -> None:
        """Note what a step does on a miss and a hit leaves out."""
        for value in arguments.values:
            made = value.term.meaning
            if isinstance(made, LibraryValue) and library.is_generator(made.name):
                doubt = f"{name} draws from a random generator only when it runs"
                self.mutate(value, term("drawn", name).because(doubt))
        code = self.code_of(step.declaration.function, fixed=False)
        for symbol in code.fingerprint.changes if code.fingerprint is not None else ():
            module, _, changed = symbol.partition(":")
            frame = self.module_frames.get(module)
            held = None if frame is None else self.state.frames.get(frame, {}).get(changed)
            if held is not None:
                doubt = f"{name} changes {changed} only when it runs"
                self.mutate(self.value(held), term("changed", name).because(doubt))
        for library_name in code.libraries:
            state = library.draws_from(library_name)
            if state is not None:
                doubt = f"{name} draws from {state} only when it runs"
                cell = self.random_state(state)
                self.state.set(cell, term("drawn", name).because(doubt))

    def _note_given(self, step: StepRef, index: int, arguments: Arguments) -> None:
        """Note on objects that a call has them in hand: it may change them, and a hit will not."""
        declaration = step.declaration
        node = declaration.function.node.args
        names = [item.arg for item in (*node.posonlyargs, *node.args)]
        subjects = list(arguments.keywords.items())
        for place, value in enumerate(arguments.positional):
            known = place < len(names) and not arguments.spread
            subjects.append((names[place] if known else "*", value))
        for subject, value in subjects:
            for held in value.cells:
                self._mark_given(held, index, subject)
        fingerprint = self.code_of(declaration.function, fixed=False).fingerprint
        for ref in fingerprint.values if fingerprint is not None else ():
            frame = self.module_frames.get(ref.module)
            cell = None if frame is None else self.state.frames.get(frame, {}).get(ref.name)
            if cell is not None:
                self._mark_given(cell, index, ref.symbol)

    def _mark_given(self, cell: int, index: int, subject: str) -> None:
        for one in self.state.sharing(cell):
            value = self.state.terms.get(one)
            if value is not None and not _is_fixed(value):
                # Not a change: only a call that is known to make one counts.
                self.state.terms[one] = value.given_to((index, subject))

    # ------------------------------------------------------------------ functions and classes

    def _call_function(
        self, node: ast.Call, callee: Value, function: FunctionRef, arguments: Arguments
    ) -> Value:
        effects = self.effects_of(function)
        busy = self.is_busy(function)
        given = term("given", *arguments.parts, *function.defaults.values())
        wanted = effects.sites or function.qualname == "main" or bool(given.carries)
        if not wanted:
            code = self.code_of(function)
            wanted = bool(code.steps) or any(map(library.makes_parser, code.libraries))
        wanted = wanted and not effects.recursive
        if wanted and not busy and len(self.frames) < _DEPTH:
            return self._walk_call(node, callee, function, arguments)
        for identity in effects.steps:
            self.escaped[identity] = f"{function.qualname} calls it, and itself"
        call = self._call_term(callee, function, arguments)
        if given.carries:
            call = self.let_go(call.carrying(given.carries))
        result = Value(call, frozenset().union(*(value.cells for value in arguments.values)))
        names = parameter_names(function.node.args)
        changed = [
            value for name in effects.changed for value in values_given(arguments, names, name)
        ]
        cells = [self.state.look_up(frame, name) for frame, name in effects.written]
        changed += [self.value(cell) for cell in cells if cell is not None]
        late = is_lazy(function.node) and id(node) not in self.consumers
        change = (
            call.because(f"{function.qualname} runs when somebody asks for it") if late else call
        )
        for value in changed:
            self.mutate(value, change)
            # What it changes may keep what it was given.
            for outer in value.cells:
                for inner in result.cells:
                    self.state.hold(outer, inner)
        if effects.exits:
            self.state.path = term("and", self.state.path, call)
        return result

    def is_busy(self, function: FunctionRef) -> bool:
        """Tell whether a function is being walked through."""
        return any(
            frame.module is function.module and frame.qualname == function.qualname
            for frame in self.frames
        )

    def _walk_call(
        self, node: ast.Call, callee: Value, function: FunctionRef, arguments: Arguments
    ) -> Value:
        def go() -> Value:
            self.chain.append(self.position(self.consumers.get(id(node), node)))
            try:
                return self.walk_into(function, arguments)
            finally:
                self.chain.pop()

        if not is_lazy(function.node):
            return go()
        made = term("call", self.by_code(callee.term), *arguments.parts)
        return self.started(node, function, arguments, made, go)

    def started(
        self,
        node: ast.Call,
        function: FunctionRef,
        arguments: Arguments,
        made: Term,
        go: Callable[[], Value],
    ) -> Value:
        """Give the value of calling a function whose body runs later."""
        raise NotImplementedError

    def mapped(self, node: ast.Call, arguments: Arguments) -> Value | None:
        """Give all that a ``map`` gives, if it is consumed where it stands."""
        raise NotImplementedError

    def _call_term(self, called: Value, function: FunctionRef, arguments: Arguments) -> Term:
        code = self.code_of(function)
        callee = self.by_code(called.term)
        parts = list(arguments.parts)
        if function.decorated is not None:
            parts += [function.decorated, self.argv_term()]
        made = self._circumstances(function.qualname, code, term("call", callee, *parts))
        made = self.here(made.at(*self.lines_of(code)))
        return made.because(*code.unfollowed) if code.unfollowed else made

    def _circumstances(self, name: str, code: Code, call: Term) -> Term:
        """Add to a call what its code takes from outside: words, random states, clocks."""
        parts: list[Term | str] = []
        doubts: list[str] = []
        call = self.let_go(call)
        symbols = code.fingerprint.symbols if code.fingerprint is not None else ()
        if any(text_lists_a_set(symbol.source) for symbol in symbols):
            doubts.append(f"{name} takes a set's elements in their order, which may differ")
        if any(library.reads_argv(used) for used in code.libraries):
            parts.append(self.argv_term())
        for used in sorted(code.libraries):
            why = library.unrepeatable(used)
            if why is not None:
                doubts.append(f"{name} uses {used}, which {why}")
            state = library.draws_from(used)
            if state is not None:
                cell = self.random_state(state)
                parts.append(self.state.terms[cell])
                self.state.set(cell, term("drawn", call, *parts))
        for identity in code.steps:
            self.escaped.setdefault(identity, f"{name} may call it")
        if code.steps or self._has_steps(code):
            doubts.append(f"{name} may call steps")
        made = term("circumstances", call, *parts) if parts else call
        return made.because(*doubts) if doubts else made

    def _has_steps(self, code: Code) -> bool:
        """Tell whether code uses a class with a method that is a step."""
        owners = set().union(*self.methods.values())
        symbols = code.fingerprint.symbols if code.fingerprint is not None and owners else ()
        return any(symbol.name.rpartition(":")[2] in owners for symbol in symbols)

    def _instantiate(self, callee: Value, cls: ClassRef, arguments: Arguments) -> Value:
        callee = Value(self.by_code(callee.term), callee.cells)
        made = self.opaque("new", (callee, *arguments.values), *sorted(arguments.keywords))
        # Which of its methods making an instance runs is not known: a base may have one.
        code = self.class_code(cls)
        began = self._circumstances(cls.qualname, code, made.term).at(*self.lines_of(code))
        return Value(self.here(began).means(InstanceOf(cls)), made.cells)

    # ------------------------------------------------------------------ libraries

    def _call_library(
        self, node: ast.Call, name: str, arguments: Arguments, *, discarded: bool
    ) -> Value:
        own = self._call_ours(node, name, arguments)
        if own is not None:
            return own
        count = len(arguments.values)
        if library.is_exit(name):
            self.exits += 1
            self.ended = True
        parts = arguments.parts
        if library.reads_argv(name) and not library.makes_parser(name):
            parts.append(self.argv_term())
        state = library.draws_from(name)
        if state is not None:
            cell = self.random_state(state)
            if library.is_seeding(name) and not count:
                doubt = f"{name} is called without a seed"
                self.state.set(cell, term("seeded", name).because(doubt))
            elif library.is_seeding(name):
                self.state.set(cell, self.here(term("seeded", name, *parts)))
            else:
                parts.append(self.state.terms[cell])
                self.state.set(cell, self.here(term("drawn", name, *parts)))
        made = self.here(term("library-call", name, *parts))
        picked = self._pick(node, made, name, arguments)
        if picked is not None:
            return picked
        if library.reaches_anything(name, count):
            made = made.carrying((library.ANYTHING,))
            made = self.let_go(made) if library.runs_text(name) else made
        elif not library.calls_nothing(name):
            made = self.let_go(made)
        made = self._doubts(made, name, arguments)
        keeps = library.is_harmless(name) or library.is_scalar(name)
        cells = frozenset() if keeps else frozenset().union(*(v.cells for v in arguments.values))
        if name == "argparse.ArgumentParser":
            return Value(made.means(self.parser(arguments)))
        if "out" in arguments.keywords:
            self.mutate(arguments.keywords["out"], made)
        if library.changes_arguments(name, discarded=discarded):
            for value in arguments.values:
                self.mutate(value, made)
        if name == "builtins.len" and arguments.positional:
            known = arguments.positional[0].term.meaning
            if isinstance(known, Constant) and isinstance(known.value, str | list | tuple | dict):
                return Value(constant(len(known.value)).at(*made.origin))
        return Value(made.means(LibraryValue(name)), cells)

    def _pick(self, node: ast.Call, made: Term, name: str, arguments: Arguments) -> Value | None:
        if name == "builtins.map":
            return self.mapped(node, arguments)
        if library.makes_pool(name):
            return self.pool(name, made, arguments)
        if name == "joblib.delayed":
            return self.partial(made, arguments, delayed=True)
        if library.runs_coroutine(name) and len(arguments.values) == 1 and not made.carries:
            return arguments.values[0]
        if name == "functools.partial":
            return self.partial(made, arguments)
        if name == "builtins.vars" and len(arguments.values) == 1:
            value = arguments.values[0]
            known = value.term.meaning
            if isinstance(known, Settings):
                made = term("variables", value.term)
                made = made.means(Table(tuple(known.values), tuple(known.values.values())))
            return Value(made, value.cells)
        if name == "builtins.setattr":
            return self.set_by_name(arguments)
        return self.attribute_by_name(arguments) if name == "builtins.getattr" else None

    def _doubts(self, made: Term, name: str, arguments: Arguments) -> Term:
        why = library.unrepeatable(name)
        if why is not None:
            made = made.because(f"{name} {why}")
        if library.makes_pool(name):
            made = made.because(f"{name} is used in a way that is not followed")
        given = [v for v in arguments.values if v.term.digest != constant(None).digest]
        if library.unseeded_generator(name, len(given)):
            made = made.because(f"{name} is used without a seed")
        # Of equal ones, as a key sees them, the first counts.
        if library.shows_order(name) or "key" in arguments.keywords:
            made = in_some_order(made, *(value.term for value in arguments.values))
        if library.reader_in_c(name):
            made = self.read_in_c(made, name, arguments.values)
        return made

    def _call_method(
        self,
        node: ast.Call,
        function: Value,
        method: BoundMethod,
        arguments: Arguments,
        *,
        discarded: bool,
    ) -> Value:
        receiver = method.receiver
        meaning = receiver.term.meaning
        if isinstance(meaning, MemoryRef) and method.name in ("cache", "eval"):
            return self._call_memory(node, method.name, arguments, meaning)
        referred = self._reference(node, method, arguments)
        if referred is not None:
            return referred
        told = told_by_method(receiver.term, method.name, *arguments.parts)
        if told is not None:
            return Value(self.let_go(told))
        given = library_of(receiver.term)
        parts = arguments.parts
        if library.reads_argv(method.name) and not _gives_words(arguments):
            parts.append(self.argv_term())
        listed = self.table_method(receiver, method.name, arguments)
        if listed is not None:
            return listed
        handed = self.handed(node, receiver, method.name, arguments)
        if handed is not None:
            return handed
        made = self.here(term("method", method.name, receiver.term, *parts))
        parsed = self.parser_method(receiver, method.name, made, arguments)
        if parsed is not None:
            return parsed
        if not isinstance(meaning, Constant):
            # Methods of texts and numbers call nothing.
            made = self.let_go(made)
        if method.name == "pop" and not arguments.values:
            made = in_some_order(made, receiver.term)
        if method.name == "join":
            made = in_some_order(made, *(value.term for value in arguments.values))
        if method.name in self.methods:
            made = made.because(f"{method.name} is a step, and a method")
        why = library.unrepeatable(method.name, method=True)
        if why is not None and not isinstance(meaning, InstanceOf):
            made = made.because(f"{method.name}() {why}")
        if isinstance(meaning, InstanceOf | ClassRef):
            return self._call_own_method(receiver, method.name, made, arguments)
        harmless = given is not None and library.is_harmless(given)
        cells = receiver.cells
        if not harmless:
            cells = cells.union(*(value.cells for value in arguments.values))
            self._change_by_method(receiver, method.name, made, arguments)
        elif not library.is_pure_method(method.name):
            self.mutate(receiver, made)
        result = made.means(LibraryValue(given)) if given is not None else made
        return Value(result, cells)

    def _reference(self, node: ast.Call, method: BoundMethod, arguments: Arguments) -> Value | None:
        """``step.call_and_shelve(…)``, and what is done to the reference that it gives."""
        meaning = method.receiver.term.meaning
        if isinstance(meaning, StepRef) and method.name == "call_and_shelve":
            if meaning.declaration.kind != "memoized":
                return None
            start = len(self.sites)
            result = self._call_step(node, meaning, arguments)
            return reference(result, range(start, len(self.sites)))
        if isinstance(meaning, Reference) and method.name == "get" and not arguments.values:
            return meaning.result
        if isinstance(meaning, Reference) and method.name == "clear":
            for site in meaning.sites:
                self.sites[site].unfollowed.add(CLEARED)
        return None

    def _change_by_method(
        self, receiver: Value, name: str, made: Term, arguments: Arguments
    ) -> None:
        if name in ("append", "add", "insert", "extend", "update", "setdefault", "put"):
            self.mutate(receiver, made)
            for value in arguments.values:
                for outer in receiver.cells:
                    for inner in value.cells:
                        self.state.hold(outer, inner)
            return
        if name == "shuffle":
            for value in arguments.values:
                self.mutate(value, made)
        if not library.is_pure_method(name) or "inplace" in arguments.keywords:
            # An object that keeps its arguments may change them later.
            for value in arguments.values:
                for cell in value.cells:
                    for own in receiver.cells:
                        self.state.join(own, cell)
            self.mutate(receiver, made)

    def _call_own_method(
        self, receiver: Value, name: str, made: Term, arguments: Arguments
    ) -> Value:
        """Take a method of a project's class as it is: it may change all that it can reach."""
        meaning = receiver.term.meaning
        cls = meaning.cls if isinstance(meaning, InstanceOf) else meaning
        fingerprint = self.class_code(cls)
        doubts = [*fingerprint.unfollowed]
        made = self._circumstances(f"{cls.qualname}.{name}", fingerprint, made)
        made = made.at(*self.lines_of(fingerprint))
        made = made.because(*doubts) if doubts else made
        for value in (receiver, *arguments.values):
            self.mutate(value, made)
        return Value(made, receiver.cells.union(*(value.cells for value in arguments.values)))


def _is_fixed(value: Term) -> bool:
    """Tell whether a value is known to be one that nothing can change."""
    known = value.meaning
    return isinstance(known, Constant) and isinstance(
        known.value, str | bytes | int | float | complex | None
    )


def library_of(value: Term) -> str | None:
    """Give the library name that a value came from, through its attributes."""
    meaning = value.meaning
    for _ in range(20):
        if isinstance(meaning, LibraryValue | LibraryRef):
            return meaning.name
        if not isinstance(meaning, BoundMethod):
            return None
        meaning = meaning.receiver.term.meaning
    return None


def _spread_out(value: Value) -> dict[str, Value] | None:
    """Give the arguments behind ``**`` where they are known one by one."""
    meaning = value.term.meaning
    if isinstance(meaning, Table) and all(isinstance(key, str) for key in meaning.keys):
        return dict(zip(meaning.keys, meaning.items, strict=True))
    known = meaning.value if isinstance(meaning, Constant) else None
    if isinstance(known, dict) and all(isinstance(key, str) for key in known):
        origin = value.term.origin
        return {key: Value(constant(item).at(*origin), value.cells) for key, item in known.items()}
    return None


def _gives_words(arguments: Arguments) -> bool:
    """Tell whether a parser is given the words to parse; ``None`` stands for the script's own."""
    given = [*arguments.positional[:1], *(v for k, v in arguments.keywords.items() if k == "args")]
    meaning = given[0].term.meaning if given and not arguments.spread else None
    known = isinstance(meaning, Constant) and meaning.value is not None
    return known or isinstance(meaning, Parts)


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 80 else text[:77] + "..."
