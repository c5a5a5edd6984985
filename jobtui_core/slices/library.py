"""What is known of names outside the project: what they read, change and cannot repeat.

These lists are the published limits of the analysis.  A library function that is on none of them
is taken to be repeatable; whether it may change its arguments depends on the library.
"""

from __future__ import annotations

__all__ = [
    "ANYTHING",
    "calls_nothing",
    "changes_arguments",
    "draws_from",
    "is_exit",
    "is_harmless",
    "is_pure_method",
    "is_scalar",
    "is_seeding",
    "is_set",
    "makes_parser",
    "reaches_anything",
    "reader_in_c",
    "reads_argv",
    "runs_text",
    "shows_order",
    "unrepeatable",
]

ANYTHING = "*"
"""In the place of a step's identity: any function of the project."""

_REACH_ANYTHING = frozenset(
    {
        "builtins.globals",
        "builtins.locals",
        "builtins.vars",
        "builtins.eval",
        "builtins.exec",
        "builtins.__import__",
        "importlib.import_module",
        "runpy.run_path",
        "runpy.run_module",
        "sys.modules",
    }
)

# Functions that look at what they are given, and call none of it.
_CALLS_NOTHING = ("builtins.print", "logging", "warnings", "pprint", "inspect")

_UNREPEATABLE = {
    "builtins.input": "asks a person",
    "builtins.id": "depends on memory addresses",
    "builtins.exec": "runs computed code",
    "builtins.eval": "runs computed code",
    "builtins.globals": "reads names that are computed",
    "builtins.locals": "reads names that are computed",
    "builtins.vars": "reads names that are computed",
    "time": "reads the clock",
    "datetime.datetime.now": "reads the clock",
    "datetime.datetime.utcnow": "reads the clock",
    "datetime.datetime.today": "reads the clock",
    "datetime.date.today": "reads the clock",
    "os.environ": "reads the environment",
    "os.getenv": "reads the environment",
    "os.getpid": "depends on the process",
    "os.getcwd": "depends on the working directory",
    "os.urandom": "is random",
    "os.listdir": "reads a folder",
    "os.scandir": "reads a folder",
    "os.walk": "reads a folder",
    "os.stat": "reads a file's state",
    "os.path.exists": "reads a file's state",
    "os.path.isfile": "reads a file's state",
    "os.path.isdir": "reads a file's state",
    "os.path.getmtime": "reads a file's state",
    "os.path.getsize": "reads a file's state",
    "os.popen": "runs a program",
    "os.system": "runs a program",
    "glob": "reads a folder",
    "pathlib.Path.cwd": "depends on the working directory",
    "pathlib.Path.home": "depends on the user",
    "platform": "depends on the machine",
    "socket": "uses the network",
    "urllib.request": "uses the network",
    "http.client": "uses the network",
    "requests": "uses the network",
    "httpx": "uses the network",
    "boto3": "uses the network",
    "subprocess": "runs a program",
    "multiprocessing": "runs in other processes",
    "concurrent.futures.as_completed": "gives results in the order in which they come",
    "concurrent.futures.wait": "gives results in the order in which they come",
    "secrets": "is random",
    "uuid.uuid1": "is random",
    "uuid.uuid4": "is random",
    "random.SystemRandom": "is random",
    "importlib.import_module": "imports a computed name",
    "builtins.__import__": "imports a computed name",
    "sqlite3": "reads a database",
    "sys.stdin": "reads standard input",
}

# Whatever the library: ``pandas.Timestamp.now``, ``arrow.utcnow``.
_UNREPEATABLE_ENDINGS = {
    "now": "reads the clock",
    "utcnow": "reads the clock",
    "today": "reads the clock",
    "urandom": "is random",
    "uuid4": "is random",
}

_UNREPEATABLE_METHODS = {
    "exists": "reads a file's state",
    "is_file": "reads a file's state",
    "is_dir": "reads a file's state",
    "iterdir": "reads a folder",
    "glob": "reads a folder",
    "rglob": "reads a folder",
    "stat": "reads a file's state",
}

# Readers whose file access Python cannot see: they open the file in C.
_C_READERS = (
    "h5py.File",
    "netCDF4.Dataset",
    "xarray.open_dataset",
    "xarray.open_mfdataset",
    "xarray.open_zarr",
    "polars.read_",
    "polars.scan_",
    "pyarrow.csv",
    "pyarrow.parquet",
    "pyarrow.feather",
    "pyarrow.dataset",
    "pandas.read_parquet",
    "pandas.read_feather",
    "pandas.read_orc",
    "pandas.read_hdf",
    "cv2.imread",
    "cv2.VideoCapture",
    "tables.open_file",
    "zarr.open",
    "rasterio.open",
    "soundfile.read",
    "duckdb",
)

