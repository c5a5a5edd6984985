"""Two machines with one bucket on a real server, and what it costs to ask it."""

from __future__ import annotations

import pytest

from tests.core.sharing.conftest import HELPERS, SCRIPT, Machine, MakeMachine
from tests.servers.seaweed import READER, S3Server

pytestmark = pytest.mark.slow

FRESH = {"read": "fresh", "scaled": "fresh"}

MEMOIZED = """
from jobtui_core import Memory

BUCKET = "{url}"
memory = Memory(BUCKET, verbose=0)

@memory.cache
def square(number):
    print("computing", number)
    return number * number

for number in range(3):
    print(square(number))
"""


@pytest.fixture
def both(
    machine: MakeMachine, s3_url: str, s3_environment: dict[str, str]
) -> tuple[Machine, Machine]:
    machines = machine("ada", **s3_environment), machine("bob", **s3_environment)
    for one in machines:
        one.write("co2.py", SCRIPT)
        one.write("helpers.py", HELPERS)
        one.write("numbers.txt", "1 2 3")
        one.write("jobtui.toml", f'store = "{s3_url}"\n')
    return machines


def test_one_computes_and_the_other_sees_hits_and_accepts(both: tuple[Machine, Machine]) -> None:
    ada, bob = both
    assert "computing scaled" in ada.run("co2.py")
    seen = bob.status()
    assert {name: step["verdict"] for name, step in seen.items()} == FRESH
    assert seen["scaled"]["computed_by"][0]["user"] == "ada"
    # Looking wrote nothing.
    assert not (bob.root / ".jobtui").exists()
    assert bob.run("co2.py") == "the sum is 12\n"

    for one in both:
        one.edit("helpers.py", "number * factor", "factor * number")
    # What is shown, and accepted, is the difference from what the bucket keeps.
    assert "-    return number * factor\n" in bob.jobtui("accept", "scaled", "--yes")
    assert ada.verdicts() == FRESH
    assert ada.run("co2.py") == "the sum is 12\n"


def test_who_may_only_read_gets_hits_without_a_word(
    both: tuple[Machine, Machine], s3_server: S3Server
) -> None:
    ada, bob = both
    ada.run("co2.py")
    bob.environment.update(s3_server.environment(READER))
    assert bob.run("co2.py") == "the sum is 12\n"
    assert bob.verdicts() == FRESH
    # Nor does anything wait to be sent once that is allowed.
    assert not [path for path in bob.root.glob(".jobtui/spool/**/*") if path.is_file()]


def test_a_bucket_that_only_the_script_names_is_looked_into(
    machine: MakeMachine, s3_url: str, s3_environment: dict[str, str]
) -> None:
    ada, bob = machine("ada", **s3_environment), machine("bob", **s3_environment)
    for one in (ada, bob):
        one.write("squares.py", MEMOIZED.replace("{url}", s3_url))
    assert ada.run("squares.py").count("computing") == 3
    seen = bob.status()
    assert seen["square"]["verdict"] == "fresh"
    assert seen["square"]["computed_by"][0]["user"] == "ada"
