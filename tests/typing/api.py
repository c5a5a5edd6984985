"""Typical user code, for the type checker alone: signatures must survive the decorators."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

from jobtui_core import (
    Bunch,
    CallExplanation,
    CsvFile,
    FigureFile,
    JsonFile,
    MemMappedNiftiFile,
    MemoizedFunction,
    MemorizedFunc,
    Memory,
    NiftiFile,
    NumpyFile,
    ParquetFile,
    PathOutput,
    Persister,
    PickleFile,
    PrintTime,
    Step,
    StoredCall,
    TextFile,
    default_param,
    flush,
    hash,  # noqa: A004  joblib's name
    make,
    memoize,
    output_path,
    run_script,
)

memory = Memory("cache", verbose=0)
memory = Memory(Path("cache"), mmap_mode="r")
memory = Memory(None)
memory = Memory("cache", max_size="20G", max_age="90d")
memory.reduce_size("10G", items_limit=5)
assert_type(memory.flush(), int)
assert_type(flush(2.5), int)


@memory.cache
def bare(x: int, y: str = "a") -> list[int]:
    return [x]


@memory.cache()
def called(x: int) -> float:
    return x / 2


@memory.cache(ignore=["verbose"], inputs=["{x}.txt", Path("a")], inputs_check="stat")
def with_options(x: int, verbose: bool = False) -> str:
    return str(x)


assert_type(bare(1), list[int])
assert_type(bare(x=1, y="b"), list[int])
assert_type(called(1), float)
assert_type(with_options(1, verbose=True), str)
assert_type(bare.check_call_in_cache(1), bool)
assert_type(bare.call(1), tuple[list[int], dict[str, Any]])
assert_type(bare.forget(1), bool)
assert_type(bare.explain(1, y="b").hit, bool)
assert_type([one.duration for one in bare.entries()], list[float])
assert_type((bare.hits, bare.misses, bare.cache_info().currsize), tuple[int, int, int])
bare.explain("a")  # type: ignore[arg-type]  # the signature is checked
bare("a")  # type: ignore[arg-type]  # the signature is checked
bare(1, z=2)  # type: ignore[call-arg]  # the signature is checked


def plain(x: int) -> bytes:
    return b""


wrapped: MemorizedFunc[[int], bytes] = memory.cache(plain)
assert_type(wrapped(1), bytes)
assert_type(memory.eval(plain, 1), bytes)


@make
def step(x: int) -> int:
    return x


@make(output=NumpyFile("results/{name}.npy"), inputs=["{path}"], version=2)
def with_files(path: str, name: str) -> tuple[int, ...]:
    return (1,)


@make(cachedir=Path("mine"), debug=True, raise_errors=True, history=False, force=True, name="s")
def as_in_2008(x: int) -> str:
    return str(x)


assert_type(as_in_2008(1), str)


@make(output=(JsonFile("a.json"), {"b": PickleFile(Path("b.pkl"))}), files="declared", name="p")
def parts() -> tuple[int, dict[str, int]]:
    return 1, {"b": 2}


assert_type(TextFile("a.txt", encoding="latin-1").load(), str)
assert_type(FigureFile("a.svg", dpi=100, tight=True).load(), bytes)
volumes = make(plain, [NiftiFile("a.nii", dtype="int16"), MemMappedNiftiFile(Path("b.nii"))])
tables = make(plain, (CsvFile("a.csv", separator="\t", frames="polars"), ParquetFile(Path("b"))))


@make(output=PathOutput("results/{name}.h5"))
def written(name: str) -> Path:
    output_path().write_text(name)
    return output_path()


assert_type(written("a"), Path)
assert_type(step(1), int)
assert_type(with_files("a", name="b"), tuple[int, ...])
assert_type(parts(), tuple[int, dict[str, int]])
step("a")  # type: ignore[arg-type]  # the signature is checked
made: Step[[int], bytes] = make(plain, JsonFile("x.json"), memory=memory)

assert_type(default_param("window", 52, help="weeks"), int)
assert_type(default_param("level", 0.5), float)
assert_type(default_param("kind", "linear", choices=["linear", "cubic"]), str)
assert_type(default_param("folder", Path("data")), Path)
assert_type(default_param("limit", None, type=float), float | None)
assert_type(run_script("co2.py", window=26), Bunch)
assert_type(hash([1]), str)


class Lines(Persister):
    def save(self, data: str) -> None:
        Path(self.filename).write_text(data)

    def load(self) -> str:
        return Path(self.filename).read_text()


class Model:
    @memory.cache
    def fit(self, x: int) -> int:
        return x


@memory.cache(version=3, depends=[plain])
def versioned(x: int) -> int:
    return x


assert_type(versioned(1), int)


class Estimator:
    @memory.cache
    def fit(self, x: int, y: str = "a") -> float:
        return 1.0

    @make(version=1)
    def save(self, path: str) -> bytes:
        return b""


estimator = Estimator()
assert_type(estimator.fit(1, y="b"), float)
assert_type(estimator.fit.check_call_in_cache(1), bool)
assert_type(estimator.fit.call(1), tuple[float, dict[str, Any]])
assert_type(estimator.fit.explain(1), CallExplanation)
assert_type(list(estimator.fit.entries()), list[StoredCall])
assert_type(estimator.fit.forget(1, y="b"), bool)
assert_type(estimator.fit.cache_info().hits, int)
estimator.fit.explain("a")  # type: ignore[arg-type]  # the signature is checked
assert_type(estimator.save("x"), bytes)
assert_type(Estimator.fit(estimator, 1), float)
estimator.fit("a")  # type: ignore[arg-type]  # the signature is checked


@memoize
def remembered(n: int) -> int:
    return n if n < 2 else remembered(n - 1) + remembered(n - 2)


@memoize(persist=False, cachedir=Path("cache"), debug=True)
def for_this_process(n: int, name: str = "a") -> list[str]:
    return [name] * n


assert_type(remembered(10), int)
assert_type(for_this_process(2, name="b"), list[str])
assert_type(remembered.forget(10), bool)
assert_type(remembered.cache_info().misses, int)
remembered.clear()
remembered("a")  # type: ignore[arg-type]  # the signature is checked
by_call: MemoizedFunction[[int], bytes] = memoize(plain, cachedir="cache")
by_position: MemoizedFunction[[int], bytes] = memoize(True, "cache", False)(plain)
memoize("cache")  # type: ignore[call-overload]  # a folder is no function


class Remembering:
    @memoize
    def fit(self, x: int) -> float:
        return 1.0


assert_type(Remembering().fit(1), float)
Remembering().fit("a")  # type: ignore[arg-type]  # the signature is checked

print_time = PrintTime(Path("run.log"))
print_time("Read")
print_time("All", total=True)