# Libraries that draw, print or keep records: what they are given comes back unchanged.
_HARMLESS = (
    "builtins.print",
    "matplotlib",
    "seaborn",
    "plotly",
    "bokeh",
    "altair",
    "logging",
    "warnings",
    "rich",
    "tqdm",
    "pprint",
    "sys.stdout",
    "sys.stderr",
    "gc",
    "json",
    "pickle",
    "csv",
    "numpy.save",
    "numpy.savez",
    "numpy.savetxt",
    "numpy.set_printoptions",
    "os.makedirs",
    "os.mkdir",
    "os.remove",
    "shutil",
)

# Libraries whose functions, a few apart, leave their arguments alone.
_TRUSTED = (
    "builtins",
    "numpy",
    "scipy",
    "pandas",
    "polars",
    "math",
    "cmath",
    "statistics",
    "itertools",
    "functools",
    "operator",
    "collections",
    "re",
    "string",
    "textwrap",
    "datetime",
    "decimal",
    "fractions",
    "pathlib",
    "os",
    "sys",
    "io",
    "csv",
    "tomllib",
    "yaml",
    "configparser",
    "argparse",
    "copy",
    "dataclasses",
    "enum",
    "typing",
    "types",
    "contextlib",
    "hashlib",
    "base64",
    "struct",
    "zlib",
    "gzip",
    "sklearn",
    "statsmodels",
    "networkx",
    "sympy",
    "xarray",
    "dask",
    "joblib",
    "jobtui_core",
    "abc",
    "inspect",
    "difflib",
    "unicodedata",
    "calendar",
    "array",
    "bisect.bisect",
)

_CHANGES_ARGUMENTS = {
    "numpy.put",
    "numpy.place",
    "numpy.copyto",
    "numpy.fill_diagonal",
    "numpy.putmask",
    "numpy.put_along_axis",
    "numpy.random.shuffle",
    "random.shuffle",
    "builtins.setattr",
    "builtins.delattr",
    "builtins.next",
    "builtins.anext",
    "operator.setitem",
    "operator.delitem",
    "operator.iadd",
    "operator.imul",
    "operator.isub",
    "heapq.heappush",
    "heapq.heappop",
    "heapq.heapify",
    "heapq.heapreplace",
    "heapq.heappushpop",
    "bisect.insort",
    "bisect.insort_left",
    "bisect.insort_right",
}

_PURE_METHODS = frozenset(
    """
    all any argmax argmin argsort astype capitalize casefold center ceil clip conj copy corr
    count cov cumprod cumsum decode describe diff difference dot dropna encode endswith eval
    expanduser fillna find flatten floor format format_map get groupby head index intersection
    isalnum isalpha isdigit islower isna isnull isspace isupper item items join keys ljust lower
    lstrip max mean median merge min mode nonzero notna nunique partition prod ptp quantile
    ravel removeprefix removesuffix repeat replace reset_index reshape resolve rfind rolling
    round rpartition rsplit rstrip select sort_index sort_values split splitlines squeeze
    startswith std strip sum swapaxes tail title to_dict to_list to_numpy tobytes tolist
    transpose union unique upper value_counts values var where with_name with_stem with_suffix
    zfill most_common isoformat strftime total_seconds as_posix joinpath relative_to
    """.split()  # noqa: SIM905  # sixty quoted words are harder to read
)

_SCALARS = frozenset(
    """
    len abs bool int float complex str bytes repr ascii ord chr hash isinstance issubclass
    callable hasattr bin hex oct round divmod pow format type
    """.split()  # noqa: SIM905
)

_ORDERLESS = frozenset(f"builtins.{name}" for name in ("sorted", "min", "max", "any", "all")) | {
    "collections.Counter",
    "math.fsum",
    "copy.copy",
    "copy.deepcopy",
}

_POOLS = frozenset(
    {
        "concurrent.futures.ProcessPoolExecutor",
        "concurrent.futures.ThreadPoolExecutor",
        "multiprocessing.Pool",
        "multiprocessing.get_context",
        "multiprocessing.pool.Pool",
        "multiprocessing.pool.ThreadPool",
        "joblib.Parallel",
    }
)

_EXHAUSTING = frozenset(
    f"builtins.{name}"
    for name in ("list", "tuple", "set", "frozenset", "sorted", "sum", "min", "max", "dict")
) | {
    "join",
    "asyncio.run",
    "run_until_complete",
    "collections.Counter",
    "collections.deque",
    "math.fsum",
    "math.prod",
    "statistics.mean",
    "statistics.fmean",
    "statistics.median",
    "pandas.concat",
    "numpy.fromiter",
}

_COMMAND_LINES = (
    "sys.argv",
    "sys.orig_argv",
    "argparse",
    "optparse",
    "getopt",
    "fileinput",
    "click",
    "typer",
    "fire",
    "docopt",
    "tyro",
    "absl.app",
    "absl.flags",
    "configargparse",
    "jsonargparse",
)

_EXITS = {"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort"}

