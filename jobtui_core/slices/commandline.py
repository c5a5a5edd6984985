"""Command lines: what ``argparse`` makes of the words, so that each option counts by itself.

A parser that is built of literals alone is built again here, and given the same words: nothing of
the project runs for that.  Whatever is not so simple depends on all of the words.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.callables import Callables
from jobtui_core.slices.meanings import LibraryRef, Parts, Settings, Value
from jobtui_core.slices.terms import Constant, Term, constant, term

__all__ = ["CommandLine"]

_TYPES: dict[str, Any] = {
    "builtins.int": int,
    "builtins.float": float,
    "builtins.str": str,
    "builtins.bool": bool,
}
_ACTIONS = frozenset(
    {"store", "store_const", "store_true", "store_false", "append", "append_const", "count"}
    | {"extend"}
)
_FOR_PEOPLE = frozenset({"description", "epilog", "prog", "usage", "formatter_class"})
_PARSER_SETTINGS = frozenset({"allow_abbrev", "argument_default", "add_help"})
_ARGUMENT_SETTINGS = frozenset({"nargs", "const", "default", "choices", "required", "dest"})
_MOST_WORDS = 1_000
_PLAIN = (int, float, str, bool, type(None))


class _CannotTellError(Exception):
    """The parser does something that is not to be done here."""


class _Parser(argparse.ArgumentParser):
    """Ends nobody's process, and prints nothing."""

    def error(self, message: str) -> NoReturn:
        raise _CannotTellError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _CannotTellError(message)

    def print_help(self, file: object = None) -> NoReturn:
        raise _CannotTellError

    print_usage = print_help


@dataclass(frozen=True, slots=True)
class _Open:
    """A default that is not known here, or text that only the script can convert."""

    default: Value


@dataclass(frozen=True, slots=True)
class _Argument:
    group: int
    words: tuple[str, ...]
    settings: dict[str, Any] = field(hash=False)
    kind: Value | None
    """What converts it, where that is not to be done here."""


@dataclass(frozen=True, slots=True)
class _ParserRef:
    """A parser, as far as it is built."""

    settings: dict[str, Any] = field(default_factory=dict, hash=False)
    arguments: tuple[_Argument, ...] = ()
    exclusive: tuple[tuple[bool, bool], ...] = ()
    """Of each group: whether it is exclusive, whether it is required."""
    defaults: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class _GroupRef:
    """A group of a parser's arguments."""

    parser: int
    """The parser's cell."""
    number: int


class CommandLine(Callables):
    """Builds parsers, and lets them parse."""

    def parser(self, arguments: Arguments) -> object | None:
        """Give the meaning of ``argparse.ArgumentParser(…)``."""
        if arguments.spread or arguments.positional:
            return None
        given = {n: v for n, v in arguments.keywords.items() if n not in _FOR_PEOPLE}
        try:
            return _ParserRef(_plain(given, _PARSER_SETTINGS))
        except _CannotTellError:
            return None

    def parser_method(
        self, receiver: Value, name: str, made: Term, arguments: Arguments
    ) -> Value | None:
        """A method of a parser, or of a group of its arguments."""
        meaning = receiver.term.meaning
        if not isinstance(meaning, _ParserRef | _GroupRef) or receiver.same is None:
            return None
        cell = receiver.same if isinstance(meaning, _ParserRef) else meaning.parser
        known = self.state.terms[cell]
        if not isinstance(known.meaning, _ParserRef):
            return None
        number = meaning.number if isinstance(meaning, _GroupRef) else -1
        try:
            if name in ("parse_args", "parse_known_args"):
                return self._parsed(known.meaning, name, made, arguments)
            changed, group = _changed(known.meaning, number, name, arguments)
        except _CannotTellError:
            return None
        self.mutate(self.value(cell), made)
        self.state.set(cell, self.state.terms[cell].means(changed))
        return Value(made.means(_GroupRef(cell, group) if group >= 0 else None))

    def _parsed(
        self, parser: _ParserRef, name: str, made: Term, arguments: Arguments
    ) -> Value | None:
        values = arguments.values
        given = values[0].term.meaning if values else Constant(None)
        if len(values) > 1 or arguments.spread or not isinstance(given, Constant):
            return None
        words = self.request.argv if given.value is None else given.value
        if not isinstance(words, Sequence) or not all(isinstance(word, str) for word in words):
            return None
        found, rest = _parse(parser, list(words))
        if rest and name == "parse_args":
            return None
        kinds: dict[str, Value | None] = {}
        for argument in parser.arguments:
            name_of = _name(argument)
            if argument.kind is not None and name_of in kinds:
                return None
            kinds[name_of] = argument.kind
        settings = {
            key: self._setting(key, value, kinds.get(key), made) for key, value in found.items()
        }
        namespace = Value(made.means(Settings(settings)))
        if name == "parse_args":
            return namespace
        both = Parts((namespace, Value(constant(rest).at(*made.origin))))
        return Value(made.means(both))

    def _setting(self, name: str, value: Any, kind: Value | None, made: Term) -> Value:
        if isinstance(value, _Open):
            found = value.default.term
        elif _is_plain(value):
            found = constant(value)
        else:
            found = term("attribute", name, made)
        if kind is not None and value is not None:
            known = kind.term.meaning
            if not isinstance(known, LibraryRef) or not _converts(known) or _is_many(value):
                return Value(term("attribute", name, made))
            found = term("converted", known.name, found)
        return Value(found.at(*made.origin))


