"""Fingerprints of live functions: equal to the sources', as loaded, and by the values they use."""

from __future__ import annotations

import functools
import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jobtui_core.fingerprint import identity, loaded_fingerprint, snapshot_loaded
from jobtui_core.hashing import digest

Load = Callable[..., ModuleType]


HELPERS = """
    import functools
    import time

    CLOCK = time.perf_counter() > 0

    class Base:
        def rate(self):
            return 2

    class Model(Base):
        unit = 1

        @property
        def level(self):
            return self.unit

        @staticmethod
        def plain(x):
            return x

        def fit(self, x):
            return self.rate() * x + self.level

    def deco(n):
        def wrap(f):
            @functools.wraps(f)
            def inner(*a):
                return f(*a) * n
            return inner
        return wrap

    def scale(x):
        '''Doubles.'''
        return 2 * x + CLOCK
    """

PROJECT = """
    import functools
    import math
    import helpers
    from helpers import Model, deco, scale as sc

    RATE = 3
    NAMES = {"a": [1, 2]}
    log = []

    def plain(x, k=RATE):
        return sc(x) + k

    @deco(RATE)
    def layered(x):
        return plain(x)

    @functools.lru_cache(maxsize=None)
    def cached(n):
        return n if n < 2 else cached(n - 1) + cached(n - 2)

    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n > 0 and even(n - 1)

    async def waits():
        log.append(1)
        return plain(1)

    def yields():
        yield from (NAMES[k] for k in sorted(NAMES))

    def imports(x):
        import helpers as h
        from helpers import Base
        return h.scale(x) + Base().rate()

    @functools.singledispatch
    def area(x):
        return 0

    @area.register
    def _(x: int):
        return x

    class Local(Model):
        def run(self, x):
            return super().fit(x) + math.pi

    def build(k):
        def inner(x):
            return plain(x) * k
        return inner

    inner = build(2)
    """


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "layered",
        "cached",
        "even",
        "waits",
        "yields",
        "imports",
        "area",
        "Local.run",
        "inner",
    ],
)
def test_a_live_function_has_the_fingerprint_of_its_source(project, load: Load, name: str) -> None:
    module = load(PROJECT, helpers=HELPERS)
    function: Any = functools.reduce(getattr, name.split("."), module)
    snapshot_loaded(function)
    found = loaded_fingerprint(function)
    source = project.fingerprint(found.identity.removeprefix("script:"))
    assert found.static == source
    assert found.matches_source


def both(load: Load, old: str, new: str, name: str = "f", **others: str) -> tuple[Any, Any]:
    """Fingerprints of a function in two versions of a script."""
    found = []
    for text in (old, new):
        function = getattr(load(text, **others), name)
        snapshot_loaded(function)
        found.append(loaded_fingerprint(function))
    return found[0], found[1]


def test_saving_the_file_after_loading_changes_nothing(project, load: Load) -> None:
    function = load("def f(x):\n    return x + 1\n").f
    snapshot_loaded(function)
    other = load("def f(x):\n    return x + 1\n").f
    snapshot_loaded(other)
    project.edit("script.py", "x + 1", "x + 2")
    assert loaded_fingerprint(function).matches_source
    assert loaded_fingerprint(function).digest == loaded_fingerprint(other).digest


def test_saving_the_file_between_loading_and_decoration_is_a_mismatch(project, load: Load) -> None:
    function = load("def f(x):\n    return x + 1\n").f
    project.edit("script.py", "x + 1", "x + 2")
    snapshot_loaded(function)
    assert not loaded_fingerprint(function).matches_source


def test_saving_a_helper_between_loading_and_decoration_is_a_mismatch(project, load: Load) -> None:
    function = load("import helpers\ndef f(x):\n    return helpers.g(x)\n",
                    helpers="def g(x):\n    return 1\n").f  # fmt: skip
    project.edit("helpers.py", "return 1", "return 2")
    snapshot_loaded(function)
    assert not loaded_fingerprint(function).matches_source


