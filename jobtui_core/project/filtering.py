"""The language of filters: ``size:>10M age:<7d fn:fit alpha=0.1 -user:anna "two words"``.

All parts of a filter must hold.  A part is

- ``field:text`` for a field of texts, ``field:>10M`` for one of numbers (``<``, ``<=``, ``>``,
  ``>=``, ``=``, ``!=``; the colon may be left out before these);
- ``name=value`` for an argument, with the same comparisons: as numbers where both sides are
  numbers, else as texts, in which ``*`` stands for anything; ``.size=3`` is the argument ``size``
  where a field has that name too;
- a flag such as ``failed``, where whoever filters has some;
- any other word, which is looked for everywhere; in quotes, a flag is such a word too.

``-`` or ``!`` before a part turns it round.  Double quotes hold what has spaces in it; ``\\"`` and
``\\\\`` stand for a quote and a backslash within.

What the fields are, whoever filters says; nothing here knows of entries or runs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final, Generic, Literal, TypeVar

from jobtui_core.errors import FilterError
from jobtui_core.limits import seconds_of, size_of

__all__ = ["UNKNOWN", "Field", "Fields", "Filter", "Term", "parse_filter"]

T = TypeVar("T")

Kind = Literal["text", "texts", "prefix", "size", "span", "number", "since", "until"]
"""How a field is compared: texts by what is in them (or in any of several), keys by how they begin,
numbers of bytes (``10M``), of seconds (``7d``) or plain ones; moments by whether they come after or
before another, said as a span from now or as a date (``since:7d``, ``until:2026-11-22``)."""


class Unknown:
    """A value that is not known yet: what depends on it may hold or not."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

_LONGEST = 2000
"""Characters of a filter."""

