"""What runs undecorated runs decorated: the same results, and the same exceptions.

Functions and arguments of odd kinds are called both ways, each call twice, so that hits are
compared too.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import io
import operator
import re
import threading
import warnings

import numpy as np
import pytest

from jobtui_core import Memory, make
from jobtui_core.errors import CacheWarning
from jobtui_core.memory import BadCallError


class Text(str):
    """A kind of text."""

    __slots__ = ()


class Mute:
    """Cannot be shown."""

    def __init__(self, n):
        self.n = n

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        return isinstance(other, Mute) and other.n == self.n

    __hash__ = None


class Unstorable:
    """Is equal to its like, and cannot be pickled."""

    def __reduce__(self):
        raise ValueError("never")

    def __eq__(self, other):
        return isinstance(other, Unstorable)

    __hash__ = None


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__(one)
        self.two = two


def nothing():
    pass


def positional_only(a, b=2, /):
    return a, b


def keyword_only(*, a, b=2):
    return a, b


def all_kinds(a, /, b, *args, c=3, **kwargs):
    return a, b, args, c, kwargs


def same_names(self, /, **self_):
    return self, self_


def named_like_ours(func=1, args=2, kwargs=3, request=4, self=5):
    return func, args, kwargs, request, self


def mutable_default(x, seen=[]):  # noqa: B006  the oddity that is tested
    seen.append(x)
    return list(seen)


def changes_its_argument(items):
    items.append(1)
    return len(items)


def key_error(x):
    return {}[x]


def attribute_error(x):
    return x.nothing_of_that_name


def type_error(x):
    return x + None


def inner_type_error(x):
    return keyword_only(x)


def odd_error(x):
    raise OddError(x, 2)


def system_exit(x):
    raise SystemExit(x)


def interrupt(x):
    raise KeyboardInterrupt


def stop(x):
    raise StopIteration(x)


def generator_exit(x):
    raise GeneratorExit


def from_another(x):
    try:
        key_error(x)
    except TypeError:
        raise
    except KeyError as error:
        raise OddError(1, 2) from error


def group(x):
    raise ExceptionGroup("several", [ValueError(1), TypeError(2)])


def noted(x):
    error = ValueError("noted")
    error.add_note("a note")
    raise error


def endless(x):
    return endless(x)


def gives_a_generator(x):
    return (n for n in [x, x])


def yields(x):
    yield x
    yield x


def unstorable(x):
    return Unstorable()


def gives_a_lock(x):
    return [threading.Lock()]


def gives_itself(x):
    return gives_itself


def gives_a_cycle(x):
    found = [x]
    found.append(found)
    return len(found)


def same(x):
    return x


def shared(x):
    inner = [x]
    return inner, inner


lambda_function = lambda x, *more: (x, more)  # noqa: E731  one is to be tested


def closure(n):
    def outer(m):
        def inner(x):
            return n, m, x

        return inner

    return outer


@functools.lru_cache
def least_recent(x):
    return (x,)


@functools.singledispatch
def dispatched(x):
    return "other"


@dispatched.register
def _(x: int):
    return "int"


@functools.wraps(same)
def wrapped(*args):
    return same(*args)


class Callable:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        return self.n, x

    def method(self, x=1):
        return self.n, x

    @classmethod
    def of_class(cls, x):
        return x

    @staticmethod
    def static(x):
        return x


FUNCTIONS = [
    nothing, positional_only, keyword_only, all_kinds, same_names, named_like_ours,
    mutable_default, changes_its_argument, key_error, attribute_error, type_error,
    inner_type_error, odd_error, system_exit, interrupt, stop, generator_exit, from_another,
    group, noted, endless, gives_a_generator, yields, unstorable, gives_a_lock, gives_itself,
    gives_a_cycle, same, shared, lambda_function, closure(1)(2), least_recent, dispatched,
    wrapped, Callable(1), Callable(2).method, Callable.of_class, Callable.static, Callable,
    functools.partial(all_kinds, 1, c=5), functools.partial(functools.partial(same)), len, max,
    sorted, int, dict, "".join, str.upper, [1, 2].index, operator.itemgetter(0),
    operator.attrgetter("real"), operator.add, np.add, np.mean, np.sum, np.linalg.norm,
    np.add.reduce, np.array([1, 2]).sum, np.vectorize(same), abs, divmod, print,
]  # fmt: skip

ARGUMENTS = [
    lambda: ((), {}),
    lambda: ((1,), {}),
    lambda: (("a",), {}),
    lambda: ((Text("t"), 2.0), {}),
    lambda: ((), {"a": 1}),
    lambda: ((1,), {"b": b"2"}),
    lambda: ((1, 2, 3, None), {"c": 4, "d": True}),
    lambda: ((1,), {"self": 2, "self_": 3}),
    lambda: ((), {"func": 1, "args": 2, "kwargs": {}}),
    lambda: (([1, 2],), {}),
    lambda: (({"x": [1, (2,)]},), {}),
    lambda: ((Mute(1),), {}),
    lambda: ((np.arange(3),), {}),
    lambda: ((np.float32(1), np.int64(2)), {}),
    lambda: ((threading.Lock(),), {}),
    lambda: (([io.StringIO("a")],), {}),
    lambda: (((n for n in range(3)),), {}),
    lambda: ((same,), {}),
    lambda: ((int,), {"x": Ellipsis}),
    lambda: ((1,), {"x": 1}),
]
"""Made anew for each call: the two ways must not see each other's changes."""


