"""A script with main(), argparse and parameters; a step in a helper module."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit, run, undo

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="mainfunction",
    argv=("--size", "3", "data"),
    files={
        "script.py": """
import argparse
import sys
from pathlib import Path

from noting import note
from jobtui_core import default_param, make
from stages import clean, pipeline

RATE = default_param("rate", 2, choices=[1, 2, 3])


@make
def build(size, rate):
    note("build")
    return [rate * value for value in range(size)]


@make
def tag(name):
    note("tag")
    return name.upper()


@make
def rated(value):
    note("rated")
    return value * RATE


def parse(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--size", type=int, default=2, help="how many")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse(argv)
    gain = default_param("gain", 1.5, help="of all")
    built = build(args.size, RATE)
    if args.verbose:
        print("built")
    print(tag(args.name))
    print(pipeline(built, gain))
    print(rated(built[-1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
""",
        "stages.py": """
from noting import note
from jobtui_core import make

LOW = 0


@make
def clean(values):
    note("clean")
    return [value for value in values if value >= LOW]


@make
def amplify(values, gain):
    note("amplify")
    return [gain * value for value in values]


def pipeline(values, gain):
    kept = clean(values)
    if not kept:
        return []
    return amplify(kept, gain)
""",
    },
)

S, G = "script.py", "stages.py"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("word", [], "build clean amplify rated", argv=("--size", "5", "data")),
    Case("another name", [], "tag", argv=("--size", "3", "other")),
    Case("default of the command line", [], "build clean amplify rated", argv=("data",)),
    Case("words swapped", [], argv=("data", "--size", "3")),
    Case("words alternate", [run(argv=("--size", "5", "data"))]),
    Case("help of an argument", [edit(S, 'help="how many"', 'help="number"')], ""),
    Case("default in the parser, not used", [edit(S, "default=2", "default=4")]),
    Case("type in the parser", [edit(S, "type=int, default=2", "type=lambda x: int(x) + 1")],
         "build clean amplify rated"),
    Case("global parameter", [], "build clean amplify rated", params={"rate": 3}),
    Case("parameter in main()", [], "amplify", params={"gain": 2.5}),
    Case("parameters alternate", [run(params={"gain": 2.5})]),
    Case("parameters alternate back", [run(params={"gain": 2.5}), run()], params={"gain": 2.5}),
    Case("default of a parameter", [edit(S, '"gain", 1.5', '"gain", 3.5')], "amplify"),
    Case("help of a parameter", [edit(S, 'help="of all"', 'help="factor"')]),
    Case("step that reads a parameter", [edit(S, "return value * RATE", "return value - RATE")],
         "rated"),
    Case("step in a function", [edit(G, "gain * value for", "gain + value for")], "amplify"),
    Case("constant of a step", [edit(G, "LOW = 0", "LOW = 1")], "clean amplify"),
    Case("constant to an equal result", [edit(G, "LOW = 0", "LOW = -1")], "clean"),
    Case("function around steps", [edit(G, "amplify(kept, gain)", "amplify(kept[1:], gain)")],
         "amplify"),
    Case("condition around a step", [edit(G, "if not kept:", "if len(kept) > 90:")], "",
         alarms={"amplify": "condition"}),
    Case("branch closed", [edit(G, "if not kept:", "if kept:")], "",
         alarms={"amplify": "condition"}),
    Case("statement in main()", [edit(S, "rated(built[-1])", "rated(built[0])")], "rated"),
    Case("function inlined", [edit(S, "print(pipeline(built, gain))",
         "kept = clean(built)\n    print(amplify(kept, gain) if kept else [])"),
         edit(S, "import clean, pipeline", "import amplify, clean")], "",
         alarms={"amplify": "the condition is written otherwise"}),
    Case("parameter renamed in a helper", [edit(G, "def pipeline(values, gain):",
         "def pipeline(v, g):"), edit(G, "clean(values)\n    if", "clean(v)\n    if"),
         edit(G, "amplify(kept, gain)", "amplify(kept, g)")]),
    Case("printing", [edit(S, 'print("built")', 'print("it was built")')]),
    Case("verbose", [], argv=("--size", "3", "data", "--verbose")),
    Case("exit code", [edit(S, "return 0", "return 0  # fine")]),
    Case("earlier exit", [edit(S, "    print(tag(args.name))", "    sys.exit(0)\n"
         "    print(tag(args.name))")], ""),
    Case("earlier exit, back", [edit(S, "    print(tag(args.name))", "    sys.exit(0)\n"
         "    print(tag(args.name))"), run(), undo(S)]),
    Case("call of main without guard", [edit(S, 'if __name__ == "__main__":\n    sys.exit(main())',
         "main()")]),
    Case("main renamed", [edit(S, "def main(argv=None):", "def run(argv=None):"),
         edit(S, "sys.exit(main())", "sys.exit(run())")]),
    Case("argv given", [edit(S, "sys.exit(main())", 'sys.exit(main(["--size", "4", "data"]))')],
         "build clean amplify rated"),
]
# fmt: on
