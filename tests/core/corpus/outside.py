"""Steps called from where a script's text does not lead: pools, threads, event loops, maps."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit, run, undo

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="outside",
    alarms={
        "threaded": "passed on as a value",
        "pooled": "called in worker processes",
        "mapped": "passed on as a value",
        "partially": "passed on as a value",
        "registered": "kept in a table",
        "method": "which object's method it is cannot be told",
        "viamethod": "called in a method",
        "merged": "takes what a step gave that was passed on",
        "awaited": "called in a coroutine",
        "withcontext": "called in a context manager",
    },
    files={
        "script.py": """
import asyncio
import contextlib
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from noting import note
from jobtui_core import Memory, make

from help import shift

memory = Memory("results", verbose=0)


@memory.cache
def shelved(value):
    note("shelved")
    return shift(value) * 7


@make
def fromshelf(values):
    note("fromshelf")
    return sum(value * 2 for value in values)


@memory.cache
async def waited(value):
    note("waited")
    return value * 6


@make
def threaded(value):
    note("threaded")
    return shift(value)


@make
def pooled(value):
    note("pooled")
    return shift(value) * 2


@make
def awaited(value):
    note("awaited")
    return shift(value) * 3


@make
def mapped(value):
    note("mapped")
    return shift(value) * 4


@make
def partially(value, by):
    note("partially")
    return shift(value) * by


@make
def merged(values):
    note("merged")
    return sum(values)


@make
def plain(value):
    note("plain")
    return value + 100


class Job:
    def __init__(self, value):
        self.value = value

    @make
    def method(self, more):
        note("method")
        return self.value + more

    def run(self):
        return viamethod(self.value)


@make
def viamethod(value):
    note("viamethod")
    return value - 1


@make
def withcontext(value):
    note("withcontext")
    return value + 9


@make
def registered(value):
    note("registered")
    return value + 4


HANDLERS = {"a": registered}


@contextlib.contextmanager
def opened(value):
    yield withcontext(value)


async def work(value):
    await asyncio.sleep(0)
    return awaited(value)


async def amain():
    return await asyncio.gather(work(1), work(2))


def child(value):
    return pooled(value)


if __name__ == "__main__":
    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(threaded, [1, 2]))
    print(results)
    print(merged(results))
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(child, [1, 2]))
    print(asyncio.run(amain()))
    print(list(map(mapped, [1, 2])))
    print(partial(partially, by=5)(1))
    job = Job(3)
    print(job.method(4), job.run())
    with opened(2) as entered:
        print(entered)
    print(HANDLERS["a"](1))
    references = [shelved.call_and_shelve(number) for number in (1, 2)]
    print(fromshelf([one.get() for one in references]))
    print(asyncio.run(waited(4)))
    print(plain(1))
""",
        "help.py": """
BY = 1


def shift(value):
    return value + BY
""",
    },
)

S, H = "script.py", "help.py"
HELPED = "threaded pooled awaited mapped partially merged shelved fromshelf"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("helper", [edit(H, "value + BY", "value - BY")], HELPED),
    Case("constant of a helper", [edit(H, "BY = 1", "BY = 2")], HELPED),
    Case("step in a thread", [edit(S, "return shift(value)\n", "return shift(value) + 1\n")],
         "threaded merged"),
    Case("step in a pool", [edit(S, "shift(value) * 2", "shift(value) * 22")], "pooled"),
    Case("items of a pool", [edit(S, "pool.map(child, [1, 2])", "pool.map(child, [1, 3])")],
         "pooled"),
    Case("function of a pool", [edit(S, "return pooled(value)", "return pooled(value + 5)")],
         "pooled"),
    Case("items of threads", [edit(S, "map(threaded, [1, 2])", "map(threaded, [1, 3])")],
         "threaded merged"),
    Case("awaited step", [edit(S, "shift(value) * 3", "shift(value) * 33")], "awaited"),
    Case("argument of a coroutine", [edit(S, "work(1), work(2)", "work(1), work(3)")], "awaited"),
    Case("inside a coroutine", [edit(S, "return awaited(value)", "return awaited(value + 7)")],
         "awaited"),
    Case("step of a map", [edit(S, "shift(value) * 4", "shift(value) * 44")], "mapped"),
    Case("step of a partial", [edit(S, "shift(value) * by", "shift(value) - by")], "partially"),
    Case("value of a partial", [edit(S, "by=5", "by=6")], "partially"),
    Case("method", [edit(S, "self.value + more", "self.value - more")], "method"),
    Case("argument of a method", [edit(S, "job.method(4)", "job.method(5)")], "method"),
    Case("instance", [edit(S, "Job(3)", "Job(4)")], "method viamethod"),
    Case("step in a method", [edit(S, "return value - 1", "return value - 2")],
         "method viamethod"),
    Case("step in a context manager", [edit(S, "return value + 9", "return value + 8")],
         "withcontext"),
    Case("argument of a context manager", [edit(S, "opened(2)", "opened(3)")],
         "withcontext"),
    Case("step in a table", [edit(S, "return value + 4", "return value + 5")],
         "registered"),
    Case("step behind references", [edit(S, "shift(value) * 7", "shift(value) * 8")],
         "shelved fromshelf"),
    Case("arguments of references", [edit(S, "for number in (1, 2)", "for number in (1, 3)")],
         "shelved fromshelf"),
    Case("what is made of references", [edit(S, "value * 2 for", "value * 9 for")],
         "fromshelf"),
    Case("fewer references", [edit(S, "one in references]", "one in references[1:]]")],
         "fromshelf"),
    Case("step waited for", [edit(S, "value * 6", "value * 5")], "waited"),
    Case("argument of a step waited for", [edit(S, "waited(4)", "waited(5)")], "waited"),
    Case("plain step", [edit(S, "return value + 100", "return value + 101")], "plain"),
    Case("comment", [edit(S, "job = Job(3)", "# a job\n    job = Job(3)")]),
    Case("undone", [edit(H, "BY = 1", "BY = 2"), run(), undo(H)]),
]
# fmt: on
