"""``make``: turn a function into a step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from types import MethodType
from typing import Any, Literal, ParamSpec, Protocol, TypeVar, overload

from jobtui_core.memory.bound import BoundFunction
from jobtui_core.memory.descriptors import is_descriptor, over_descriptor
from jobtui_core.memory.inputs import Inputs
from jobtui_core.memory.memory import Memory
from jobtui_core.steps.step import Step

__all__ = ["make"]

P = ParamSpec("P")
R = TypeVar("R")

InputsCheck = Literal["content", "stat"] | None


class Decorator(Protocol):
    """What ``make(output=…)`` gives: something to decorate a function with."""

    def __call__(self, func: Callable[P, R], /) -> Step[P, R]:
        """Decorate a function."""
        ...


@overload
def make(
    func: Callable[P, R],
    output: Any = None,
    *,
    inputs: Inputs = (),
    memory: Memory | None = None,
    cachedir: str | os.PathLike[str] | None = None,
    depends: Iterable[Any] = (),
    version: str | int | None = None,
    files: Literal["met", "declared"] = "met",
    history: bool = True,
    force: bool = False,
    name: str | None = None,
    debug: bool = False,
    raise_errors: bool = False,
    inputs_check: InputsCheck = None,
    allow_pickle: bool | None = None,
    single_flight: bool | float | None = None,
) -> Step[P, R]: ...


@overload
def make(
    func: None = None,
    output: Any = None,
    *,
    inputs: Inputs = (),
    memory: Memory | None = None,
    cachedir: str | os.PathLike[str] | None = None,
    depends: Iterable[Any] = (),
    version: str | int | None = None,
    files: Literal["met", "declared"] = "met",
    history: bool = True,
    force: bool = False,
    name: str | None = None,
    debug: bool = False,
    raise_errors: bool = False,
    inputs_check: InputsCheck = None,
    allow_pickle: bool | None = None,
    single_flight: bool | float | None = None,
) -> Decorator: ...


def make(
    func: Callable[..., Any] | None = None,
    output: Any = None,
    *,
    inputs: Inputs = (),
    memory: Memory | None = None,
    cachedir: str | os.PathLike[str] | None = None,
    depends: Iterable[Any] = (),
    version: str | int | None = None,
    files: Literal["met", "declared"] = "met",
    history: bool = True,
    force: bool = False,
    name: str | None = None,
    debug: bool = False,
    raise_errors: bool = False,
    inputs_check: InputsCheck = None,
    allow_pickle: bool | None = None,
    single_flight: bool | float | None = None,
) -> Any:
    """Turn a function into a step, which runs only if something that it depends on changed.

    Parameters
    ----------
    func : callable, optional
        Left out, a decorator is given: ``@make(output=…)``.
    output : Persister, or tuple, list or dict of them, optional
        Files that the result, or its parts, are saved to.  Their names are templates over the
        arguments, relative to the project root: ``NumpyFile("results/{subject}.npy")``.  In a
        tuple, list or dict, ``None`` stands for a part without a file, and any other constant
        for itself.
    inputs : str, path, or list of them
        Files whose content the step depends on; templates too: ``["{path}"]``.  A folder,
        ``"data/"``, and a pattern, ``"{folder}/**/*.npy"``, stand for all the files in them but
        hidden ones: one that comes, goes, changes or is renamed makes the step run.  A pattern
        that no file matches is an error; a folder may be empty.
    memory : Memory, optional
        Where results are kept; by default in the project's store.
    cachedir : str or path, optional
        Instead of a `memory`: a folder, from the project's, or a URL, for results of this step.
    depends : iterable of callable
        Code that it depends on and that cannot be seen from its own.
    version : str or int, optional
        Stands for the code: only a new version makes the step run again for a change of it.
    files : {"met", "declared"}
        Whether files that it opens without declaring them are watched.
    history : bool
        Whether copies of the output files are kept, so that results for earlier arguments can
        bring theirs back.  ``False`` for what is too large to keep twice.  The result itself is
        in the store all the same, since a file that somebody edited is nobody's result; that of
        a `PathOutput` is only its name, so that such a file lies once on the disk.
    force : bool
        Whether a call that would be computed gets the newest stored result of equal arguments
        instead, whatever changed since, with a warning.  Nothing is stored for it, and verdicts
        are as without it.  To declare for good that an edit does not matter, there is
        ``jobtui accept``.
    name : str, optional
        What it is called on the screen.
    debug : bool
        Whether each call is told of on stderr: whether it runs, and why.
    raise_errors : bool
        Whether an output file that cannot be written is an error, and no warning: then there is
        no result.
    inputs_check : {"content", "stat"}, optional
        ``"stat"``, for inputs of terabytes: once read, they are taken to be the same in later
        processes too while size, times and inode are.  By default what the project's setting
        ``inputs_check`` says, which is ``"content"`` unless set.
    allow_pickle : bool, optional
        ``False`` neither stores nor reads results in a form whose reading runs code.  By default
        what the `memory` says.
    single_flight : bool or float, optional
        Whether a call waits for the result of an equal one that another thread or process
        computes already, or for how many seconds; see `Memory`.

    Returns
    -------
    Step
        Called like the function.  Of a ``classmethod``, ``staticmethod``, ``property`` or
        ``cached_property``, another of its kind over such a step.

    Raises
    ------
    TypeError
        If `func` is nothing that can be a step, or there are both a `memory` and a `cachedir`.
    OutputError
        If a path is no template, or `output` holds no persister.

    Examples
    --------
    >>> @make(inputs=["{path}"])
    ... def read(path):
    ...     return open(path).read().split()
    """

    def decorate(function: Any) -> Any:
        if is_descriptor(function):
            return over_descriptor(function, decorate, "make")
        if isinstance(function, BoundFunction):
            function = MethodType(function.__func__.func, function.__self__)
        elif isinstance(function, Step):
            function = function.func
        return Step(
            function,
            output,
            inputs=inputs,
            memory=memory,
            cachedir=cachedir,
            depends=depends,
            version=version,
            files=files,
            history=history,
            force=force,
            name=name,
            debug=debug,
            raise_errors=raise_errors,
            inputs_check=inputs_check,
            allow_pickle=allow_pickle,
            single_flight=single_flight,
        )

    return decorate if func is None else decorate(func)