def outcome(function, args, kwargs):
    """Tell what became of a call, so that two can be compared."""
    try:
        found = function(*args, **kwargs)
    except RecursionError:
        return "raised", RecursionError
    except BaseException as error:
        if type(error) is TypeError or isinstance(error, BadCallError):
            # What C functions say of a call differs; of Python's, another test tells.
            return "raised", TypeError
        notes = getattr(error, "__notes__", [])
        return "raised", type(error), shape(error.args), notes, type(error.__cause__)
    return "returned", shape(found)


def shape(value):
    """Give what can be compared of a value."""
    if inspect.isgenerator(value):
        value = ["a generator", *value]
    if isinstance(value, list | tuple):
        return type(value), [shape(item) for item in value]
    if isinstance(value, dict):
        return type(value), [(name, shape(item)) for name, item in value.items()]
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, shape(value.tolist())
    if isinstance(value, Mute):
        return Mute, value.n
    if isinstance(value, Callable):
        return Callable, shape(value.n)
    if isinstance(value, str):
        return type(value), re.sub("0x[0-9a-f]+", "0x", value)
    if isinstance(value, BaseException):
        return type(value), shape(value.args)
    plain = int, float, complex, bytes, type(None), type, np.generic
    return (type(value), value) if isinstance(value, plain) else type(value)


def fresh(function):
    """Give a function with defaults of its own."""
    if function is not mutable_default:
        return function
    made = type(function)(
        function.__code__, globals(), function.__name__, ([],), function.__closure__
    )
    made.__module__ = __name__
    return made


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("decorate", ["cache", "make"])
@pytest.mark.parametrize(
    "number",
    range(len(FUNCTIONS)),
    ids=lambda n: f"{n}-{getattr(FUNCTIONS[n], '__name__', type(FUNCTIONS[n]).__name__)}",
)
def test_results_and_exceptions_are_those_of_the_undecorated_function(
    memory, decorate, number, capsys
):
    function = FUNCTIONS[number]
    plain, cached = fresh(function), fresh(function)
    cached = memory.cache(cached) if decorate == "cache" else make(cached, memory=memory)
    for make_arguments in ARGUMENTS:
        for _ in range(2):
            expected = outcome(plain, *make_arguments())
            assert outcome(cached, *make_arguments()) == expected


@pytest.mark.parametrize("decorate", ["cache", "make"])
@pytest.mark.parametrize(
    "function",
    [key_error, odd_error, system_exit, interrupt, stop, generator_exit, from_another, group],
    ids=lambda function: function.__name__,
)
def test_a_traceback_names_the_lines_of_the_user_alone(memory, decorate, function):
    cached = memory.cache(function) if decorate == "cache" else make(function)
    with pytest.raises(BaseException) as caught:  # noqa: PT011  of all kinds
        cached("x")
    names = [entry.path.name for entry in caught.traceback]
    assert set(names) == {"test_undecorated.py"}
    assert caught.value.__context__ is None or caught.value.__cause__ is not None


def test_a_bad_call_says_what_python_says_and_is_a_value_error_too(memory):
    for args, kwargs in (((), {}), ((1,), {"a": 1}), ((), {"c": 1}), ((1, 2, 3), {})):
        with pytest.raises(TypeError) as expected:
            positional_only(*args, **kwargs)
        for cached in (memory.cache(positional_only), make(positional_only)):
            with pytest.raises(TypeError) as caught:
                cached(*args, **kwargs)
            assert isinstance(caught.value, ValueError)
            assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("decorate", ["cache", "make"])
def test_each_function_warns_once_of_what_it_cannot_keep(memory, decorate):
    def returns(x):
        return x

    cached = memory.cache(returns) if decorate == "cache" else make(returns)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            cached(threading.Lock())
            cached([io.StringIO()])
    assert len(caught) == 1
    assert caught[0].category is CacheWarning
    assert caught[0].filename == __file__
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = [memory.cache(gives_a_generator), make(yields)]
        for one in made * 3:
            assert list(one(1)) == [1, 1]
    assert len(caught) == 2


def test_what_is_shown_of_arguments_is_bounded_and_never_what_is_ignored(memory):
    class Never:
        def __repr__(self):
            raise AssertionError("shown")

        def __reduce__(self):
            raise AssertionError("hashed")

    @memory.cache(ignore=["secret", "*", "**"])
    def f(x, mute, secret, *args, **kwargs):
        return 1

    never = Never()
    for _ in range(2):
        assert f("y" * 10**6, Mute(1), never, never, other=never) == 1
    shown = f.call("y" * 10**6, Mute(1), never, never, other=never)[1]["input_args"]
    assert list(shown) == ["x", "mute"]
    assert sum(map(len, shown.values())) < 2000


def test_secrets_are_left_out_of_what_is_shown(memory):
    shown = memory.cache(lambda token, password, url, name: 1).call(
        "t0ken", "hunter2", "https://me:swordfish@host", "plain"
    )[1]["input_args"]
    text = str(shown)
    assert not any(secret in text for secret in ("t0ken", "hunter2", "swordfish"))
    assert "plain" in text


async def async_same(x):
    await asyncio.sleep(0)
    if x == "bad":
        raise OddError(1, 2)
    return [x]


async def async_yields(x):
    yield x


@pytest.mark.filterwarnings("ignore::jobtui_core.errors.CacheWarning")
async def test_coroutines_and_asynchronous_generators(memory):
    cached = memory.cache(async_same)
    assert [await cached(1), await cached(1)] == [[1], [1]]
    for _ in range(2):
        with pytest.raises(OddError):
            await cached("bad")
    with pytest.raises(TypeError):
        await cached()
    found = memory.cache(async_yields)
    for _ in range(2):
        assert [x async for x in found(1)] == [1]
