"""Pictures of results, and texts about arguments."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from jobtui_core.entry import clean, describe, describe_argument, preview
from jobtui_core.entry.describe import without_secrets
from jobtui_core.entry.previews import preview_from_json, preview_to_json
from tests.core.hashing.strategies import ARRAYS, values


def all_texts(shown: Any) -> list[str]:
    texts = [shown.text, shown.type, shown.dtype, *shown.columns]
    texts += [cell for row in shown.rows for cell in row]
    for label, item in shown.items:
        texts += [label, *all_texts(item)]
    return texts


@given(values | ARRAYS)
def test_any_value_has_a_bounded_printable_picture_that_survives_json(value: Any) -> None:
    shown = preview(value)
    assert all(text.isprintable() for text in all_texts(shown))
    data = json.dumps(preview_to_json(shown), allow_nan=False)
    assert len(data) < 100_000
    assert preview_from_json(json.loads(data)) == shown


class TestKinds:
    def test_none(self) -> None:
        assert preview(None).kind == "none"

    @pytest.mark.parametrize("value", [1, True, 2.5, 1j, np.float64(3)])
    def test_numbers_are_scalars(self, value: Any) -> None:
        shown = preview(value)
        assert (shown.kind, shown.text) == ("scalar", repr(value))

    def test_text_is_bounded(self) -> None:
        shown = preview("ab\n" * 10_000)
        assert shown.kind == "text"
        assert len(shown.text) <= 2000
        assert shown.text.startswith("'ab\\nab")

    def test_one_dimensional_array_is_a_line(self) -> None:
        shown = preview(np.array([1.0, np.nan, 3.0]))
        assert (shown.kind, shown.shape, shown.dtype) == ("array", (3,), "float64")
        assert (shown.minimum, shown.maximum, shown.mean, shown.missing) == (1.0, 3.0, 2.0, 1)
        assert shown.line == (1.0, None, 3.0)

    def test_long_line_keeps_its_ends(self) -> None:
        shown = preview(np.arange(100_000))
        assert len(shown.line) == 200
        assert (shown.line[0], shown.line[-1]) == (0.0, 99_999.0)

    def test_more_dimensions_are_a_histogram(self) -> None:
        shown = preview(np.arange(100.0).reshape(10, 10))
        assert sum(shown.histogram) == 100
        assert shown.line == ()

    def test_infinities_are_no_extremes(self) -> None:
        shown = preview(np.array([[-np.inf, 1.0], [2.0, np.inf]]))
        assert (shown.minimum, shown.maximum, shown.missing) == (1.0, 2.0, 0)

    @pytest.mark.parametrize(
        "value",
        [
            np.zeros((0, 3)),
            np.full(4, np.nan),
            np.array(["a", "b"]),
            np.array([b"\x1b", b"b"]),
            np.array([1, "a"], object),
            np.array([1, 2], "M8[s]"),
            np.array([1 + 2j]),
            np.zeros(2, [("a", "i4")]),
            np.array(5),
            np.array([True, False]),
            np.array([[True, False]]),
            np.array([65504], "f2").repeat(10),
            np.ma.MaskedArray([1.0, 2.0], [True, False]),
            np.ma.MaskedArray([1, 2], [True, True]),
            np.full((3, 3), 7),
            np.array([[-1.7e308, 1.7e308]]),
            np.array([2**63], "u8"),
            np.longdouble(1) * np.ones(3),
        ],
        ids=str,
    )
    def test_arrays_of_every_kind_have_a_picture(self, value: Any) -> None:
        shown = preview(value)
        assert (shown.kind, shown.shape) == ("array", value.shape)
        json.dumps(preview_to_json(shown), allow_nan=False)

    def test_masked_values_are_missing(self) -> None:
        shown = preview(np.ma.MaskedArray([1.0, 2.0, 9.0], [False, False, True]))
        assert (shown.minimum, shown.maximum, shown.missing) == (1.0, 2.0, 1)

    def test_figures_of_a_huge_array_say_that_they_are_sampled(self) -> None:
        shown = preview(np.zeros(100 << 20, np.uint8))
        assert "one value in 100" in shown.text
        assert shown.mean == 0

    def test_mapping_shows_its_first_items(self) -> None:
        shown = preview({i: [i] for i in range(100)})
        assert (shown.kind, shown.shape, len(shown.items)) == ("mapping", (100,), 20)
        label, item = shown.items[3]
        assert (label, item.kind, item.text) == ("3", "sequence", "[3]")

    def test_sequences_and_their_relatives(self) -> None:
        pair = namedtuple("pair", "a b")  # noqa: PYI024  # the untyped one has to work too
        for value in ([1, 2], (1, 2), {1, 2}, pair(1, 2)):
            shown = preview(value)
            assert (shown.kind, len(shown.items)) == ("sequence", 2)
        assert preview(OrderedDict(a=1)).kind == "mapping"

    def test_dataclass_shows_its_fields(self) -> None:
        shown = preview(Fit(1.5, "x"))
        assert shown.kind == "mapping"
        assert [label for label, _ in shown.items] == ["slope", "token"]

    def test_depth_is_bounded(self) -> None:
        deep: Any = 1
        for _ in range(5000):
            deep = [deep]
        ring: list[Any] = []
        ring.append(ring)
        for value in (deep, ring):
            assert len(json.dumps(preview_to_json(preview(value)))) < 10_000

    def test_foreign_object_is_shown_by_its_repr(self) -> None:
        assert preview(OSError("no")).kind == "opaque"
        assert preview(OSError("no")).text == "OSError('no')"


@dataclasses.dataclass
class Fit:
    slope: float
    token: str


class TestBadCitizens:
    def test_failing_repr_is_a_type_name(self) -> None:
        class Broken:
            def __repr__(self) -> str:
                raise RuntimeError("no")

        assert describe(Broken()).startswith("<")
        assert "Broken" in describe(Broken())
        assert preview(Broken()).kind == "opaque"
        assert "Broken" in describe({"a": [Broken()]})

    def test_failing_attributes_are_a_type_name(self) -> None:
        class Broken:
            @property
            def shape(self) -> Any:
                raise RuntimeError("no")

        assert preview(Broken()).kind == "opaque"

    def test_large_values_take_no_time(self) -> None:
        class Big(list[Any]):
            pass

        many = list(range(1_000_000))
        for value in (many, Big(many), "x" * 10**8, b"x" * 10**8, dict.fromkeys(many), 1 << 10**7):
            start = time.perf_counter()
            assert len(describe(value)) <= 200
            preview(value)
            assert time.perf_counter() - start < 1

    def test_control_characters_are_spelled_out(self) -> None:
        assert clean("a\x1b[1m\n\u202eb\x9b") == "a\\x1b[1m\\n\\u202eb\\x9b"
        assert clean("abcdef", 4) == "abc…"

    def test_names_of_types_and_fields_are_cleaned(self) -> None:
        strange = type("a\x1b[2J", (), {})
        assert all(text.isprintable() for text in all_texts(preview(strange())))
        shown = preview(np.zeros(2, [("a\x1b[2J", "i4")]))
        assert all(text.isprintable() for text in all_texts(shown))


class TestSecrets:
    @pytest.mark.parametrize(
        "name",
        ["password", "db_passwd", "API_KEY", "apiKey", "key", "secret", "access-key", "Token",
         "credentials", "github_token", "keys"],
    )  # fmt: skip
    def test_secret_argument_is_hidden(self, name: str) -> None:
        assert describe_argument(name, "hunter2") == "<hidden>"
        assert "hunter2" not in describe({name: "hunter2", "b": [{name: ["hunter2"]}]})
        assert not any("hunter2" in text for text in all_texts(preview({"a": {name: "hunter2"}})))

    @pytest.mark.parametrize("name", ["window", "keyword", "monkey", "path", "n"])
    def test_other_arguments_are_shown(self, name: str) -> None:
        assert describe_argument(name, "value") == "'value'"

    @pytest.mark.parametrize("value", [3, 2.5, True, None])
    def test_numbers_are_no_secrets(self, value: Any) -> None:
        assert describe_argument("max_tokens", value) == repr(value)

    def test_fields_of_a_dataclass_are_hidden(self) -> None:
        assert "hunter2" not in describe(Fit(1.0, "hunter2"))
        assert not any("hunter2" in text for text in all_texts(preview([Fit(1.0, "hunter2")])))

    def test_passwords_in_addresses_are_hidden(self) -> None:
        text = describe("postgres://me:hunter2@db/table")
        assert "hunter2" not in text
        assert "@db/table" in text


class TestDescriptions:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ([1, "a", None], "[1, 'a', None]"),
            ((1,), "(1,)"),
            ((), "()"),
            (set(), "set()"),
            ({"a": {"b": 1}}, "{'a': {'b': 1}}"),
            (frozenset({1}), "frozenset({1})"),
            (np.zeros((2, 3)), "ndarray float64 (2, 3)"),
            (np.float64(2), "np.float64(2.0)"),
            (np.zeros, "numpy.zeros"),
            (len, "builtins.len"),
            (list(range(30)), f"[{', '.join(map(str, range(20)))}, …]"),
            ("x" * 300, "'" + "x" * 198 + "…"),
        ],
    )
    def test_text(self, value: Any, text: str) -> None:
        assert describe(value) == text


class FakeFrame:
    """As much of a data frame as a preview looks at."""

    def __init__(self, columns: dict[str, list[Any]]) -> None:
        self.data = columns
        self.columns = list(columns)
        self.shape = (len(next(iter(columns.values()))), len(columns))

    def __getitem__(self, place: tuple[slice, slice]) -> FakeFrame:
        rows, columns = place
        return FakeFrame({name: self.data[name][rows] for name in self.columns[columns]})

    def rows(self) -> list[tuple[Any, ...]]:
        return list(zip(*self.data.values(), strict=True))


def test_frame_is_a_table() -> None:
    frame = type("DataFrame", (FakeFrame,), {"__module__": "polars.dataframe.frame"})
    shown = preview(frame({"name": ["a\n", "b"] * 50, "password": ["hunter2"] * 100}))
    assert (shown.kind, shown.shape) == ("table", (100, 2))
    assert shown.columns == ("name", "password")
    assert shown.rows[0] == ("a\\n", "<hidden>")
    assert len(shown.rows) == 20


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("password", "'hunter2'", "<hidden>"),
        ("token", "tokens[0]", "tokens[0]"),
        ("token_count", "3", "3"),
        ("config", "Config(password='hunter2', n=3)", "Config(password=<hidden>, n=3)"),
        ("config", "{'api_key': \"hunter2\"}", "{'api_key': <hidden>}"),
        ("config", "login(token=b'hunter2 and mo", "login(token=<hidden>"),
        ("url", "'https://me:hunter2@host/x'", "'https://…@host/x'"),
        ("name", "'passwords.txt'", "'passwords.txt'"),
    ],
)
def test_secrets_are_left_out_of_texts(name: str, text: str, shown: str) -> None:
    assert without_secrets(name, text) == shown


def test_a_repr_that_spells_a_secret_out_is_cut() -> None:
    class Login:
        def __repr__(self) -> str:
            return "Login(password='hunter2', user='me')"

    assert describe(Login()) == "Login(password=<hidden>, user='me')"
