"""Digests written down: equal on every supported Python, on every machine, for ever."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import jobtui_core

PROJECT = {
    "script.py": '''
        import numpy as np
        from jobtui_core import make
        from tools import scale as sc, Model

        LIMITS = {"low": (1, -2.5e-3), "high": [0xFF, 1j, b"\\x00", None, True, ...]}

        @make(output="x")
        def f(x: int, /, y=LIMITS, *z, k: "str" = 'é😀\\n', **kw) -> int:
            """Docstring."""
            total: float = 0.0
            with open(f"{x!r:>{y}}" "tail") as a, open("b"):
                for i, (p, *q) in enumerate(x):
                    total += i ** 2 if p else ~i
                else:
                    del total
            try:
                return [sc(v) for v in x if (w := v) not in q]
            except (ValueError, TypeError) as error:
                raise RuntimeError from error
            finally:
                assert not (yield), lambda *a, b=1: a[1:2, ::3]
            match x:
                case {"a": 1, **rest} | [1, *_] as m if m:
                    return np.sum(rest)
                case Model(level=None) | -1 | "t":
                    pass
            while x < 1 <= 3 and y or z @ k:
                break
            return await_(x)

        async def await_(x):
            async with x as y, x:
                async for z in x:
                    await z
            return {**x, 1: 2}, {1, *x}, (yield_(a, *b, c=1, **d) async for a in x)
        ''',
    "tools.py": """
        import functools

        class Model(dict, metaclass=type):
            '''Class.'''
            level: int = 3
            name: str

            @property
            def scaled(self) -> int:
                return super().x

        def scale(x, *, by=Model.level):
            global STATE
            STATE = 1
            def inner():
                nonlocal x
                x = by
                return inner
            return functools.partial(scale, by=2)(x)
        """,
}


def test_digests_stay_what_they_are(project) -> None:
    project.write(PROJECT)
    found = {name: project.fingerprint(name).digest for name in ("f", "await_", "tools.py:scale")}
    assert found == {
        "f": "4aea2f1b4276e3d0d9322ca463c52f2f",
        "await_": "8a6d003d807b521eaf8bde081b9dc330",
        "tools.py:scale": "013917b324f9b6725ade9e97c6130b3f",
    }


SHOW = """
import ast, importlib.util, sys
spec = importlib.util.spec_from_file_location("normal", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
text = open(sys.argv[2], encoding="utf-8").read()
sys.stdout.write(module.serialise(ast.parse(text)))
"""


def normal_form(interpreter: str, source: Path) -> str:
    """Normal form of a file by another Python, which need not have any package."""
    normal = Path(jobtui_core.__file__).with_name("fingerprint") / "normal.py"
    done = subprocess.run(
        [interpreter, "-I", "-c", SHOW, normal, source], capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def others() -> list[str]:
    """Other versions of Python on this machine that run."""
    found = []
    for minor in range(11, 15):
        command = shutil.which(f"python3.{minor}")
        if command and minor != sys.version_info[1]:
            asked = subprocess.run([command, "-c", ""], capture_output=True, timeout=60)
            found += [command] if asked.returncode == 0 else []
    return found


def test_the_normal_form_stays_what_it_is(project) -> None:
    project.write(PROJECT)
    text = normal_form(sys.executable, project.root / "script.py")
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "dfcaf6453e2e14312530169746ed09a9655166213ce7a28107d2d257806ad61e"
    )


def test_other_versions_of_python_give_the_same_normal_form(project) -> None:
    interpreters = others()
    if not interpreters:
        pytest.skip("there is no other version of Python here")
    project.write(PROJECT)
    source = project.root / "script.py"
    mine = normal_form(sys.executable, source)
    assert {command: normal_form(command, source) for command in interpreters} == dict.fromkeys(
        interpreters, mine
    )
