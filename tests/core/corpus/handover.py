"""Two scripts that hand files over, a configuration, and files that a script writes itself."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, delete, edit, run, touch, undo, write

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="handover",
    alarms={"scratch": "the script writes the file itself before the step reads it"},
    scripts=("first.py", "second.py"),
    files={
        "first.py": """
import json
from pathlib import Path

from noting import note
from jobtui_core import JsonFile, PickleFile, make

with open("config.json") as file:
    config = json.load(file)
NAMES = Path("names.txt").read_text().split()


@make(inputs="raw.txt", output=JsonFile("results/clean.json"))
def clean(limit):
    note("clean")
    with open("raw.txt") as file:
        return [int(line) for line in file if int(line) < limit]


@make(output=(JsonFile("results/low.json"), PickleFile("results/high.pkl")))
def split(values, at):
    note("split")
    return [v for v in values if v < at], [v for v in values if v >= at]


@make
def title(name):
    note("title")
    return name.title() + config["suffix"]


@make
def notes():
    note("notes")
    with open("notes.txt") as file:
        return file.read()


values = clean(config["limit"])
low, high = split(values, config["at"])
print([title(name) for name in NAMES])
print(notes())
print(low, high)
""",
        "second.py": """
import json
from noting import note
from jobtui_core import JsonFile, make


@make(inputs="results/low.json", output=JsonFile("results/sum.json"))
def total(factor=1):
    note("total")
    with open("results/low.json") as file:
        return sum(json.load(file)) * factor


@make(inputs=["{path}"])
def count(path):
    note("count")
    with open(path) as file:
        return len(file.read())


@make(inputs=["scratch.txt"])
def scratch():
    note("scratch")
    with open("scratch.txt") as file:
        return file.read().upper()


@make
def follow(path):
    note("follow")
    with open(path) as file:
        return len(json.load(file))


found = total()
print(found)
print(count("results/sum.json"))
print(follow("results/clean.json"))
with open("scratch.txt", "w") as file:
    file.write("text")
print(scratch())
""",
        "config.json": '{"limit": 9, "at": 4, "suffix": "!"}',
        "names.txt": "ada bob\n",
        "raw.txt": "1\n2\n3\n4\n5\n12\n",
        "notes.txt": "fine",
    },
)

A, B = "first.py", "second.py"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("raw file", [write("raw.txt", "1\n2\n4\n")], "clean split total count follow"),
    Case("raw file to an equal result", [write("raw.txt", "1\n2\n3\n4\n5\n15\n")], "clean"),
    Case("raw file to an equal part", [write("raw.txt", "1\n2\n3\n5\n5\n12\n")],
         "clean split follow"),
    Case("limit in the configuration", [write("config.json", '{"limit": 5, "at": 4, "suffix": '
         '"!"}')], "clean split title follow",),
    Case("configuration spelled otherwise", [write("config.json", '{"at": 4, "limit": 9, '
         '"suffix": "!"}')], "", alarms={"clean": "file", "split": "file", "title": "file"}),
    Case("suffix in the configuration", [write("config.json", '{"limit": 9, "at": 4, "suffix": '
         '"?"}')], "title", alarms={"clean": "file", "split": "file"}),
    Case("names", [write("names.txt", "ada bob cid\n")], "title"),
    Case("names without one", [write("names.txt", "ada\n")], "", alarms={"title": "file"}),
    Case("undeclared file", [write("notes.txt", "finer")], "notes"),
    Case("undeclared file touched", [touch("notes.txt")]),
    Case("undeclared file undone", [write("notes.txt", "finer"), run(), undo("notes.txt")]),
    Case("split point", [edit(A, 'split(values, config["at"])', "split(values, 3)")],
         "split total count"),
    Case("step of the first script", [edit(A, "int(line) < limit]", "int(line) <= limit]")],
         "clean"),
    Case("step of the second script", [edit(B, "* factor", "* factor + 1")], "total count"),
    Case("step of the second script, to an equal result", [edit(B, "* factor", "* factor + 0")],
         "total"),
    Case("default of the second", [edit(B, "factor=1", "factor=2")], "total count"),
    Case("output deleted", [delete("results/low.json")], ""),
    Case("all outputs deleted", [delete("results/low.json"), delete("results/clean.json"),
         delete("results/high.pkl"), delete("results/sum.json")]),
    Case("outputs touched", [touch("results/low.json"), touch("results/sum.json")]),
    Case("second script alone", [], scripts=("second.py",)),
    Case("second script alone, edited", [edit(B, "* factor", "* factor + 1")], "total count",
         scripts=("second.py",)),
    Case("first ran, second did not", [write("raw.txt", "1\n2\n4\n"),
         run(scripts=["first.py"])], "total count follow"),
    Case("first ran and undone", [write("raw.txt", "1\n2\n4\n"), run(scripts=["first.py"]),
         undo("raw.txt")]),
    Case("comments in both", [edit(A, "values = clean", "# now\nvalues = clean"),
         edit(B, "found = total", "# now\nfound = total")]),
    Case("unused file", [write("spare.txt", "1")]),
    Case("file that is written", [edit(B, 'file.write("text")', 'file.write("texts")')],
         "scratch"),
    Case("file that is written, otherwise", [edit(B, 'file.write("text")',
         'file.write("te" + "xt")')]),
]
# fmt: on
