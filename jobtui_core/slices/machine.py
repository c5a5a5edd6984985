"""The machine that walks through a script: its state, its frames, and what it has met.

`Machine` holds what expressions, calls and statements share.  They are classes that build on one
another (`Expressions`, `Calls`, `Statements`), because each needs the others: a call evaluates
its arguments, and walks through the statements of the function that it calls.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jobtui_core.slices.ground import Ground
from jobtui_core.slices.meanings import Declaration, Value
from jobtui_core.slices.state import Place, State
from jobtui_core.slices.terms import Origin, Term, constant, term
from jobtui_core.sources import SourceModule, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobtui_core.slices.checkpoints import Checkpoints

__all__ = ["Frame", "Loop", "Machine", "Position", "ProtoSite", "Request"]

_BUDGET = 400_000
"""Statements and expressions walked through before the rest is given up as not followed."""


@dataclass(frozen=True, slots=True)
class Position:
    """A call as it is written: lines from 1, columns in UTF-8 bytes from 0, as ``ast`` counts."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Request:
    """What the script would be started with."""

    overrides: Mapping[str, Any]
    argv: Sequence[str]
    codes: Mapping[str, str] = field(default_factory=dict)
    """Digests that steps are taken to have in place of their own, by identity."""


@dataclass(slots=True)
class Frame:
    """One activation: a module's top level, or a function that is walked through."""

    id: int
    module: SourceModule
    qualname: str = ""
    scopes: tuple[int, ...] = ()
    """Frames in which free names are looked up, innermost first."""
    locals: frozenset[str] = frozenset()
    globals: set[str] = field(default_factory=set)
    returns: list[tuple[Term, Value, State]] = field(default_factory=list)
    statement: ast.stmt | None = None
    whole: ast.stmt | None = None
    """The statement of the frame's own level that is going on, loops and branches included."""
    blocks: int = 0
    """How many blocks of statements are open; 1 is the frame's own body."""
    yielded: Callable[[Value], None] | None = None
    """What to do with what it yields, where its consumer is walked through with it."""
    main: bool = False
    """Whether its statements are the script's own: its top level, or ``main()``."""


@dataclass(slots=True)
class Loop:
    """A loop that is being walked through."""

    turns: list[Term] = field(default_factory=list)
    """What decides how many turns there are."""
    given: list[Term] = field(default_factory=list)
    """What the turns of a comprehension give."""
    written: list[Place] = field(default_factory=list)
    depth: int = 0


@dataclass(slots=True, kw_only=True)
class ProtoSite:
    """A call site while the walk is still going on."""

    declaration: Declaration
    code: str
    arguments: dict[str, Term]
    ignored: dict[str, Term]
    texts: dict[str, str]
    values: dict[str, Term]
    unfollowed: set[str]
    path: Term
    chain: tuple[Position, ...]
    statement: Origin
    contexts: list[Term] = field(default_factory=list)
    loops: int = 0
    handed: bool = False
    """Whether workers make the calls."""
    origin: frozenset[Origin] = frozenset()

    @property
    def terms(self) -> list[Term]:
        """All terms that determine the call so far."""
        return [*self.values.values(), *self.arguments.values(), self.path, *self.contexts]