_OPERATORS = ("<=", ">=", "!=", "==", "<", ">", "=", ":")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_EXAMPLES = {"size": ">10M", "span": "<7d", "number": ">3"}
_name_ends = re.compile(r"[\s:=<>]|!(?==)").search
_space = re.compile(r"\s").search
_is_wrapped = re.compile(r"(?:np|numpy)\.\w+\((.*)\)").fullmatch
_HIDDEN = "<hidden>"


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """Something that can be asked of each item."""

    name: str
    kind: Kind
    get: Callable[[T], Any]
    """Gives a text, several or a number by ``kind``; ``None`` where the item has none, or
    `UNKNOWN`."""
    help: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields(Generic[T]):
    """All that can be asked of each item."""

    fields: tuple[Field[T], ...]
    words: Callable[[T], tuple[Iterable[str], bool]]
    """The texts in which words are looked for, and whether there are no others."""
    arguments: Callable[[T], Mapping[str, str] | Unknown] | None = None
    """Texts of arguments by name; without it items have none."""
    flags: Mapping[str, Callable[[T], bool]] = field(default_factory=dict)
    """What a word by itself asks for."""

    def named(self, name: str) -> Field[T] | None:
        """Give the field of a name, in any case."""
        name = name.casefold()
        return next((one for one in self.fields if name in (one.name, *one.aliases)), None)


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a filter."""

    value: str
    name: str = ""
    """Of the field or the argument; empty for a word."""
    operator: str = ""
    """As written; ``:`` alone where nothing is compared."""
    argument: bool = False
    """Whether the name is that of an argument."""
    negated: bool = False
    exact: bool = False
    """Whether it is a word although there is a flag of that name."""
    position: int = field(default=0, compare=False)
    """Where it stands in the text."""

    def __str__(self) -> str:
        before = "-" if self.negated else ""
        if self.exact:
            return f'{before}"{self.value}"'
        if not self.name:
            return before + _quoted(self.value, word=True)
        if self.argument:
            return f"{before}.{self.name}{self.operator}{_quoted(self.value)}"
        colon = "" if self.operator == ":" else ":"
        return f"{before}{self.name}{colon}{self.operator}{_quoted(self.value)}"


@dataclass(frozen=True)
class Filter(Generic[T]):
    """A filter that was understood.

    ``str(filter)`` gives it in one spelling, from which an equal one is made.
    """

    terms: tuple[Term, ...]
    _tests: tuple[Callable[[T], bool | None], ...] = field(repr=False, compare=False, default=())

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def test(self, item: T) -> bool | None:
        """Tell whether all parts hold for an item.

        Returns
        -------
        bool or None
            ``None`` if that depends on what is not known yet.
        """
        found: bool | None = True
        for test in self._tests:
            one = test(item)
            if one is False:
                return False
            if one is None:
                found = None
        return found


def parse_filter(text: str, fields: Fields[T]) -> Filter[T]:
    """Understand a filter.

    Parameters
    ----------
    text : str
        As somebody typed it; without any part it holds for everything.
    fields : Fields
        What can be asked.

    Raises
    ------
    FilterError
        If it cannot be understood: one sentence, the text, and the ``position`` in it.
    """
    try:
        return _parsed(text, fields)
    except FilterError as error:
        raise FilterError(error.message, position=error.position, text=text) from None


def _parsed(text: str, fields: Fields[T]) -> Filter[T]:
    if len(text) > _LONGEST:
        raise FilterError(f"a filter has {_LONGEST} characters at most", position=_LONGEST)
    terms, tests = [], []
    for term in _Scanner(text, fields).terms():
        try:
            test = _test(term, fields)
        except ValueError as error:
            raise FilterError(str(error), position=term.position) from None
        terms.append(term)
        tests.append(_turned(test) if term.negated else test)
    return Filter(tuple(terms), tuple(tests))


# -- reading -------------------------------------------------------------------------------------


class _Scanner(Generic[T]):
    def __init__(self, text: str, fields: Fields[T]) -> None:
        self._text = text
        self._fields = fields
        self._at = 0

    def terms(self) -> Iterable[Term]:
        text = self._text
        while True:
            while self._at < len(text) and text[self._at].isspace():
                self._at += 1
            if self._at >= len(text):
                return
            start = self._at
            yield replace(self._term(), position=start)

    def _term(self) -> Term:
        text, start = self._text, self._at
        negated = text[start] in "-!" and start + 1 < len(text) and not text[start + 1].isspace()
        self._at += negated
        if text[self._at] == '"':
            value = self._quoted()
            return Term(value, negated=negated, exact=value in self._fields.flags)
        end = _name_ends(text, self._at)
        name = text[self._at : end.start() if end else len(text)]
        self._at += len(name)
        operator = self._operator(_OPERATORS)
        if not operator:
            return Term(name, negated=negated)
        if name in ("", "."):
            sentence = f"there is nothing to compare before {operator!r}"
            raise FilterError(sentence, position=start)
        known = None if name.startswith(".") else self._fields.named(name)
        if known is not None:
            if operator == ":":
                operator = self._operator(_OPERATORS[:-1]) or ":"
            return Term(self._value(name), known.name, operator, negated=negated)
        if operator == ":" or self._fields.arguments is None:
            raise FilterError(self._unknown(name), position=start)
        return Term(self._value(name), name.removeprefix("."), operator, True, negated)

    def _operator(self, choices: Sequence[str]) -> str:
        for one in choices:
            if self._text.startswith(one, self._at):
                self._at += len(one)
                return "=" if one == "==" else one
        return ""

    def _value(self, name: str) -> str:
        text = self._text
        if text.startswith('"', self._at):
            return self._quoted()
        end = _space(text, self._at)
        value = text[self._at : end.start() if end else len(text)]
        if not value:
            raise FilterError(f"{name!r} is compared with nothing", position=self._at)
        self._at += len(value)
        return value

    def _quoted(self) -> str:
        text, start = self._text, self._at
        found = []
        at = start + 1
        while at < len(text) and text[at] != '"':
            at += text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\")
            found.append(text[at])
            at += 1
        if at >= len(text):
            raise FilterError("a quote is not closed", position=start)
        self._at = at + 1
        if self._at < len(text) and not text[self._at].isspace():
            raise FilterError("there is no space behind a closing quote", position=self._at)
        return "".join(found)

    def _unknown(self, name: str) -> str:
        names = [one.name for one in self._fields.fields]
        near = get_close_matches(name.casefold(), names, n=1)
        hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(names)}"
        if self._fields.arguments is not None and not near:
            hint += f"; an argument is asked for by {name}="
        return f"there is no field {name!r}; {hint}"


def _quoted(value: str, *, word: bool = False) -> str:
    """Spell a value so that it is read back as it is."""
    plain = value and not _space(value, 0) and value[0] not in '"<>=!'
    if plain and word:
        plain = value[0] != "-" and _name_ends(value) is None
    if plain:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


# -- testing -------------------------------------------------------------------------------------


def _turned(test: Callable[[T], bool | None]) -> Callable[[T], bool | None]:
    def turned(item: T) -> bool | None:
        found = test(item)
        return None if found is None else not found

    return turned


def _test(term: Term, fields: Fields[T]) -> Callable[[T], bool | None]:
    if not term.name:
        flag = None if term.exact else fields.flags.get(term.value)
        return _word(term.value.casefold(), fields) if flag is None else flag
    if term.argument:
        return _argument(term, fields)
    known = fields.named(term.name)
    assert known is not None
    if known.kind in ("text", "texts", "prefix"):
        return _text(known, term)
    if known.kind in ("since", "until"):
        return _moment(known, term)
    return _number(known, term)


def _word(word: str, fields: Fields[T]) -> Callable[[T], bool | None]:
    def test(item: T) -> bool | None:
        texts, whole = fields.words(item)
        if any(word in text.casefold() for text in texts):
            return True
        return False if whole else None

    return test


def _text(known: Field[T], term: Term) -> Callable[[T], bool | None]:
    wanted, get, operator = term.value.casefold(), known.get, term.operator
    if operator not in (":", "=", "!="):
        raise ValueError(f"{known.name} is a text: it is asked for by {known.name}:{term.value}")
    begins = known.kind == "prefix"

    def test(item: T) -> bool | None:
        value = get(item)
        if value is UNKNOWN:
            return None
        several = value if known.kind == "texts" else (value,)
        texts = [str(one or "").casefold() for one in several]
        if operator == ":":
            return any(one.startswith(wanted) if begins else wanted in one for one in texts)
        return (wanted in texts) is (operator == "=")

    return test


def _moment(known: Field[T], term: Term) -> Callable[[T], bool | None]:
    get, name = known.get, known.name
    if term.operator != ":":
        raise ValueError(f"{name} is asked for by {name}:{term.value}")
    try:
        wanted = _point_in_time(term.value)
    except ValueError:
        raise ValueError(
            f"{term.value!r} is neither a span nor a date, unlike {name}:7d and {name}:2026-11-22"
        ) from None
    later = known.kind == "since"

    def test(item: T) -> bool | None:
        value = get(item)
        if value is UNKNOWN:
            return None
        return value is not None and (value >= wanted if later else value < wanted)

    return test


def _point_in_time(text: str) -> float:
    """Give seconds since the epoch for so long ago, or for a date with or without a time."""
    try:
        return time.time() - seconds_of(text)
    except ValueError:
        return datetime.fromisoformat(text).astimezone().timestamp()


def _number(known: Field[T], term: Term) -> Callable[[T], bool | None]:
    get, example = known.get, f"{known.name}:{_EXAMPLES[known.kind]}"
    if term.operator == ":":
        raise ValueError(f"{known.name} is compared, as in {example}")
    try:
        wanted = _amount(known.kind, term.value)
    except ValueError:
        raise ValueError(f"{term.value!r} cannot be compared, unlike {example}") from None
    compare = _COMPARE[term.operator]

    def test(item: T) -> bool | None:
        value = get(item)
        if value is UNKNOWN:
            return None
        return value is not None and compare(value, wanted)

    return test


def _amount(kind: Kind, text: str) -> float:
    if kind == "size":
        return size_of(text)
    return seconds_of(text) if kind == "span" else float(text)


def _argument(term: Term, fields: Fields[T]) -> Callable[[T], bool | None]:
    name, operator, ask = term.name, term.operator, fields.arguments
    assert ask is not None
    wanted, number = term.value, _as_number(term.value)
    pattern = None
    if "*" in wanted and operator in ("=", "!="):
        pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL).fullmatch
    compare = _COMPARE[operator]

    def test(item: T) -> bool | None:
        known = ask(item)
        if isinstance(known, Unknown):
            return None
        text = known.get(name)
        if text is None or text == _HIDDEN:
            # Not asked for by any comparison: what is not there does not differ either.
            return False
        bare = _bare(text)
        if pattern is not None:
            return bool(pattern(bare)) is (operator == "=")
        own = _as_number(text)
        if number is not None and own is not None:
            return compare(own, number)
        if operator in ("<", "<=", ">", ">=") and (number is None) is not (own is None):
            # A word is neither more nor less than a number.
            return False
        return compare(bare, wanted)

    return test


def _as_number(text: str) -> float | None:
    found = _is_wrapped(text)
    try:
        return float(found[1] if found else text)
    except ValueError:
        return None


def _bare(text: str) -> str:
    """Give a text about an argument without the quotes that a ``repr`` has."""
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    return text
