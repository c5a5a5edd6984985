"""What is made on demand is followed where it is consumed at once, and marked elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.slices.test_static_keys import look, sites

FOLLOWED = {
    "list of a map": "list(map(fit, [1, 2]))",
    "map of a lambda": "list(map(lambda k: fit(k), [1, 2]))",
    "loop over a map": "for r in map(fit, [1, 2]):\n    print(r)",
    "generator in a list": "list(fit(k) for k in [1, 2])",
    "generator in a sum": "sum(fit(k) for k in [1, 2])",
    "loop over a generator": "for r in (fit(k) for k in [1, 2]):\n    print(r)",
    "comprehension": "[fit(k) for k in [1, 2]]",
    "loop": "for k in [1, 2]:\n    fit(k)",
    "generator function in a list": (
        "def go(ks):\n    for k in ks:\n        yield fit(k)\nlist(go([1, 2]))"
    ),
    "loop over a generator function": (
        "def go(ks):\n    for k in ks:\n        yield fit(k)\nfor r in go([1, 2]):\n    print(r)"
    ),
    "call in a loop over a generator function": (
        "def go(ks):\n    for k in ks:\n        yield k\nfor k in go([1, 2]):\n    fit(k)"
    ),
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_what_is_consumed_where_it_is_made_is_a_loop(tmp_path: Path, case: str) -> None:
    (plain,) = sites(look(tmp_path, "for k in [1, 2]:\n    fit(k)"))
    found = look(tmp_path, FOLLOWED[case])
    (one,) = sites(found)
    assert one.loop
    assert not one.unfollowed
    assert one.template == plain.template
    assert not any(declared.unfollowed for declared in found.functions)


AT_ONCE = {
    "coroutine": "import asyncio\nasync def main():\n    fit(3)\nasyncio.run(main())",
    "coroutine of a coroutine": (
        "import asyncio\nasync def go(x):\n    return fit(x)\n"
        "async def main():\n    await go(3)\nasyncio.run(main())"
    ),
    "context manager": (
        "import contextlib\n@contextlib.contextmanager\ndef timer(name):\n"
        "    start = time.time()\n    yield\n    print(name, time.time() - start)\n"
        "with timer('x'):\n    a = 3\nfit(a)"
    ),
    "call in a context manager": (
        "from contextlib import contextmanager\n@contextmanager\ndef timer(name):\n"
        "    start = time.time()\n    try:\n        yield start\n    finally:\n"
        "        print(time.time() - start)\nwith timer('x') as t:\n    fit(3)"
    ),
    "manager of a class": (
        "class Timer:\n    def __enter__(self):\n        self.start = time.time()\n"
        "        return self\n    def __exit__(self, *error):\n"
        "        print(time.time() - self.start)\nwith Timer():\n    a = 3\nfit(a)"
    ),
}


@pytest.mark.parametrize("case", AT_ONCE)
def test_what_runs_at_once_makes_no_difference(tmp_path: Path, case: str) -> None:
    (plain,) = sites(look(tmp_path, "fit(3)"))
    (one,) = sites(look(tmp_path, AT_ONCE[case]))
    assert one.template == plain.template
    assert not one.unfollowed


MARKED = {
    "generator with a name": "g = (fit(k) for k in [1, 2])\nnext(g)",
    "generator for a function": "def go(ks):\n    return next(ks)\ngo(fit(k) for k in [1, 2])",
    "generator function with a name": (
        "def go(ks):\n    for k in ks:\n        yield fit(k)\ng = go([1, 2])\nnext(g)"
    ),
    "loop that ends early": (
        "def go(ks):\n    for k in ks:\n        yield fit(k)\n"
        "for r in go([1, 2]):\n    if r:\n        break"
    ),
    "map with a name": "m = map(fit, [1, 2])\nnext(m)",
    "some of a map": "import itertools\nlist(itertools.islice(map(fit, [1, 2]), 1))",
    "gathered": (
        "import asyncio\nasync def go(x):\n    return fit(x)\n"
        "async def main():\n    await asyncio.gather(go(1), go(2))\nasyncio.run(main())"
    ),
    "forgotten coroutine": "async def go():\n    fit(3)\ngo()",
    "step in a manager": (
        "from contextlib import contextmanager\n@contextmanager\ndef go():\n    fit(3)\n"
        "    yield\nwith go():\n    pass"
    ),
}


@pytest.mark.parametrize("case", MARKED)
def test_what_is_consumed_elsewhere_is_marked(tmp_path: Path, case: str) -> None:
    found = look(tmp_path, MARKED[case])
    declared = [one for one in found.functions if one.name == "fit"]
    assert all(site.unfollowed for site in sites(found))
    assert sites(found) or declared[0].unfollowed


DIFFERENT = {
    "items of a map": ("list(map(fit, [1, 2]))", "list(map(fit, [1, 3]))"),
    "condition of a generator": (
        "list(fit(k) for k in load('x') if k)",
        "list(fit(k) for k in load('x') if not k)",
    ),
    "condition of a generator in a loop": (
        "for r in (fit(k) for k in load('x') if k):\n    print(r)",
        "for r in (fit(k) for k in load('x') if not k):\n    print(r)",
    ),
    "any or all": ("any(fit(k) for k in load('x'))", "all(fit(k) for k in load('x'))"),
    "break in a loop over a generator": (
        "for r in (fit(k) for k in load('x')):\n    print(r)",
        "for r in (fit(k) for k in load('x')):\n    if r:\n        break",
    ),
    "what a generator function gives": (
        "def go(n):\n    for k in range(n):\n        yield k\nfit(list(go(3)))",
        "def go(n):\n    for k in range(n):\n        yield k\nfit(list(go(4)))",
    ),
    "what a generator of steps gives": (
        "def go(n):\n    for k in range(n):\n        yield load(k)\nfit(list(go(3)))",
        "def go(n):\n    for k in range(n):\n        yield load(k)\nfit(list(go(4)))",
    ),
    "yielded value": (
        "def go(n):\n    for k in range(n):\n        yield k\nfor k in go(3):\n    fit(k)",
        "def go(n):\n    for k in range(n):\n        yield k + 1\nfor k in go(3):\n    fit(k)",
    ),
    "changed by the loop's body": (
        (
            "def go(ks):\n    for k in [1, 2]:\n        yield ks\na = [0]\n"
            "for k in go(a):\n    fit(k)"
        ),
        (
            "def go(ks):\n    for k in [1, 2]:\n        yield ks\na = [0]\n"
            "for k in go(a):\n    fit(k)\n    a.append(1)"
        ),
    ),
    "changed after a yield": (
        ("def go(ks):\n    yield ks\n    ks.append(1)\na = [0]\nfor k in go(a):\n    pass\nfit(a)"),
        ("def go(ks):\n    yield ks\n    ks.append(2)\na = [0]\nfor k in go(a):\n    pass\nfit(a)"),
    ),
    "what a coroutine gives": (
        "import asyncio\nasync def go():\n    return 3\nfit(asyncio.run(go()))",
        "import asyncio\nasync def go():\n    return 4\nfit(asyncio.run(go()))",
    ),
    "what a manager gives": (
        (
            "from contextlib import contextmanager\n@contextmanager\ndef go():\n    yield 3\n"
            "with go() as x:\n    fit(x)"
        ),
        (
            "from contextlib import contextmanager\n@contextmanager\ndef go():\n    yield 4\n"
            "with go() as x:\n    fit(x)"
        ),
    ),
    "manager that ends errors": (
        (
            "from contextlib import contextmanager\n@contextmanager\ndef go():\n    try:\n"
            "        yield\n    except ValueError:\n        pass\na = 1\nwith go():\n"
            "    int(load('x'))\n    a = 2\nfit(a)"
        ),
        (
            "from contextlib import contextmanager\n@contextmanager\ndef go():\n    try:\n"
            "        yield\n    except TypeError:\n        pass\na = 1\nwith go():\n"
            "    int(load('x'))\n    a = 2\nfit(a)"
        ),
    ),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_may_matter_changes_the_template(tmp_path: Path, case: str) -> None:
    before, after = DIFFERENT[case]
    (one,), (two,) = sites(look(tmp_path, before)), sites(look(tmp_path, after))
    assert one.template != two.template
