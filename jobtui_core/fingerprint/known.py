"""What is known of names outside the project without looking at their values."""

from __future__ import annotations

__all__ = [
    "CHANGING_METHODS",
    "CONTAINER_CALLS",
    "CONTAINER_METHODS",
    "LOOKING_CALLS",
    "LOOKING_METHODS",
    "OWN_MEMORIES",
    "OWN_PARAMETERS",
    "PURE_CALLS",
    "PURE_METHODS",
    "UNSEEN",
    "is_constant",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OWN_MEMORIES = frozenset(
    {
        "jobtui_core.Memory",
        "jobtui_core.memory.Memory",
        # A script that goes through joblib itself: where its cache lies is no code, either.
        "joblib.Memory",
        "joblib.memory.Memory",
    }
)
OWN_PARAMETERS = frozenset({"jobtui_core.default_param", "jobtui_core.scripts.default_param"})

CHANGING_METHODS = _words(
    """
    add append appendleft clear difference_update discard extend extendleft insert
    intersection_update move_to_end pop popitem popleft remove reverse rotate setdefault sort
    subtract symmetric_difference_update update
    """
)
"""Methods that change a container in place."""

CONTAINER_CALLS = _words("Counter OrderedDict bytearray defaultdict deque dict list set")

PURE_CALLS = CONTAINER_CALLS | _words(
    """
    abs bool bytes complex float frozenset int len max min object range round slice str sum tuple
    Decimal Fraction MappingProxyType NewType ParamSpec TypeVar attrgetter itemgetter methodcaller
    namedtuple partial cache lru_cache wraps compile getLogger local Lock RLock dtype
    cos degrees exp log log10 log2 radians sin sqrt tan timedelta
    Path PurePath PurePosixPath abspath basename dirname expanduser join normpath realpath splitext
    """
)
"""Last names of calls whose value follows from constant arguments, or has no content that counts.

Where a file lies is no content: ``Path(__file__).parent`` must not tell one checkout of a project
from another.
"""

PURE_METHODS = _words(
    """
    absolute as_posix joinpath resolve with_name with_stem with_suffix
    casefold decode encode format join lower lstrip replace rstrip split splitlines strip title
    upper copy get items keys values union
    """
)
"""Methods of constants that give constants."""

CONTAINER_METHODS = _words("copy items keys split splitlines union values")
"""Those of them that give something that can be changed in place."""

LOOKING_METHODS = _words(
    """
    copy count get index isdisjoint issubset issuperset items keys most_common values
    __contains__ __getitem__ __iter__ __len__
    """
)
"""Methods that leave a container as it is and hand out nothing but its elements."""

LOOKING_CALLS = _words(
    """
    abs all any bool bytes dict enumerate filter float frozenset hash id int isinstance len list
    map max min print range repr reversed round set sorted str sum tuple type zip
    """
)
"""Builtins that leave their arguments as they are and keep none of them."""

UNSEEN = {
    "builtins.globals": "globals()",
    "builtins.exec": "exec()",
    "builtins.eval": "eval()",
    "builtins.__import__": "__import__()",
    "importlib.import_module": "importlib.import_module()",
    "importlib.__import__": "importlib.__import__()",
    "sys.modules": "sys.modules",
    "runpy.run_path": "runpy.run_path()",
    "runpy.run_module": "runpy.run_module()",
}
"""Ways to reach code that no source names."""

_CONSTANT_MODULES = _words(
    """
    abc bisect builtins cmath collections contextlib copy dataclasses datetime decimal enum
    fractions functools heapq itertools json logging math numbers numpy operator pathlib re scipy
    statistics string textwrap threading types typing warnings os.path posixpath
    """
)
_CHANGING_NAMES = ("numpy.random", "scipy.random", "logging.root")


def is_constant(name: str) -> bool:
    """Tell whether a library's name is bound once and for all: nobody has to look at its value."""
    top, _, rest = name.partition(".")
    known = top in _CONSTANT_MODULES or f"{top}.{rest.partition('.')[0]}" in _CONSTANT_MODULES
    return known and not any(name == odd or name.startswith(odd + ".") for odd in _CHANGING_NAMES)