def test_moving_a_function_between_loading_and_decoration_is_no_mismatch(
    project, load: Load
) -> None:
    function = load("def f(x):\n    return x + 1\n").f
    project.edit("script.py", "def f", "import math\n\n\ndef g(): pass\n\n# here\ndef f")
    snapshot_loaded(function)
    assert loaded_fingerprint(function).matches_source


def test_a_module_loaded_again_has_its_new_fingerprint(project, load: Load) -> None:
    module = load("def g():\n    return 1\ndef f(x):\n    return x + g()\n")
    old = module.f
    snapshot_loaded(old)
    before = loaded_fingerprint(old)
    project.edit("script.py", "return 1", "return 200")
    importlib.reload(module)
    snapshot_loaded(module.f)
    after = loaded_fingerprint(module.f)
    assert after.matches_source
    assert after.digest != before.digest


def test_captured_values_count(load: Load) -> None:
    module = load("def build(k):\n    def f(x):\n        return x * k\n    return f\n")
    two, three, again = module.build(2), module.build(3), module.build(2)
    assert loaded_fingerprint(two).digest == loaded_fingerprint(again).digest
    assert loaded_fingerprint(two).digest != loaded_fingerprint(three).digest


def test_a_captured_list_that_is_only_appended_to_does_not_count(load: Load) -> None:
    module = load(
        "def build(calls):\n    def f(x):\n        calls.append(x)\n        return x\n"
        "    return f\n"
    )
    one, other = module.build([]), module.build([1])
    assert loaded_fingerprint(one).digest == loaded_fingerprint(other).digest
    assert loaded_fingerprint(one).unfollowed == ()


def test_captured_functions_count_by_their_code(load: Load) -> None:
    text = "def build(g):\n    def f(x):\n        return g(x)\n    return f\n"
    text += "f = build(lambda x: x + {})\n"
    one, two = both(load, text.format(1), text.format(2))
    assert one.digest != two.digest


def test_functions_that_capture_each_other_have_a_fingerprint(load: Load) -> None:
    module = load(
        "def build():\n    def f(x):\n        return x and g(x - 1)\n"
        "    def g(x):\n        return x and f(x - 1)\n    return f, g\n"
    )
    f, g = module.build()
    assert loaded_fingerprint(f).digest != loaded_fingerprint(g).digest
    assert loaded_fingerprint(module.build()[0]).digest == loaded_fingerprint(f).digest


def test_two_lambdas_on_a_line_differ(load: Load) -> None:
    module = load("pair = (lambda x: x + 1), (lambda x: x + 2), (lambda x: x + 1)\n")
    one, two, third = (loaded_fingerprint(function).digest for function in module.pair)
    assert one != two
    assert one == third


def test_a_name_defined_twice_means_two_functions(load: Load) -> None:
    module = load("def f():\n    return 1\nfirst = f\ndef f():\n    return 2\n")
    assert loaded_fingerprint(module.first).digest != loaded_fingerprint(module.f).digest
    assert loaded_fingerprint(module.first).matches_source


def test_partials_count_by_function_and_arguments(load: Load) -> None:
    module = load("def f(x, y):\n    return x\ndef g(x, y):\n    return y\n")
    partial = functools.partial
    digests = {
        loaded_fingerprint(function).digest
        for function in (partial(module.f, 1), partial(module.f, 2), partial(module.g, 1))
    }
    assert len(digests) == 3
    assert loaded_fingerprint(partial(module.f, 1)).digest in digests


def test_wrappers_made_at_run_time_count_with_what_they_capture(load: Load) -> None:
    module = load(
        "from helpers import deco\ndef f(x):\n    return x\n"
        "two, three, again = deco(2)(f), deco(3)(f), deco(2)(f)\n",
        helpers=HELPERS,
    )
    digests = [loaded_fingerprint(f).digest for f in (module.f, module.two, module.three)]
    assert len(set(digests)) == 3
    assert loaded_fingerprint(module.again).digest == digests[1]


