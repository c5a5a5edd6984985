"""Classes of scripts: written by one process, read by another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from dataclasses import dataclass
from pathlib import Path
from jobtui_core.codecs import Encoded, decode, encode
from jobtui_core.errors import CodecError

@dataclass
class Params:
    rate: float
    class Inner:
        pass

def work():
    print("the script ran as", __name__)

def write():
    encoded = encode({"params": Params(0.5), "class": Params.Inner, "function": work})
    for i, frame in enumerate(encoded.frames):
        Path(f"frame{i}").write_bytes(frame)
    print(encoded.codec)

def read():
    data = Path("frame0").read_bytes()
    try:
        value = decode("pickle", [data])
    except CodecError as error:
        print("miss:", error)
    else:
        params = value["params"]
        print(type(params).__module__, params, type(params) is Params, value["function"] is work)

work()
if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]]()
"""

READER = """
import sys
from pathlib import Path
if "imports" in sys.argv:
    sys.path.insert(0, "sub")
    import co2
from jobtui_core.codecs import decode
from jobtui_core.errors import CodecError
try:
    value = decode("pickle", [Path("frame0").read_bytes()])
except CodecError as error:
    print("miss:", error)
else:
    print("read", type(value["params"]).__module__, value["params"])
"""

IMPORTER = """
import sys
from pathlib import Path
sys.path.insert(0, "sub")
import co2
from jobtui_core.codecs import encode
Path("frame0").write_bytes(encode({"params": co2.Params(0.5), "function": co2.work}).frames[0])
"""


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "jobtui.toml").write_text("")
        (root / "sub").mkdir()
        (root / "sub" / "co2.py").write_text(SCRIPT)
        (root / "reader.py").write_text(READER)
        (root / "importer.py").write_text(IMPORTER)

    def run(self, *words: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_script_reads_its_own_classes_as_its_own(project: Project) -> None:
    assert project.run("sub/co2.py", "write")[-1] == "pickle"
    printed = project.run("sub/co2.py", "read")
    assert printed == ["the script ran as __main__", "__main__ Params(rate=0.5) True True"]


def test_script_is_never_imported_for_a_class(project: Project) -> None:
    project.run("sub/co2.py", "write")
    (line,) = project.run("reader.py")
    assert line.startswith("miss:")
    assert "sub.co2, which is not loaded here" in line


def test_class_of_a_script_is_found_where_the_script_is_imported(project: Project) -> None:
    project.run("sub/co2.py", "write")
    assert project.run("-m", "sub.co2", "read")[-1] == "__main__ Params(rate=0.5) True True"


def test_class_written_by_an_importer_is_the_scripts_own_when_it_runs(project: Project) -> None:
    assert project.run("importer.py") == ["the script ran as co2"]
    printed = project.run("sub/co2.py", "read")
    assert printed == ["the script ran as __main__", "__main__ Params(rate=0.5) True True"]


def test_class_written_by_an_importer_does_not_run_the_script_elsewhere(project: Project) -> None:
    project.run("importer.py")
    (project.root / "co2.py").write_text(SCRIPT)
    (line,) = project.run("reader.py")
    assert line.startswith("miss:")
    assert "co2 is a script" in line


def test_class_that_was_renamed_is_a_miss(project: Project) -> None:
    project.run("sub/co2.py", "write")
    (project.root / "sub" / "co2.py").write_text(SCRIPT.replace("Params", "Settings"))
    assert project.run("sub/co2.py", "read")[-1].startswith("miss:")


def test_class_of_another_session_is_not_taken_from_this_script(project: Project) -> None:
    program = SCRIPT.replace('if __name__ == "__main__":', "if True:").replace(
        "sys.argv[1]", "'write'"
    )
    project.run("-c", program)
    assert project.run("sub/co2.py", "read")[-1].startswith("miss:")


def test_helper_module_is_imported_for_its_classes(project: Project) -> None:
    (project.root / "shapes.py").write_text("class Shape: pass\n")
    (project.root / "writer.py").write_text(
        "from pathlib import Path\nimport shapes\nfrom jobtui_core.codecs import encode\n"
        "data = {'params': shapes.Shape()}\n"
        "Path('frame0').write_bytes(encode(data).frames[0])\n"
    )
    project.run("writer.py")
    (line,) = project.run("reader.py")
    assert line.startswith("read shapes <shapes.Shape")