class Machine:
    """State and bookkeeping of one walk."""

    def __init__(self, tree: SourceTree, script: SourceModule, request: Request) -> None:
        self.tree = tree
        self.script = script
        self.request = request
        self.ground = Ground()
        self.checkpoints: Checkpoints | None = None
        """Where states of this walk are kept, if somebody wants to go on from there later."""
        self.logs: list[list[Place]] = []
        self.trails: list[list[Term]] = []
        self.state = State(self.note)
        self.frames: list[Frame] = []
        self.loops: list[Loop] = []
        self.chain: list[Position] = []
        self.sites: list[ProtoSite] = []
        self.declarations: dict[str, Declaration] = {}
        self.parameters: dict[str, Any] = {}
        self.parameter_defaults: dict[str, Any] = {}
        """Defaults of parameters that fold to a constant."""
        self.module_frames: dict[str, int] = {}
        self.problems: set[str] = set()
        self.silent: set[int] = set()
        """Statements that declare a parameter: an edit of them is told as the parameter's."""
        self.exits = 0
        """How many ways out of the script were met."""
        self.ended = False
        """Whether the expression just evaluated does not come back."""
        self.consumers: dict[int, ast.expr] = {}
        """Expressions that are consumed where they stand, by ``id``, and where calls show it."""
        self.tasks_of: ast.Call | None = None
        """The call that runs the tasks that are being made."""
        self.handing = 0
        """How many functions are being walked through that were handed to workers."""
        self.in_any_order: ast.expr | None = None
        """A generator whose order makes no difference to the function that it is given to."""
        self._cells = 0
        self._frames = 0
        self._budget = _BUDGET
        self._random = {name: self._random_cell(name) for name in ("random", "numpy.random")}

    def _random_cell(self, name: str) -> int:
        unseeded = term("random", name).because(f"{name} is used without a seed")
        return self.state.add(self.fresh_cell(), unseeded)

    # ------------------------------------------------------------------ bookkeeping

    @property
    def frame(self) -> Frame:
        """The frame that is being walked through."""
        return self.frames[-1]

    def fresh_cell(self) -> int:
        """Give the number of a new cell."""
        self._cells += 1
        return self._cells

    def fresh_frame(self) -> int:
        """Give the number of a new frame."""
        self._frames += 1
        return self._frames

    def note(self, place: Place) -> None:
        """Remember that a place was written, for the loops and blocks around."""
        for log in self.logs:
            log.append(place)

    def spend(self) -> bool:
        """Count one step of the walk; ``False`` when too much has been walked through."""
        self._budget -= 1
        if self._budget == 0:
            self.problems.add("the script is too long to be followed to its end")
        return self._budget > 0

    @contextmanager
    def logged(self) -> Iterator[list[Place]]:
        """Collect the places that are written meanwhile, in order, each once or more."""
        log: list[Place] = []
        self.logs.append(log)
        try:
            yield log
        finally:
            # By identity: two logs may be equal.
            self.logs = [item for item in self.logs if item is not log]

    @contextmanager
    def trailed(self) -> Iterator[list[Term]]:
        """Collect the terms of everything that is evaluated meanwhile."""
        trail: list[Term] = []
        self.trails.append(trail)
        try:
            yield trail
        finally:
            self.trails = [item for item in self.trails if item is not trail]

    def leave_trail(self, value: Term) -> None:
        """Add a term to the trails that are being collected."""
        for trail in self.trails:
            trail.append(value)

    # ------------------------------------------------------------------ places in the source

    def origin(self, node: ast.stmt | ast.expr) -> Origin:
        """Name the lines of a statement; of a compound one only its head."""
        last = node.end_lineno or node.lineno
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            last = max(node.lineno, body[0].lineno - 1)
        return (self.frame.module.file, node.lineno, last)

    def here(self, value: Term) -> Term:
        """Add the statement that is being walked through to a term's origins."""
        statement = self.frame.statement
        if statement is None or id(statement) in self.silent:
            return value
        return value.at(self.origin(statement))

    def position(self, node: ast.expr | ast.stmt) -> Position:
        """Name the place of a call."""
        return Position(
            self.frame.module.file,
            node.lineno,
            node.col_offset,
            node.end_lineno or node.lineno,
            node.end_col_offset or 0,
        )

    def script_statement(self) -> Origin:
        """Name the statement of the script's top level, or of ``main()``, that is going on."""
        frames = [frame for frame in self.frames if frame.main and frame.whole is not None]
        frame = frames[-1] if frames else self.frames[0]
        node = frame.whole
        if node is None:
            return (frame.module.file, 1, 1)
        return (frame.module.file, node.lineno, node.end_lineno or node.lineno)

    # ------------------------------------------------------------------ values and names

    def value(self, cell: int) -> Value:
        """Give what a cell holds."""
        return Value(self.state.terms[cell], frozenset((cell,)), cell)

    def read(self, frame: Frame, name: str) -> Value | None:
        """Look a name up as Python would; ``None`` where the project does not bind it."""
        if name in frame.locals and name not in frame.globals:
            cell = self.state.look_up(frame.id, name)
            return None if cell is None else self.value(cell)
        for scope in (frame.id, *frame.scopes):
            cell = self.state.look_up(scope, name)
            if cell is not None:
                return self.value(cell)
        return None

    def assign(self, name: str, value: Value) -> None:
        """Bind a name in the current frame to a new cell."""
        frame = self.frame
        target = frame.id
        if name in frame.globals:
            target = self.module_frames[frame.module.name]
        elif frame.qualname and name not in frame.locals:
            # ``nonlocal``: the nearest enclosing frame that has the name.
            holding = (item for item in frame.scopes if name in self.state.frames.get(item, {}))
            target = next(holding, frame.id)
        self.state.bind(
            target, name, self.cell_of(Value(self.here(value.term), value.cells, value.same))
        )

    def cell_of(self, value: Value) -> int:
        """Give the cell of an object, a new one unless it has one already."""
        if value.same is not None and value.same in self.state.terms:
            return value.same
        return self.state.add(self.fresh_cell(), value.term, value.cells)

    def mutate(self, value: Value, change: Term) -> None:
        """Change the object behind a value in place."""
        if value.cells:
            self.state.mutate(value.cells, self.here(change), value.term, value.same)

    def random_state(self, name: str) -> int:
        """Give the cell of a library's global random state."""
        return self._random[name]

    def argv_term(self) -> Term:
        """Give the term of ``sys.argv``; the script's own name counts as a constant."""
        return constant(["<script>", *self.request.argv])