def test_an_edited_wrapper_that_was_applied_at_run_time_is_seen(load: Load) -> None:
    text = "import helpers\ndef g(x):\n    return x\nf = helpers.deco(2)(g)\n"
    first = loaded_fingerprint(load(text, helpers=HELPERS).f)
    two = load(text, helpers=HELPERS.replace("f(*a) * n", "f(*a) / n")).f
    assert first.digest != loaded_fingerprint(two).digest


def test_computed_globals_count_by_content_at_first_use(load: Load) -> None:
    text = "import json\nCONFIG = json.loads('{}')\ndef f():\n    return CONFIG\n"
    one, two = both(load, text.format(1), text.format(2))
    assert one.static.digest == two.static.digest
    assert one.digest != two.digest


def test_computed_globals_that_no_code_changes_are_looked_at_once(load: Load) -> None:
    # A name of its own: code of other tests, loaded beside it, would be taken into account.
    module = load(
        "import json\nPARSED_ONCE = json.loads('[1]')\ndef f():\n    return PARSED_ONCE[0]\n"
    )
    before = loaded_fingerprint(module.f).digest
    vars(module)["PARSED_ONCE"].append(2)  # as no code of the project would write it
    assert loaded_fingerprint(module.f).digest == before


def test_a_computed_global_of_another_module_counts(load: Load) -> None:
    text = "import settings\ndef f():\n    return settings.N\n"
    found = []
    for number in (1, 2):
        module = load(text, settings=f"import json\nN = json.loads('{number}')\n")
        found.append(loaded_fingerprint(module.f).digest)
    assert found[0] != found[1]


def test_a_number_bound_anew_counts_by_its_value_at_each_call(load: Load) -> None:
    module = load("RATE = 1\nRATE = 2\ndef f():\n    return RATE\n")
    before = loaded_fingerprint(module.f).digest
    module.RATE = 3
    changed = loaded_fingerprint(module.f).digest
    module.RATE = 2
    assert loaded_fingerprint(module.f).digest == before != changed


def test_a_counter_that_is_only_counted_up_does_not_count(load: Load) -> None:
    module = load("calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return x\n")
    before = loaded_fingerprint(module.f).digest
    module.f(1)
    assert loaded_fingerprint(module.f).digest == before


def test_values_without_a_digest_are_said(load: Load) -> None:
    module = load("import threading\nlocks = [threading.Lock() for _ in '12']\n"
                  "def f():\n    return locks\n")  # fmt: skip
    (sentence,) = loaded_fingerprint(module.f).unfollowed
    assert "script:locks" in sentence


def test_an_edited_method_changes_the_digest_of_an_instance(load: Load) -> None:
    found = []
    for number in (1, 2):
        module = load(f"class A:\n    def f(self):\n        return {number}\n")
        found.append(digest(module.A()))
        assert digest(module.A()) == found[-1]
    assert found[0] != found[1]


def test_an_edited_function_changes_its_digest_as_a_value(load: Load) -> None:
    found = []
    for number in (1, 2):
        module = load(f"def f(x):\n    return x + {number}\n")
        found.append(digest({"f": module.f}))
    assert found[0] != found[1]


def test_functions_without_source_go_by_their_code(load: Load) -> None:
    def made(body: str, **names: Any) -> str:
        namespace: dict[str, Any] = dict(names)
        exec(f"def f(x):\n    return {body}", namespace)
        found = loaded_fingerprint(namespace["f"])
        assert found.matches_source
        return found.digest

    assert made("x + 1") == made("x + 1")
    assert len({made("x + 1"), made("x + 2"), made("x - 1"), made("x + 1.0")}) == 4
    assert made("g(x)", g=len) != made("g(x)", g=sum)
    assert made("x + K", K=1) != made("x + K", K=2)


