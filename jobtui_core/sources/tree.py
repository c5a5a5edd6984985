"""Modules of a project by file and by import name, parsed once per content."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from jobtui_core.errors import ScriptError
from jobtui_core.regular import read_regular
from jobtui_core.root import is_library, relative_name
from jobtui_core.sources.reading import reading

__all__ = ["Binding", "SourceModule", "SourceTree", "parse", "read_source"]


@dataclass(frozen=True, slots=True)
class Binding:
    """One statement at the top level of a module that binds a name.

    ``statement`` may lie inside ``if``, ``try``, ``with`` or a loop; ``nested`` says so.
    """

    name: str
    statement: ast.stmt
    nested: bool


class SourceModule:
    """One source file of the project.

    Attributes
    ----------
    name : str
        Dotted path of the file under the project root (``analysis.co2``), whether it is run or
        imported, so that a function has one identity; outside the root the import name.
    path : Path
        Absolute.
    file : str
        The path as records name it: relative to the root, with ``/``.
    text : str
    package : bool
        Whether it is an ``__init__.py``.
    """

    def __init__(
        self, name: str, path: Path, file: str, text: str, problem: ScriptError | None = None
    ) -> None:
        self.name = name
        self.path = path
        self.file = file
        self.text = text
        self._problem = problem
        self.package = path.name == "__init__.py"

    def __repr__(self) -> str:
        return f"SourceModule({self.name!r}, {self.file!r})"

    @cached_property
    def digest(self) -> str:
        """Digest of the text."""
        return hashlib.blake2b(self.text.encode("utf-8", "replace"), digest_size=16).hexdigest()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.  Shared: never change it.

        Raises
        ------
        ScriptError
            If the text could not be decoded or does not parse, with the place.
        """
        if self._problem is not None:
            raise self._problem
        try:
            return parse(self.text)
        except SyntaxError as error:
            text = (error.text or "").rstrip("\n")
            raise ScriptError(
                f"{self.file}: {error.msg}",
                path=self.file,
                line=error.lineno,
                column=error.offset,
                text=text,
            ) from error
        except (ValueError, RecursionError, MemoryError) as error:
            # Null bytes, or nesting beyond what the parser allows.
            raise ScriptError(
                f"{self.file}: cannot be parsed: {error}",
                path=self.file,
                line=None,
                column=None,
                text="",
            ) from error

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines, without newlines; line 1 is at index 0."""
        # Not splitlines(): a form feed or a separator in a text ends no line of Python's.
        return self.text.removesuffix("\n").split("\n")

    @cached_property
    def bindings(self) -> Mapping[str, tuple[Binding, ...]]:
        """Statements of the top level by the names that they bind, in order."""
        found: dict[str, list[Binding]] = {}
        for binding in _walk_bindings(self.tree.body, nested=False):
            found.setdefault(binding.name, []).append(binding)
        return {name: tuple(bindings) for name, bindings in found.items()}

    @cached_property
    def star_imports(self) -> tuple[ast.ImportFrom, ...]:
        """``from x import *`` statements of the top level."""
        return tuple(
            binding.statement
            for binding in self.bindings.get("*", ())
            if isinstance(binding.statement, ast.ImportFrom)
        )


def parse(text: str) -> ast.Module:
    """Parse a text; the tree is shared: never change it."""
    # One tree for all who ask, also for those who ask at once: much is kept by node.
    with reading:
        return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text, type_comments=False)


def _walk_bindings(body: Iterable[ast.stmt], *, nested: bool) -> Iterator[Binding]:
    for statement in body:
        for name in _bound_names(statement):
            yield Binding(name, statement, nested)
        for inner in _blocks(statement):
            yield from _walk_bindings(inner, nested=True)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for field in ("body", "orelse", "finalbody"):
        block = getattr(statement, field, None)
        if block:
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement binds itself, its inner blocks left out."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
        return
    if isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name
        return
    inner = {id(node) for block in _blocks(statement) for node in block}
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        if isinstance(node, ast.Lambda):
            continue
        # A comprehension's own names are its own, but a walrus inside it binds outside.
        if isinstance(node, ast.comprehension):
            stack.append(node.iter)
            stack.extend(node.ifs)
            continue
        stack.extend(child for child in ast.iter_child_nodes(node) if id(child) not in inner)


class SourceTree:
    """The sources of a project, as loaded by a process or as they lie on disk.

    Parameters
    ----------
    root : Path
        The project root, absolute.
    search_path : sequence of Path
        Folders in which imports are looked up, first match first: the script's own folder, then
        whatever else is on the path.
    loaded : mapping of Path to str, optional
        Text that a process has loaded, which wins over what lies on disk.
    earlier : SourceTree, optional
        A snapshot of the same files before an edit.  Its modules are taken over where their text
        is the same, and ``kept`` says which of them cannot have been touched by the edit.

    Notes
    -----
    A tree is a snapshot: a file is read at most once.  Make a new one to see later edits; parsed
    sources are shared between trees by content.
    """

    def __init__(
        self,
        root: Path,
        search_path: Sequence[Path],
        *,
        loaded: Mapping[Path, str] | None = None,
        earlier: SourceTree | None = None,
    ) -> None:
        self.root = root
        self.search_path = tuple(dict.fromkeys(search_path))
        self.loaded = loaded or {}
        self.consulted: dict[Path, str] = {}
        """Data files whose content an analysis went into, with their digests."""
        self.missed: set[Path] = set()
        """Where modules were looked for and none was: one that appears there may be another's."""
        self._by_path: dict[Path, SourceModule] = {}
        self._by_name: dict[tuple[str, str], SourceModule | None] = {}
        self._leads: dict[SourceModule | None, set[SourceModule]] = {}
        """Modules that were found for the imports of a module; of nobody in particular."""
        self.earlier = earlier
        self.kept: frozenset[SourceModule] = frozenset()
        """Modules of the earlier tree that neither changed nor lead to one that did."""
        if earlier is not None:
            self._take_over(earlier)

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that were read so far."""
        return tuple(self._by_path)

    @property
    def leads(self) -> Mapping[SourceModule | None, AbstractSet[SourceModule]]:
        """Modules that were found for the imports of a module; of nobody in particular."""
        return self._leads

    def restore(
        self,
        modules: Iterable[SourceModule],
        leads: Mapping[SourceModule | None, AbstractSet[SourceModule]],
    ) -> None:
        """Make this tree one that was read before, by another process: for a later one to follow.

        Parameters
        ----------
        modules : iterable of SourceModule
            All that it had read.
        leads : mapping
            As its `leads` were.
        """
        self._by_path = {module.path: module for module in modules}
        self._leads = {leader: set(found) for leader, found in leads.items()}

    def put(self, module: SourceModule) -> None:
        """Let a module of the earlier tree be the one in its file, whatever it holds by now.

        What it led to, it goes on to lead to.
        """
        assert self.earlier is not None
        self._by_path[module.path] = module
        self._leads[module] = set(self.earlier._leads.get(module, ()))

    def forget_unreached(self, script: SourceModule) -> None:
        """Forget modules taken over from the earlier tree that nothing leads to any more."""
        reached: set[SourceModule] = set()
        pending = [script, *self._leads.get(None, ())]
        while pending:
            module = pending.pop()
            if module not in reached:
                reached.add(module)
                pending += self._leads.get(module, ())
        self._by_path = {path: one for path, one in self._by_path.items() if one in reached}
        self._leads = {
            one: led for one, led in self._leads.items() if one is None or one in reached
        }

    def _take_over(self, earlier: SourceTree) -> None:
        """Take the modules of an earlier tree that are as they were."""
        gone: set[SourceModule] = set()
        for path, module in list(earlier._by_path.items()):
            try:
                text = self._text(path)
            except ScriptError:
                text = None
            if text == module.text:
                self._by_path[path] = module
            else:
                gone.add(module)
        led_by: dict[SourceModule, list[SourceModule | None]] = {}
        leads = {leader: set(found) for leader, found in list(earlier._leads.items())}
        for leader, found in leads.items():
            for module in found:
                led_by.setdefault(module, []).append(leader)
        touched: set[SourceModule | None] = set(gone)
        pending: list[SourceModule | None] = list(gone)
        while pending:
            current = pending.pop()
            leaders = led_by.get(current, ()) if current is not None else self._by_path.values()
            fresh = [leader for leader in leaders if leader not in touched]
            touched.update(fresh)
            pending += fresh
        self.missed = set(earlier.missed)
        self.kept = frozenset(m for m in self._by_path.values() if m not in touched)
        self._leads = {m: f for m, f in leads.items() if m not in touched}

    def _text(self, path: Path) -> str:
        text = self.loaded.get(path)
        return read_source(path, relative_name(path, self.root)) if text is None else text

    def named(self, name: str) -> SourceModule | None:
        """Give a module that was read before by its dotted name."""
        return next((item for item in list(self._by_path.values()) if item.name == name), None)

    def module_at(self, path: Path) -> SourceModule:
        """Give the module in a file.

        Raises
        ------
        ScriptError
            If the file cannot be read or decoded.  Syntax errors come later, from ``.tree``.
        """
        path = path.absolute()
        module = self._by_path.get(path)
        if module is None:
            module = self._keep(path, self._text(path))
        return module

    def _keep(self, path: Path, text: str, problem: ScriptError | None = None) -> SourceModule:
        file = relative_name(path, self.root)
        module = SourceModule(self._name_of(path), path, file, text, problem)
        # Another thread may have been first: one file is one module.
        return self._by_path.setdefault(path, module)

    def _name_of(self, path: Path) -> str:
        bases = (self.root, *self.search_path)
        if "site-packages" in path.parts:
            # A package that is followed has its import name, wherever the environment lies.
            bases = tuple(base for base in self.search_path if base.name == "site-packages")
        for base in bases:
            try:
                parts = list(path.relative_to(base).with_suffix("").parts)
            except ValueError:
                continue
            if parts[-1] == "__init__" and len(parts) > 1:
                parts.pop()
            return ".".join(parts)
        return path.stem

    def find(
        self, name: str, *, importer: SourceModule | None = None, level: int = 0
    ) -> SourceModule | None:
        """Find the project module that an import means.

        Parameters
        ----------
        name : str
            As written: ``pkg.mod``, or the part behind the dots of a relative import.
        importer : SourceModule, optional
            The module with the import statement; required when ``level`` is not 0.
        level : int
            Number of leading dots.

        Returns
        -------
        SourceModule or None
            ``None`` for everything that is not code of the project.
        """
        found = self._found(name, importer, level)
        if found is not None:
            self._leads.setdefault(importer, set()).add(found)
        return found

    def _found(self, name: str, importer: SourceModule | None, level: int) -> SourceModule | None:
        if level:
            if importer is None:
                return None
            base = importer.path.parent
            for _ in range(level - 1):
                base = base.parent
            return self._in_folder(base, name)
        own = str(importer.path.parent) if importer is not None else ""
        cached = self._by_name.get((own, name), False)
        if cached is not False:
            return cached  # type: ignore[return-value]  # False is the only other value
        found = None
        # The script's folder comes first on sys.path; a module run from its own folder sees its
        # neighbours, so an importer's folder is tried last.
        for base in (*self.search_path, *((importer.path.parent,) if importer else ())):
            found = self._in_folder(base, name)
            if found is not None:
                break
        self._by_name[own, name] = found
        return found

    def _in_folder(self, base: Path, name: str) -> SourceModule | None:
        stem = base.joinpath(*name.split(".")) if name else base
        for path in (stem.with_name(stem.name + ".py") if name else None, stem / "__init__.py"):
            if path is None:
                continue
            if not (path in self.loaded or path.is_file()):
                self.missed.add(path)
                continue
            if is_library(path):
                continue
            try:
                return self.module_at(path)
            except ScriptError as error:
                # It would be this one that is imported, and that is what fails.
                return self._keep(path.absolute(), "", error)
        return None


def read_source(path: Path, file: str) -> str:
    """Read a source file as Python would: its coding line and newlines respected.

    Raises
    ------
    ScriptError
        If it cannot be read or decoded.
    """
    try:
        data = read_regular(path)
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        return text.replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, SyntaxError, UnicodeDecodeError, LookupError) as error:
        words = (error.strerror if isinstance(error, OSError) else None) or str(error)
        line = None
        if isinstance(error, UnicodeDecodeError):
            line = error.object.count(b"\n", 0, error.start) + 1
        raise ScriptError(f"{file}: {words}", path=file, line=line, column=None, text="") from error
