"""What names of a module mean, and where they are defined."""

from __future__ import annotations

import ast

import pytest

from jobtui_core.fingerprint import find_definition, resolve

FILES = {
    "script.py": """
        import sys
        import numpy as np
        import pkg.deep.inner
        import lib.tools
        from helpers import scale as sc, memory, Model
        from pkg import thing, missing
        from jobtui_core import Memory, default_param, make, memoize

        N = default_param("n", 1)
        RATE = 3
        ARGS = sys.argv
        near = sc

        @make(output="x.npy", inputs=["a"])
        def step(x):
            def inner():
                pass
            return inner

        @memory.cache(ignore=["x"])
        def cached(x): ...

        @memoize
        def old(x): ...

        later = make(sc, output="y.npy")
        wrapped = memory.cache(ignore=["x"])(sc)
        square = lambda x: x * x
        """,
    "helpers.py": """
        from jobtui_core import Memory
        memory = Memory(None)

        def scale(x): ...

        class Model:
            class Inner:
                pass

            @memory.cache
            def fit(self): ...
        """,
    "pkg/__init__.py": "from .impl import thing\nfrom .deep import inner as again\n",
    "pkg/impl.py": "def thing(): ...\n",
    "pkg/deep/__init__.py": "",
    "pkg/deep/inner.py": "def leaf(): ...\n",
    "lib/tools.py": "def tool(): ...\n",
}


@pytest.mark.parametrize(
    ("name", "kind", "meaning", "own"),
    [
        ("step", "function", "script:step", "step"),
        ("cached", "function", "script:cached", "memoized"),
        ("old", "function", "script:old", "memoized"),
        ("later", "function", "helpers:scale", "step"),
        ("wrapped", "function", "helpers:scale", "memoized"),
        ("sc", "function", "helpers:scale", None),
        ("near", "function", "helpers:scale", None),
        ("thing", "function", "pkg.impl:thing", None),
        ("pkg.thing", "function", "pkg.impl:thing", None),
        ("pkg.again.leaf", "function", "pkg.deep.inner:leaf", None),
        ("pkg.deep.inner.leaf", "function", "pkg.deep.inner:leaf", None),
        ("pkg.deep", "module", "pkg.deep", None),
        ("pkg", "module", "pkg", None),
        ("lib.tools.tool", "function", "lib.tools:tool", None),
        ("Model", "class", "helpers:Model", None),
        ("Model.fit", "function", "helpers:Model.fit", "memoized"),
        ("Model.Inner", "class", "helpers:Model.Inner", None),
        ("square", "lambda", "script:square", None),
        ("RATE", "constant", "script:RATE", None),
        ("N", "parameter", "script:N", None),
        ("ARGS", "value", "script:ARGS", None),
        ("np.linalg.norm", "library", "numpy.linalg.norm", None),
        ("memory", "library", "jobtui_core.Memory", None),
        ("make", "library", "jobtui_core.make", None),
        ("len", "library", "builtins.len", None),
        ("__file__", "library", "builtins.__file__", None),
        ("missing", "unknown", "missing", None),
        ("nowhere", "unknown", "nowhere", None),
    ],
)
def test_a_name_is_followed_to_what_it_means(
    project, name: str, kind: str, meaning: str, own: str | None
) -> None:
    project.write(FILES)
    tree = project.tree()
    found = resolve(tree, tree.module_at(project.root / "script.py"), name)
    assert (found.kind, found.name) == (kind, meaning)
    assert (found.own.kind if found.own else None) == own


def test_the_keywords_of_our_decorators_are_given(project) -> None:
    project.write(FILES)
    tree = project.tree()
    module = tree.module_at(project.root / "script.py")
    own = resolve(tree, module, "step").own
    assert own is not None
    assert {name: ast.unparse(value) for name, value in own.keywords.items()} == {
        "output": "'x.npy'",
        "inputs": "['a']",
    }
    later = resolve(tree, module, "later").own
    assert later is not None
    assert list(later.keywords) == ["output"]


@pytest.mark.parametrize(
    ("qualname", "kind"),
    [
        ("step", ast.FunctionDef),
        ("step.<locals>.inner", ast.FunctionDef),
        ("square", ast.Lambda),
        ("<lambda>", ast.Lambda),
        ("RATE", ast.Assign),
        ("Model", None),
        ("step.inner.more", None),
    ],
)
def test_a_definition_is_found_by_its_qualified_name(project, qualname: str, kind) -> None:
    project.write(FILES)
    tree = project.tree()
    found = find_definition(tree, tree.module_at(project.root / "script.py"), qualname)
    assert (None if found is None else type(found)) == kind
