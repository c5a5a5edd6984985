"""Parameters as they are typed, and from files: checked before anything runs."""

from __future__ import annotations

import pytest

from jobtui_core.errors import ConfigurationError, ParameterError, UnknownNameError
from jobtui_core.project.parameters import (
    overrides_for,
    parameters_from,
    parse_overrides,
    with_words,
)
from jobtui_core.records import Verdict

SCRIPT = """
    from datetime import date
    from pathlib import Path
    from jobtui_core import default_param, make
    from settings import level

    window = default_param("window", 52, help="weeks")
    spans = default_param("spans", [1.0])
    since = default_param("since", date(1990, 1, 1))
    where = default_param("where", Path("data"))
    ends = default_param("ends", (0, 1))

    @make
    def trend(window, since, where, ends):
        return window

    trend(window, since, where, ends)
    """
SETTINGS = """
    from jobtui_core import default_param

    level = default_param("level", "low", choices=["low", "high"])
    """
OTHER = """
    from jobtui_core import default_param, make

    window = default_param("window", 10)
    order = default_param("order", 1)

    @make
    def fit(window, order):
        return window

    fit(window, order)
    """


@pytest.fixture
def two(lab):
    lab.write("co2.py", SCRIPT)
    lab.write("settings.py", SETTINGS)
    lab.write("fit.py", OTHER)
    return lab


def values(lab, script, overrides):
    (found,) = (one for one in lab.status(**overrides).scripts if one.path == script)
    return {one.name: one.value for one in found.parameters}


def test_words_become_values_of_the_parameters_types(two):
    words = ["window=26", "spans=1,2", "since=2000-01-31", "where=a:b", "level=high", "ends=2,3"]
    assert parse_overrides(two.project, ["co2.py"], words) == {
        "window": 26,
        "spans": [1.0, 2.0],
        "since": "2000-01-31",
        "where": "a:b",
        "level": "high",
        "ends": [2, 3],
    }


@pytest.mark.parametrize(
    ("word", "said", "nearest"),
    [
        (
            "window=26.5",
            "co2.py, line 6: parameter 'window' must be a whole number, not '26.5'",
            "nearest is 26",
        ),
        (
            "level=hihg",
            "settings.py, line 3: parameter 'level' must be one of 'low', 'high', not 'hihg'",
            "did you mean 'high'?",
        ),
        (
            "since=2000-02-30",
            "co2.py, line 8: parameter 'since' must be a date such as 2026-01-31, not '2000-02-30'",
            "nearest is 2000-02-29",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_the_nearest(two, word, said, nearest):
    sentence = f"{said}; {nearest}"
    with pytest.raises(ParameterError) as typed:
        parse_overrides(two.project, ["co2.py"], [word])
    assert str(typed.value) == sentence
    name, _, text = word.partition("=")
    (two.root / "base.toml").write_text(f'{name} = "{text}"\n')
    with pytest.raises(ParameterError) as read:
        parameters_from(two.project, ["co2.py"], two.root / "base.toml")
    assert str(read.value) == sentence
    with pytest.raises(ParameterError) as asked:
        two.status("co2.py", **{name: text})
    assert str(asked.value) == sentence


def test_a_file_is_toml_or_json_with_dates_and_lists(two):
    (two.root / "base.toml").write_text(
        "window = 26\nsince = 2000-01-31\nspans = [1, 2.5]\nwhere = 'raw'\n"
    )
    (two.root / "base.json").write_text(
        '{"window": 26, "since": "2000-01-31", "spans": [1, 2.5], "where": "raw"}'
    )
    expected = {"window": 26, "since": "2000-01-31", "spans": [1.0, 2.5], "where": "raw"}
    for name in ("base.toml", "base.json"):
        assert parameters_from(two.project, ["co2.py"], two.root / name) == expected


def test_a_table_is_for_one_script_alone(two):
    (two.root / "base.toml").write_text("window = 26\n[fit]\nwindow = 5\norder = 2\n")
    found = parameters_from(two.project, None, two.root / "base.toml")
    assert overrides_for(found, "co2.py") == {"window": 26}
    assert overrides_for(found, "fit.py") == {"window": 5, "order": 2}
    assert values(two, "co2.py", found)["window"] == 26
    assert values(two, "fit.py", found) == {"window": 5, "order": 2}


def test_a_table_of_a_script_that_is_not_asked_for_is_left_alone(two):
    (two.root / "base.toml").write_text("window = 26\n[fit]\norder = 2\n")
    assert parameters_from(two.project, ["co2.py"], two.root / "base.toml") == {"window": 26}


def test_the_command_line_wins_over_the_file(two):
    found = with_words({"window": 26, "fit.py": {"window": 5, "order": 2}}, {"window": 13})
    assert overrides_for(found, "co2.py") == {"window": 13}
    assert overrides_for(found, "fit.py") == {"window": 13, "order": 2}


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("windo = 26", "There is no parameter 'windo'; did you mean 'window'?"),
        ("[fti]\nwindow = 26", "There is no script and no parameter 'fti'; did you mean 'fit.py'?"),
        ("[fit]\nordre = 2", "There is no parameter 'ordre'; did you mean 'order'?"),
    ],
)
def test_unknown_names_of_a_file_are_refused_with_the_nearest(two, text, nearest):
    (two.root / "base.toml").write_text(text)
    with pytest.raises(UnknownNameError) as caught:
        parameters_from(two.project, None, two.root / "base.toml")
    assert str(caught.value) == nearest


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "window = ", "is not TOML"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[1]", "holds no table of parameters, but a list"),
        ("a.toml", "é".encode("latin-1"), "is not TOML"),
    ],
)
def test_a_file_that_is_none_is_refused(two, name, text, said):
    (two.root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError, match=said):
        parameters_from(two.project, None, two.root / name)
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        parameters_from(two.project, None, two.root / "missing.toml")


def test_a_file_of_the_default_values_leaves_everything_fresh(two):
    two.run("co2.py")
    assert two.row("trend", "co2.py").verdict is Verdict.FRESH
    same = {"window": 52, "ends": [0, 1]}
    assert two.row("trend", "co2.py", **same).verdict is Verdict.FRESH
    assert two.row("trend", "co2.py", window=26).verdict is Verdict.STALE


def test_another_path_or_date_is_told_as_the_parameters_own(two):
    two.run("co2.py")
    assert two.row("trend", "co2.py", where="data", since="1990-01-01").verdict is Verdict.FRESH
    (reason,) = two.row("trend", "co2.py", where="raw").reasons
    assert reason.summary == "where: 'data' → 'raw'"
    two.edit("co2.py", 'Path("data")', 'Path("raw")')
    (edited,) = two.row("trend", "co2.py").reasons
    assert edited.summary == "where: 'data' → 'raw'"


def test_what_ran_with_an_overridden_path_or_date_is_fresh_with_it(two):
    given = {"where": "raw", "since": "2000-01-31"}
    two.run("co2.py", given)
    assert two.row("trend", "co2.py", **given).verdict is Verdict.FRESH
    other = two.row("trend", "co2.py", where="raw", since="2000-01-30")
    assert other.verdict is Verdict.STALE
    assert [reason.summary for reason in other.reasons] == ["since: '2000-01-31' → '2000-01-30'"]
