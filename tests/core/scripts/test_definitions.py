"""What of a script defines a function, and what is its work."""

from __future__ import annotations

import ast
import textwrap

from jobtui_core.scripts.definitions import definitions_of


def _kept(text: str, *names: str) -> list[str]:
    tree = definitions_of(ast.parse(textwrap.dedent(text)), names)
    return ast.unparse(tree).splitlines()


def test_imports_and_what_a_function_rests_on_are_kept_in_order() -> None:
    kept = _kept(
        """
        import numpy as np
        LIMIT = 3
        OTHER = 4
        def helper(x):
            return x + LIMIT
        def unrelated():
            return OTHER
        def fit(x):
            return helper(x)
        print(fit(unrelated()))
        result = fit(3)
        """,
        "fit",
    )
    assert kept == [
        "import numpy as np",
        "LIMIT = 3",
        "",
        "def helper(x):",
        "    return x + LIMIT",
        "",
        "def fit(x):",
        "    return helper(x)",
    ]


def test_a_global_that_the_function_reads_is_computed_with_all_it_needs() -> None:
    kept = _kept(
        """
        def read(path):
            return open(path)
        table = read("a.csv")
        def fit():
            return table
        fit()
        """,
        "fit",
    )
    assert "table = read('a.csv')" in kept
    assert "def read(path):" in kept
    assert "fit()" not in kept


def test_settings_of_what_is_needed_are_made() -> None:
    kept = _kept(
        """
        import sys
        import matplotlib
        cfg = {}
        cfg["a"] = 1
        cfg.update(b=2)
        matplotlib.use("Agg")
        other = {}
        other["x"] = 1
        def fit():
            return cfg, matplotlib
        cfg["result"] = fit()
        """,
        "fit",
    )
    assert kept[:5] == [
        "import sys",
        "import matplotlib",
        "cfg = {}",
        "cfg['a'] = 1",
        "cfg.update(b=2)",
    ]
    assert "matplotlib.use('Agg')" in kept
    assert not [line for line in kept if "other" in line or "result" in line]


def test_of_blocks_only_what_is_needed_is_kept() -> None:
    kept = _kept(
        """
        try:
            import fast as solver
        except ImportError:
            solver = None
            print("slow")
        if True:
            size = 3
            work()
        else:
            size = 4
        for i in range(3):
            work(i)
        def fit():
            return size, solver
        if __name__ == "__main__":
            fit()
        """,
        "fit",
    )
    assert kept == [
        "try:",
        "    import fast as solver",
        "except ImportError:",
        "    solver = None",
        "if True:",
        "    size = 3",
        "else:",
        "    size = 4",
        "",
        "def fit():",
        "    return (size, solver)",
    ]


def test_lines_stay_what_they_are() -> None:
    tree = definitions_of(ast.parse("work()\n\n\ndef fit():\n    pass\n"), ["fit"])
    assert tree.body[0].lineno == 4
