"""The language of filters: what it means, what it says of mistakes, and that it never breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobtui_core.errors import FilterError
from jobtui_core.project.catalogue.fields import FIELDS, entry_filter, select
from jobtui_core.project.catalogue.rows import Facts, Row
from jobtui_core.project.filtering import Term, parse_filter

NOW = 1_800_000_000.0
DAY = 86_400.0

ROW = Row("co2%3Afit/ab/abcdef.entry", "co2:fit", 20 << 20, NOW - 2 * DAY)
FACTS = Facts(
    arguments={"alpha": "0.1", "window": "52", "path": "'data/co2 new.csv'", "size": "3",
               "rate": "np.float64(0.5)", "token": "<hidden>"},
    started=NOW - 2 * DAY, duration=90.0, host="node7", user="anna", what="ndarray float64 3×4",
)  # fmt: skip


def found(text: str, facts: Facts | None = FACTS) -> str:
    sure, maybe = select([ROW], entry_filter(text), lambda row: facts, NOW)
    return "yes" if sure else "maybe" if maybe else "no"


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "size:>10M", "size>10M", "size:>=20M", "size:<1G", "age:<7d", "age:>1d",
        "age>=2d", "fn:fit", "fn:FIT", "FN:fit", "function:co2", "fn=co2:fit",
        "fn!=other", "key:abc", "took:>1m", "took:=90s", "user:anna", "user:ann", "host:node",
        "type:ndarray", "type:float64",
        "alpha=0.1", "alpha==0.10", "alpha=1e-1", "window>=20", "window>=52", "window<53",
        "window!=20", "rate=0.5", "rate>0.4", ".size=3", '.path="data/co2 new.csv"', "path=*new*",
        "path!=*old*", "-fn:predict", "!user:bert", "-alpha=0.2", "fit", "CO2", "abcd", '"co2:fit"',
        "-predict", "node7", "alpha=0.1 size:>10M age:<7d fn:fit", "window=52 -window=53", "3×4",
        '"path=\'data/co2 new"', "-token=secret", "-nothing=3",
    ],
)  # fmt: skip
def test_what_an_entry_is_found_by(text: str) -> None:
    assert found(text) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "size:>30M", "size<10M", "age:>7d", "age:<1d", "fn:predict", "-fn:fit", "fn=fit", "key:bcd",
        "took:>1h", "user:bert", "alpha=0.2", "alpha!=0.1", "window>52", "window>=abc", "alpha<x1",
        "nothing=3", "nothing!=3", "predict", "-fit", "fit predict", "path=old", "path>3",
        "token=*", "token!=x", "problem:checksum",
    ],
)  # fmt: skip
def test_what_it_is_not_found_by(text: str) -> None:
    assert found(text) == "no"


@pytest.mark.parametrize("text", ["alpha=0.1", "alpha=7", "user:anna", "anna", "-anna", "took:>1s"])
def test_what_was_not_read_yet_may_hold(text: str) -> None:
    assert found(text, None) == "maybe"
    assert found(f"size:>1G {text}", None) == "no"
    assert found(f"{text} size:>1G", None) == "no"


def test_what_a_listing_tells_needs_no_entry_to_be_read() -> None:
    assert found("size:>10M age:<7d fn:fit key:ab co2", None) == "yes"


@pytest.mark.parametrize(
    ("text", "said", "position"),
    [
        ("fit sice:>3", "there is no field 'sice'; did you mean size:?", 4),
        ("co2:fit", "an argument is asked for by co2=", 0),
        ("size:", "'size' is compared with nothing", 5),
        ("alpha= 3", "'alpha' is compared with nothing", 6),
        ("a size:10M", "size is compared, as in size:>10M", 2),
        ("age:<soon", "'soon' cannot be compared, unlike age:<7d", 0),
        ("size:>-3", "'-3' cannot be compared", 0),
        ('fit "open', "a quote is not closed", 4),
        ('"a"b', "there is no space behind a closing quote", 3),
        ("x >3", "there is nothing to compare before '>'", 2),
        (".=3", "there is nothing to compare before '='", 0),
        ("fn:<fit", "fn is a text: it is asked for by fn:fit", 0),
        ("x" * 3000, "a filter has 2000 characters at most", 2000),
    ],
)
def test_a_mistake_is_told_in_one_sentence_with_its_place(
    text: str, said: str, position: int
) -> None:
    with pytest.raises(FilterError) as caught:
        entry_filter(text)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.position == position


PIECES = st.sampled_from(
    ["size", "fn", "age", "key", "alpha", ":", "=", "<", ">", "!=", "!", "-", '"', "\\", " ", "\t",
     "10M", "7d", "1e999", "nan", "*", ".", "٣", "\x1b[31m", "\ud800", "\0", "<hidden>"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        wanted = entry_filter(text)
    except FilterError as error:
        refused = error
        wanted = None
    if wanted is None:
        assert 0 <= refused.position <= len(text)
        return
    for facts in (None, FACTS):
        select([ROW], wanted, lambda row, facts=facts: facts, NOW)
    assert entry_filter(str(wanted)) == wanted
    assert str(entry_filter(str(wanted))) == str(wanted)


NAMES = st.text(
    st.characters(exclude_characters=':=<>!"', exclude_categories=["Z", "C"]), min_size=1
)
TERMS = st.one_of(
    st.builds(Term, st.text(), negated=st.booleans()),
    st.builds(
        Term, st.text(), NAMES, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.just(True), st.booleans(),
    ),
    st.builds(
        Term, st.text(), st.sampled_from(["fn", "key", "user", "host", "type"]),
        st.sampled_from([":", "=", "!="]), st.just(False), st.booleans(),
    ),
)  # fmt: skip


@given(st.lists(TERMS, max_size=5))
def test_each_filter_has_a_spelling_that_means_it(terms: list[Term]) -> None:
    spelled = " ".join(map(str, terms))
    if len(spelled) <= 2000:
        assert parse_filter(spelled, FIELDS).terms == tuple(terms)