_DRAWS = {"random": "random", "numpy.random": "numpy.random"}
_GENERATORS = (
    "random.Random",
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.Generator",
    "numpy.random.SeedSequence",
    "numpy.random.PCG64",
    "numpy.random.Philox",
    "numpy.random.MT19937",
    "numpy.random.SFC64",
)


def _under(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def unrepeatable(name: str, *, method: bool = False) -> str | None:
    """Say why a library name gives another value each time, or ``None`` if it does not."""
    if method:
        return _UNREPEATABLE_METHODS.get(name)
    parts = name.split(".")
    if name == "time.sleep":
        return None
    for end in range(len(parts), 0, -1):
        why = _UNREPEATABLE.get(".".join(parts[:end]))
        if why is not None:
            return why
    return _UNREPEATABLE_ENDINGS.get(parts[-1]) if len(parts) > 1 else None


def reader_in_c(name: str) -> bool:
    """Tell whether a library function opens files where Python's hooks do not see it."""
    return any(
        name.startswith(reader) if reader.endswith("_") else _under(name, (reader,))
        for reader in _C_READERS
    )


def is_harmless(name: str) -> bool:
    """Tell whether a library neither keeps nor changes what it is given."""
    return _under(name, _HARMLESS)


def changes_arguments(name: str, *, discarded: bool) -> bool:
    """Tell whether a library function may change its arguments in place.

    ``discarded`` says that the call's value is not used, which suggests that it has another
    purpose.
    """
    if name in _CHANGES_ARGUMENTS:
        return True
    if is_harmless(name) or is_scalar(name):
        return False
    return discarded or not _under(name, _TRUSTED)


def is_pure_method(name: str) -> bool:
    """Tell whether a method of this name leaves its object alone, whatever the object is."""
    return name in _PURE_METHODS or (name.startswith("__") and name.endswith("__"))


def is_scalar(name: str) -> bool:
    """Tell whether a builtin gives a value that shares no memory with its arguments."""
    module, _, last = name.rpartition(".")
    return module == "builtins" and last in _SCALARS


def is_exit(name: str) -> bool:
    """Tell whether a function ends the script."""
    return name in _EXITS


def draws_from(name: str) -> str | None:
    """Give the global random state that a function uses, or ``None``."""
    if _under(name, _GENERATORS):
        return None
    for prefix, state in _DRAWS.items():
        if name.rpartition(".")[0] == prefix:
            return state
    return None


def is_seeding(name: str) -> bool:
    """Tell whether a call sets a random state from its arguments."""
    return name in ("random.seed", "random.setstate", "numpy.random.seed", "numpy.random.set_state")


def unseeded_generator(name: str, arguments: int) -> bool:
    """Tell whether a call makes a random generator from nothing."""
    return _under(name, _GENERATORS[:3]) and arguments == 0


def is_generator(name: str) -> bool:
    """Tell whether a library value is a random generator, which changes when it is used."""
    return _under(name, _GENERATORS)


def makes_parser(name: str) -> bool:
    """Tell whether a library's parsers read the command line in their methods only."""
    return _under(name, ("argparse", "optparse"))


def reads_argv(name: str) -> bool:
    """Tell whether a library function, or a method of this name, may read the command line."""
    if name.rpartition(".")[2] in ("parse_args", "parse_known_args", "parse_intermixed_args"):
        return True
    return _under(name, _COMMAND_LINES)


def is_set(name: str) -> bool:
    """Tell whether a library function gives a set, whose order is not that of its making."""
    return name in ("builtins.set", "builtins.frozenset")


def shows_order(name: str) -> bool:
    """Tell whether a library's function may depend on the order in which it is given things."""
    return not (name in _ORDERLESS or is_set(name) or calls_nothing(name))


def makes_pool(name: str) -> bool:
    """Tell whether a library function gives a pool of workers, or a context that makes one."""
    return name in _POOLS


def is_thread_pool(name: str) -> bool:
    """Tell whether the workers of a pool see what the script itself sees."""
    return "Thread" in name


def exhausts(name: str) -> bool:
    """Tell whether a function, or a method of this name, takes all that an iterable gives."""
    return name in _EXHAUSTING


def stops_early(name: str) -> bool:
    """Tell whether a function takes as much of an iterable as its content makes it."""
    return name in ("builtins.any", "builtins.all", "builtins.next")


def runs_coroutine(name: str) -> bool:
    """Tell whether a function, or a method of this name, runs a coroutine to its end."""
    return name in ("asyncio.run", "run_until_complete")


def reaches_anything(name: str, arguments: int) -> bool:
    """Tell whether a call of a library gives or runs what has a computed name."""
    return name in _REACH_ANYTHING and not (name == "builtins.vars" and arguments)


def runs_text(name: str) -> bool:
    """Tell whether a library function runs code that is given as text, or by a file's name."""
    return name in ("builtins.exec", "builtins.eval") or _under(name, ("runpy",))


def calls_nothing(name: str) -> bool:
    """Tell whether a library calls no function that it is given."""
    return _under(name, _CALLS_NOTHING) or is_scalar(name)
