"""Each option of a command line counts by itself, where a parser can be seen through."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from jobtui_core.slices import CallSite
from tests.core.slices.test_static_keys import look, only

HEAD = """
import argparse
from pathlib import Path
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--alpha", type=float, default=0.5, help="how much")
parser.add_argument("--beta", "-b", type=int, default=1)
"""


def site(tmp_path: Path, text: str, *argv: str) -> CallSite:
    return only(look(tmp_path, textwrap.dedent(text), argv=argv))


USES = {
    "attribute": "args = parser.parse_args()\nfit(1, args.alpha)",
    "at once": "fit(1, parser.parse_args().alpha)",
    "words given": "import sys\nargs = parser.parse_args(sys.argv[1:])\nfit(1, args.alpha)",
    "known ones": "args, rest = parser.parse_known_args()\nfit(1, args.alpha)",
    "variables": "args = parser.parse_args()\nfit(1, vars(args)['alpha'])",
    "getattr": "args = parser.parse_args()\nfit(1, getattr(args, 'alpha'))",
    "through a function": ("def main(args):\n    fit(1, args.alpha)\nmain(parser.parse_args())"),
    "parser in a function": (
        "def parse(words=None):\n    p = argparse.ArgumentParser()\n"
        "    p.add_argument('--alpha', type=float, default=0.5)\n"
        "    p.add_argument('--beta')\n    return p.parse_args(words)\n"
        "args = parse()\nfit(1, args.alpha)"
    ),
    "group": (
        "group = parser.add_argument_group('more')\ngroup.add_argument('--gamma')\n"
        "args = parser.parse_args()\nfit(1, args.alpha)"
    ),
    "flag": (
        "parser.add_argument('--fast', action='store_true')\nargs = parser.parse_args()\n"
        "if args.fast:\n    load('x')\nfit(1, args.alpha)"
    ),
    "computed default": (
        "parser.add_argument('--seed', default=load('x'))\nargs = parser.parse_args()\n"
        "fit(1, args.alpha)"
    ),
    "path": (
        "parser.add_argument('--out', type=Path, default=Path('out'))\n"
        "args = parser.parse_args()\nfit(1, args.alpha)"
    ),
    "another converter": (
        "parser.add_argument('--twice', type=lambda word: 2 * int(word))\n"
        "args = parser.parse_args()\nfit(1, args.alpha)"
    ),
}


@pytest.mark.parametrize("case", USES)
def test_an_option_counts_only_where_it_is_used(tmp_path: Path, case: str) -> None:
    text = HEAD + USES[case]
    plain = site(tmp_path, text)
    other = site(tmp_path, text, "--beta", "3")
    given = site(tmp_path, text, "--alpha", "0.5")
    changed = site(tmp_path, text, "--alpha", "0.6")
    assert plain.template == other.template == given.template
    assert plain.template != changed.template
    assert not plain.unfollowed


def test_the_value_in_effect_is_that_of_a_literal(tmp_path: Path) -> None:
    text = HEAD + "args = parser.parse_args()\nfit(1, args.alpha)"
    assert site(tmp_path, text, "--alpha=2").template == site(tmp_path, "fit(1, 2.0)").template


def test_the_default_in_effect_counts(tmp_path: Path) -> None:
    text = HEAD + "args = parser.parse_args()\nfit(1, args.alpha)"
    edited = text.replace("default=0.5", "default=0.4")
    assert site(tmp_path, text).template != site(tmp_path, edited).template
    told = ("--alpha", "3")
    assert site(tmp_path, text, *told).template == site(tmp_path, edited, *told).template


def test_a_computed_default_counts_unless_a_word_is_given(tmp_path: Path) -> None:
    text = HEAD + (
        "parser.add_argument('--seed', type=int, default=load({}))\n"
        "args = parser.parse_args()\nfit(1, args.seed)"
    )
    one, two = text.format("1"), text.format("2")
    assert site(tmp_path, one).holes
    told = ("--seed", "3")
    assert site(tmp_path, one, *told).template == site(tmp_path, two, *told).template
    assert not site(tmp_path, one, *told).holes


WHOLE = {
    "parser of a condition": "if load('x'):\n    parser.add_argument('--gamma')",
    "computed name": "parser.add_argument(load('x'))",
    "setting that was set": "args = parser.parse_args()\nargs.alpha = args.beta\nfit(args.alpha)",
    "words from a file": (
        "parser = argparse.ArgumentParser(fromfile_prefix_chars='@')\n"
        "parser.add_argument('--alpha')"
    ),
    "subcommands": "parser.add_subparsers().add_parser('x')",
    "own action": "parser.add_argument('--gamma', action=load('x'))",
    "converter of the project": (
        "def twice(word):\n    return 2 * float(word)\n"
        "parser.add_argument('--gamma', type=twice, default='1')\nfit(parser.parse_args().gamma)"
    ),
    "all of them": "fit(parser.parse_args())",
    "words that do not fit": "parser.add_argument('needed')",
}


@pytest.mark.parametrize("case", WHOLE)
def test_all_words_count_where_a_parser_is_not_simple(tmp_path: Path, case: str) -> None:
    text = HEAD + WHOLE[case]
    if "fit" not in text:
        text += "\nfit(parser.parse_args().alpha)"
    one, two = site(tmp_path, text), site(tmp_path, text, "--beta", "3")
    assert one.template != two.template


def test_a_condition_on_an_option_is_decided(tmp_path: Path) -> None:
    text = HEAD + (
        "parser.add_argument('--fast', action='store_true')\nargs = parser.parse_args()\n"
        "if args.fast:\n    load('x')\nelse:\n    fit(1)"
    )
    assert [one.name for one in look(tmp_path, text).sites] == ["fit"]
    assert [one.name for one in look(tmp_path, text, argv=["--fast"]).sites] == ["load"]
    assert site(tmp_path, text).template == site(tmp_path, "fit(1)").template


def test_asking_for_help_prints_nothing_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site(tmp_path, HEAD + "args = parser.parse_args()\nfit(1, args.alpha)", "--help")
    assert capsys.readouterr() == ("", "")


def test_settings_that_would_take_for_ever_are_left_alone(tmp_path: Path) -> None:
    text = HEAD + "parser.add_argument('--n', nargs=10**9)\nfit(parser.parse_args().alpha)"
    assert site(tmp_path, text).template != site(tmp_path, text, "--beta", "3").template
