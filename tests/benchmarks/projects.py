"""Projects of many steps, written out for measurements."""

from __future__ import annotations

from pathlib import Path

__all__ = ["flow", "list_of_tasks", "long_chain", "scripts_of_their_own"]

STEPS_A_MODULE = 20

_HELPERS = """\
import math

SCALE = 2.0
OFFSETS = (1, 2, 3)


def scaled(value, factor=SCALE):
    return math.floor(value * factor) % 1000


def shifted(value):
    return scaled(value) + sum(OFFSETS)
"""

_MODULE = """\
from jobtui_core import make

from flow.helpers import scaled, shifted

LIMIT = {limit}


def _local(value):
    if value > LIMIT:
        return scaled(value)
    return shifted(value)
"""

_STEP = """

@make()
def {name}(value, extra={extra}):
    total = _local(value) + extra
    for item in (1, 2, 3):
        total += scaled(item)
    return total
"""


def _package(folder: Path, modules: int) -> list[list[str]]:
    """Write modules of steps; give the names of their steps."""
    package = folder / "flow"
    package.mkdir(parents=True)
    (folder / "jobtui.toml").write_text("")
    (package / "__init__.py").write_text("")
    (package / "helpers.py").write_text(_HELPERS)
    names: list[list[str]] = []
    for module in range(modules):
        mine = [f"step_{module:03}_{step:02}" for step in range(STEPS_A_MODULE)]
        text = _MODULE.format(limit=module)
        text += "".join(_STEP.format(name=name, extra=at) for at, name in enumerate(mine))
        (package / f"part_{module:03}.py").write_text(text)
        names.append(mine)
    return names


def _calls(module: int, names: list[str], start: str) -> list[str]:
    """Lines that call the steps of a module, each on the result of the one before."""
    lines, value = [], start
    for name in names:
        lines.append(f"{name} = part_{module:03}.{name}({value})")
        value = name
    return lines


def flow(folder: Path, steps: int) -> None:
    """Write one script that calls steps out of modules of twenty."""
    names = _package(folder, steps // STEPS_A_MODULE)
    lines = [f"from flow import part_{module:03}" for module in range(len(names))]
    for module, mine in enumerate(names):
        lines += _calls(module, mine, str(module))
    (folder / "all.py").write_text("\n".join(lines) + "\n")


def scripts_of_their_own(folder: Path, scripts: int, steps: int) -> None:
    """Write scripts that call some steps each."""
    each = steps // STEPS_A_MODULE or 1
    names = _package(folder, scripts * each)
    for script in range(scripts):
        lines: list[str] = []
        mine = range(script * each, (script + 1) * each)
        lines += [f"from flow import part_{module:03}" for module in mine]
        for module in mine:
            lines += _calls(module, names[module], str(module))
        (folder / f"script_{script:02}.py").write_text("\n".join(lines) + "\n")


def long_chain(folder: Path, calls: int) -> None:
    """Write a script in which one call takes the result of another, so many times."""
    folder.mkdir(parents=True)
    (folder / "jobtui.toml").write_text("")
    lines = ["from jobtui_core import make", "", "", "@make()", "def more(value):"]
    lines += ["    return (value * 31 + 7) % 1009", "", "", "value = more(0)"]
    lines += ["value = more(value)"] * (calls - 1)
    (folder / "chain.py").write_text("\n".join(lines) + "\n")


def list_of_tasks(folder: Path, tasks: int) -> None:
    """Write the same number of tasks for doit: one file each to read, one to leave behind."""
    folder.mkdir(parents=True)
    for module in range(tasks // STEPS_A_MODULE):
        (folder / f"part_{module:03}.py").write_text(_MODULE.format(limit=module))
    (folder / "dodo.py").write_text(
        "def task_step():\n"
        f"    for number in range({tasks}):\n"
        "        source = f'part_{number // 20:03}.py'\n"
        "        target = f'out_{number}.txt'\n"
        "        yield {\n"
        "            'name': f'{number:05}',\n"
        "            'actions': [f'echo {number} > {target}'],\n"
        "            'file_dep': [source],\n"
        "            'targets': [target],\n"
        "        }\n"
    )