def test_builtins_and_library_functions_have_a_fingerprint() -> None:
    digests = {loaded_fingerprint(f).digest for f in (len, sum, json.dumps, json.loads, dict.get)}
    assert len(digests) == 5
    assert identity(json.dumps) == "json:dumps"


def test_a_callable_object_counts_by_class_and_state(load: Load) -> None:
    module = load(
        "class F:\n    def __init__(self, k):\n        self.k = k\n"
        "    def __call__(self, x):\n        return x * self.k\n"
    )
    one, two = loaded_fingerprint(module.F(1)), loaded_fingerprint(module.F(2))
    assert one.digest != two.digest
    assert loaded_fingerprint(module.F(1)).digest == one.digest


def test_methods_are_known_by_their_function(load: Load) -> None:
    module = load("class A:\n    def f(self):\n        return 1\n")
    assert loaded_fingerprint(module.A().f) == loaded_fingerprint(module.A.f)
    assert identity(module.A().f) == "script:A.f"


def test_many_threads_may_ask_at_once(load: Load) -> None:
    module = load(PROJECT, helpers=HELPERS)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(loaded_fingerprint(module.plain).digest))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8


SHOW = """
    import json, sys
    from jobtui_core.fingerprint import loaded_fingerprint

    def helper(x):
        return x + 1

    def f(x):
        return helper(x)

    if __name__ == "__main__":
        found = loaded_fingerprint(f)
        print(json.dumps([found.identity, found.digest, found.matches_source]))
    """


def test_a_function_is_the_same_whether_its_file_is_run_or_imported(project) -> None:
    project.write({"sub/script.py": SHOW, "jobtui.toml": ""})
    repository = str(Path(__file__).parents[3])
    code = "import json; from jobtui_core.fingerprint import loaded_fingerprint as l; import script"
    code += "; v = l(script.f); print(json.dumps([v.identity, v.digest, v.matches_source]))"
    environment = {"PYTHONPATH": f"{repository}:{project.root / 'sub'}", "PATH": "/usr/bin:/bin"}
    commands = (["script.py"], ["-c", code], ["-m", "script"])
    found = [
        json.loads(
            subprocess.run(
                [sys.executable, *command],
                cwd=project.root / "sub",
                env=environment,
                check=True,
                capture_output=True,
            ).stdout
        )
        for command in commands
    ]
    assert found[0] == found[1] == found[2]
    assert found[0][0] == "sub.script:f"
    assert found[0][2] is True


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    data = json.loads('{}')\ndef f():\n    return C.data\n",
        "def g(x=json.loads('{}')):\n    return x\ndef f():\n    return g()\n",
        "READ = pathlib.Path('n').read_text\ndef g(x=READ()): return x\ndef f(): return g()\n",
    ],
)
def test_what_definitions_compute_once_counts_by_content(
    project, load: Load, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(project.root)
    project.write({"n": "1"})
    first = loaded_fingerprint(load("import json, pathlib\n" + text.replace("{}", "1")).f).digest
    again = loaded_fingerprint(load("import json, pathlib\n" + text.replace("{}", "1")).f).digest
    project.write({"n": "2"})
    other = loaded_fingerprint(load("import json, pathlib\n" + text.replace("{}", "2")).f).digest
    assert first == again != other


def test_a_value_of_a_module_that_is_imported_late_counts(load: Load) -> None:
    found = []
    for number in (1, 2):
        module = load(
            "def f():\n    import late\n    return late.N\n",
            late=f"import json\nN = json.loads('{number}')\n",
        )
        found.append(loaded_fingerprint(module.f))
    assert found[0].digest != found[1].digest
    assert found[0].unfollowed == ()


def test_the_class_of_a_function_local_value_counts(load: Load) -> None:
    text = "def build():\n    class A:\n        def f(self):\n            return helper()\n"
    text += "    return A()\n"
    digests = {
        digest(load(text + f"def helper():\n    return {number}\n").build()) for number in (1, 2)
    }
    assert len(digests) == 2