def _converts(meaning: LibraryRef) -> bool:
    """Tell whether a converter looks at nothing but the word: unlike ``argparse.FileType``."""
    return meaning.name.startswith(("pathlib.", "decimal.", "fractions."))


def _is_many(value: Any) -> bool:
    # Words that were given are converted, a list as default is not.
    return isinstance(value, list | tuple)


def _name(argument: _Argument) -> str:
    """Give the attribute that an argument is found under, as ``argparse`` makes it."""
    given = argument.settings.get("dest")
    if isinstance(given, str):
        return given
    long = [word for word in argument.words if word.startswith("--")]
    first = long[0] if long else argument.words[0]
    return first.lstrip("-").replace("-", "_") if first.startswith("-") else first


def _plain(given: dict[str, Value], allowed: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        meaning = value.term.meaning
        if name not in allowed or not isinstance(meaning, Constant):
            raise _CannotTellError(name)
        found[name] = meaning.value
    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(item, _PLAIN) for item in value)
    return isinstance(value, _PLAIN)


def _changed(
    parser: _ParserRef, group: int, name: str, arguments: Arguments
) -> tuple[_ParserRef, int]:
    """Give a parser with one call more, and the group that the call gives."""
    if arguments.spread:
        raise _CannotTellError(name)
    if name == "add_argument":
        added = (*parser.arguments, _argument(group, arguments))
        return _ParserRef(parser.settings, added, parser.exclusive, parser.defaults), -1
    if name in ("add_argument_group", "add_mutually_exclusive_group") and group < 0:
        exclusive = name == "add_mutually_exclusive_group"
        given = _plain(arguments.keywords, frozenset({"required", "title", "description"}))
        kind = (exclusive, bool(given.get("required", False)))
        groups = (*parser.exclusive, kind)
        changed = _ParserRef(parser.settings, parser.arguments, groups, parser.defaults)
        return changed, len(groups) - 1
    if name == "set_defaults" and not arguments.positional:
        defaults = {key: _default(value) for key, value in arguments.keywords.items()}
        merged = {**parser.defaults, **defaults}
        return _ParserRef(parser.settings, parser.arguments, parser.exclusive, merged), -1
    raise _CannotTellError(name)


def _argument(group: int, arguments: Arguments) -> _Argument:
    words = [value.term.meaning for value in arguments.positional]
    names = tuple(word.value for word in words if isinstance(word, Constant))
    if len(names) != len(words) or not all(isinstance(name, str) and name for name in names):
        raise _CannotTellError
    given = {n: v for n, v in arguments.keywords.items() if n not in ("help", "metavar")}
    action, kind = given.pop("action", None), given.pop("type", None)
    default = given.pop("default", None)
    settings = _plain(given, _ARGUMENT_SETTINGS)
    if not isinstance(settings.get("nargs", "?"), str) and settings["nargs"] is not None:
        settings["nargs"] = _small(settings["nargs"])
    if default is not None:
        settings["default"] = _default(default)
    if action is not None:
        settings["action"] = _action(action)
    if kind is None:
        return _Argument(group, names, settings, None)
    meaning = kind.term.meaning
    if isinstance(meaning, LibraryRef) and meaning.name in _TYPES:
        settings["type"] = _TYPES[meaning.name]
        return _Argument(group, names, settings, None)
    settings.pop("choices", None)
    if not names or not names[0].startswith("-"):
        raise _CannotTellError
    return _Argument(group, names, settings, kind)


def _default(value: Value) -> Any:
    meaning = value.term.meaning
    return meaning.value if isinstance(meaning, Constant) else _Open(value)


def _action(action: Value) -> Any:
    meaning = action.term.meaning
    if isinstance(meaning, LibraryRef) and meaning.name == "argparse.BooleanOptionalAction":
        return argparse.BooleanOptionalAction
    if isinstance(meaning, Constant) and meaning.value in _ACTIONS:
        return meaning.value
    raise _CannotTellError


def _small(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= _MOST_WORDS:
        raise _CannotTellError
    return value


def _parse(parser: _ParserRef, words: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Let ``argparse`` do it, with nothing but literals."""
    try:
        real = _Parser(prog="script", **parser.settings)
        groups: list[Any] = [
            real.add_mutually_exclusive_group(required=required)
            if exclusive
            else real.add_argument_group()
            for exclusive, required in parser.exclusive
        ]
        for argument in parser.arguments:
            owner = real if argument.group < 0 else groups[argument.group]
            owner.add_argument(*argument.words, **argument.settings)
        real.set_defaults(**parser.defaults)
        found, rest = real.parse_known_args(words)
    except (Exception, SystemExit) as error:
        # What the script will make of it, it will say itself.
        raise _CannotTellError(str(error)) from error
    return dict(vars(found)), rest
