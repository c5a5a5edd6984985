"""Where the imports of a script are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core.sources import SourceTree, import_path

EDITS = {
    "text": "sys.path.append('lib')",
    "text from the script's folder": "sys.path.append('../lib')",
    "in front": "sys.path.insert(0, 'lib')",
    "several": "sys.path.extend(['nowhere', 'lib'])",
    "pathlib": "sys.path.append(str(Path(__file__).resolve().parent.parent / 'lib'))",
    "parents": "sys.path.append(str(Path(__file__).absolute().parents[1].joinpath('lib')))",
    "os.path": "sys.path.append(os.path.join(os.path.dirname(__file__), os.pardir, 'lib'))",
    "a parent of a parent": (
        "sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + '')\n"
        "HERE = Path(__file__).parent\nLIB = HERE / '..' / 'lib'\nsys.path.insert(1, str(LIB))"
    ),
    "under a condition": "if 'lib' not in sys.path:\n    sys.path.append('lib')",
    "site": "import site\nsite.addsitedir('lib')",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_folders_that_a_script_adds_are_searched(tmp_path: Path, edit: str) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "tools.py").write_text("x = 1\n")
    script = tmp_path / "scripts" / "script.py"
    script.parent.mkdir()
    script.write_text(f"import os, sys\nfrom pathlib import Path\n{edit}\nimport tools\n")
    tree = SourceTree(tmp_path, import_path(tmp_path, script))
    found = tree.find("tools", importer=tree.module_at(script))
    assert found is not None
    assert found.name == "lib.tools"


def test_a_folder_inserted_in_front_wins(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    script = tmp_path / "script.py"
    script.write_text("import sys\nsys.path.insert(0, 'one')\nsys.path.insert(0, 'two')\n")
    assert import_path(tmp_path, script)[:3] == [tmp_path / "two", tmp_path / "one", tmp_path]


@pytest.mark.parametrize(
    "text",
    ["sys.path.append(compute())", "sys.path.append(x)", "x = x\nsys.path.append(x)", "def ("],
)
def test_folders_that_the_text_does_not_tell_are_left_out(tmp_path: Path, text: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import sys\n# sys.path\n{text}\n")
    assert import_path(tmp_path, script) == [tmp_path, tmp_path / "src"]
