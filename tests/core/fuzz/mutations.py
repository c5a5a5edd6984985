"""Random edits of a syntax tree, each small, most of them of a kind that people make."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from tests.core.fuzz.programs import Chooser

__all__ = ["mutate"]

Body = list[ast.stmt]
OPERATORS = (ast.Add, ast.Sub, ast.Mult)
COMPARISONS = (ast.Lt, ast.Gt, ast.Eq, ast.NotEq)


def mutate(text: str, choose: Chooser) -> tuple[str, str]:
    """Edit a source text at random.

    Returns
    -------
    tuple
        A word for the edit, and the text after it: equal to ``text`` if the edit did not fit.
    """
    name = choose.of(*MUTATIONS)
    if name in TEXT_EDITS:
        return name, TEXT_EDITS[name](text, choose)
    tree = ast.parse(text)
    done = MUTATIONS_OF_TREES[name](tree, choose)
    return name, (ast.unparse(ast.fix_missing_locations(tree)) + "\n") if done else text


# -- places ----------------------------------------------------------------------------------------


def _nodes(tree: ast.AST, *kinds: type[ast.AST]) -> list[ast.AST]:
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _bodies(tree: ast.AST) -> Iterator[Body]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body:
                yield body


def _is_note(statement: ast.stmt) -> bool:
    """Tell whether a statement notes an execution, or is needed for that."""
    return isinstance(statement, ast.Expr) and ast.unparse(statement).startswith("note(")


# -- values ----------------------------------------------------------------------------------------


def _constant(tree: ast.AST, choose: Chooser) -> bool:
    found = [n for n in _nodes(tree, ast.Constant) if type(n.value) is int]
    if not found:
        return False
    node = choose.of(*found)
    node.value = choose.of(node.value + 1, 0, 2, 5, -1)
    return True


def _operator(tree: ast.AST, choose: Chooser) -> bool:
    found = [n for n in _nodes(tree, ast.BinOp, ast.AugAssign) if not isinstance(n.op, ast.Mod)]
    if not found:
        return False
    choose.of(*found).op = choose.of(*OPERATORS)()
    return True


def _comparison(tree: ast.AST, choose: Chooser) -> bool:
    found = _nodes(tree, ast.Compare)
    if not found:
        return False
    choose.of(*found).ops = [choose.of(*COMPARISONS)()]
    return True


def _name(tree: ast.AST, choose: Chooser) -> bool:
    """Use another name that the module has, of any kind."""
    found = [n for n in _nodes(tree, ast.Name) if isinstance(n.ctx, ast.Load)]
    if not found:
        return False
    choose.of(*found).id = choose.of(*sorted({node.id for node in found}))
    return True


def _wrap(tree: ast.AST, choose: Chooser) -> bool:
    """Write a value in another way that comes to the same, or nearly."""
    found = [n for n in _nodes(tree, ast.Assign, ast.Return) if n.value is not None]
    if not found:
        return False
    node = choose.of(*found)
    text = choose.of("({} if True else 0)", "(lambda: {})()", "[{}][0]", "({} or 0)", "{} * 1")
    node.value = ast.parse(text.format(ast.unparse(node.value)), mode="eval").body
    return True


def _swap_arguments(tree: ast.AST, choose: Chooser) -> bool:
    found = [n for n in _nodes(tree, ast.Call, ast.List) if len(_items(n)) > 1]
    if not found:
        return False
    items = _items(choose.of(*found))
    items.reverse()
    return True


def _items(node: ast.AST) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List) else node.args


# -- statements ------------------------------------------------------------------------------------


def _swap(tree: ast.AST, choose: Chooser) -> bool:
    found = [(body, row) for body in _bodies(tree) for row in range(len(body) - 1)]
    if not found:
        return False
    body, row = choose.of(*found)
    if _is_note(body[row]) or _is_note(body[row + 1]):
        return False
    body[row], body[row + 1] = body[row + 1], body[row]
    return True


def _delete(tree: ast.AST, choose: Chooser) -> bool:
    found = [(body, row) for body in _bodies(tree) for row in range(len(body))]
    body, row = choose.of(*found)
    if _is_note(body[row]) or isinstance(body[row], ast.Import | ast.ImportFrom):
        return False
    del body[row]
    if not body:
        body.append(ast.Pass())
    return True


def _repeat(tree: ast.AST, choose: Chooser) -> bool:
    found = [(body, row) for body in _bodies(tree) for row in range(len(body))]
    body, row = choose.of(*found)
    if _is_note(body[row]) or isinstance(body[row], ast.FunctionDef | ast.ClassDef):
        return False
    body.insert(row, copy.deepcopy(body[row]))
    return True


ADDED = (
    "pass", "extra = 3", "str(3)", "'words'", "import string", "if True:\n    pass",
    "assert True", "def spare(x):\n    return x", "for _ in range(2):\n    pass",
    "raise ValueError('no')", "if 1 > 2:\n    raise ValueError('no')",
)  # fmt: skip


def _add(tree: ast.AST, choose: Chooser) -> bool:
    bodies = list(_bodies(tree))
    body = choose.of(*bodies)
    body.insert(choose.below(len(body) + 1), ast.parse(choose.of(*ADDED)).body[0])
    return True


def _enclose(tree: ast.AST, choose: Chooser) -> bool:
    """Put a statement into a condition, a loop of one turn, a try or a with."""
    found = [(body, row) for body in _bodies(tree) for row in range(len(body))]
    body, row = choose.of(*found)
    statement = body[row]
    if _is_note(statement) or isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Return):
        return False
    if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
        return False
    head = choose.of(
        "if True:\n    pass", "for _ in range(1):\n    pass", "while True:\n    pass\n    break",
        "try:\n    pass\nfinally:\n    done = 1", "if 2 > 1:\n    pass\nelse:\n    other = 1",
    )  # fmt: skip
    around = ast.parse(head).body[0]
    around.body[0] = statement
    body[row] = around
    return True


def _leave(tree: ast.AST, choose: Chooser) -> bool:
    """Return early, where a function has something to return."""
    found = [n for n in _nodes(tree, ast.FunctionDef) if isinstance(n.body[-1], ast.Return)]
    if not found:
        return False
    node = choose.of(*found)
    early = ast.If(
        test=ast.parse(choose.of("1 > 2", "True", "3 == 3"), mode="eval").body,
        body=[copy.deepcopy(node.body[-1])],
        orelse=[],
    )
    noted = 1 if _is_note(node.body[0]) else 0
    node.body.insert(noted, early)
    return True


# -- names and signatures --------------------------------------------------------------------------


def _rename_local(tree: ast.AST, choose: Chooser) -> bool:
    functions = _nodes(tree, ast.FunctionDef)
    if not functions:
        return False
    function = choose.of(*functions)
    stored = {n.id for n in _nodes(function, ast.Name) if isinstance(n.ctx, ast.Store)}
    if not stored:
        return False
    _rename(function, choose.of(*sorted(stored)), "renamed")
    return True


def _rename_global(tree: ast.AST, choose: Chooser) -> bool:
    assert isinstance(tree, ast.Module)
    stored = {n.id for s in tree.body for n in _nodes(s, ast.Name) if isinstance(n.ctx, ast.Store)}
    if not stored:
        return False
    _rename(tree, choose.of(*sorted(stored)), "renamed_global")
    return True


def _rename(tree: ast.AST, old: str, new: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new


def _default(tree: ast.AST, choose: Chooser) -> bool:
    found = [n for n in _nodes(tree, ast.FunctionDef) if n.args.args]
    if not found:
        return False
    arguments = choose.of(*found).args
    arguments.args.append(ast.arg(arg=f"more{choose.below(3)}"))
    arguments.defaults.append(ast.Constant(value=choose.below(3)))
    return len({one.arg for one in arguments.args}) == len(arguments.args)


def _keyword(tree: ast.AST, choose: Chooser) -> bool:
    """Spell an argument as a keyword."""
    functions = {n.name: n for n in _nodes(tree, ast.FunctionDef) if n.args.args}
    found = [
        n for n in _nodes(tree, ast.Call)
        if isinstance(n.func, ast.Name) and n.func.id in functions and n.args and not n.keywords
    ]  # fmt: skip
    if not found:
        return False
    call = choose.of(*found)
    argument = functions[call.func.id].args.args[0].arg
    call.keywords.append(ast.keyword(arg=argument, value=call.args.pop(0)))
    return not call.args


def _annotate(tree: ast.AST, choose: Chooser) -> bool:
    functions = _nodes(tree, ast.FunctionDef)
    if not functions:
        return False
    function = choose.of(*functions)
    for argument in function.args.args:
        argument.annotation = ast.Name(id=choose.of("int", "object"), ctx=ast.Load())
    function.returns = ast.Constant(value=None)
    return True


def _document(tree: ast.AST, choose: Chooser) -> bool:
    places = _nodes(tree, ast.FunctionDef, ast.ClassDef, ast.Module)
    body = choose.of(*places).body
    known = body[0] if isinstance(body[0], ast.Expr) else None
    words = ast.Expr(value=ast.Constant(value=f"Words {choose.below(3)}."))
    if known is not None and isinstance(known.value, ast.Constant):
        body[0] = words
    else:
        body.insert(0, words)
    return True


def _decorate(tree: ast.AST, choose: Chooser) -> bool:
    found = [n for n in _nodes(tree, ast.FunctionDef) if n.name.startswith("h")]
    if not found or "traced" not in ast.dump(tree):
        return False
    function = choose.of(*found)
    if function.decorator_list:
        function.decorator_list.pop()
    else:
        function.decorator_list.append(ast.Name(id="traced", ctx=ast.Load()))
    return True


def _inherit(tree: ast.AST, choose: Chooser) -> bool:
    """Take a method away, or add one."""
    found = [n for n in _nodes(tree, ast.ClassDef) if n.bases]
    if not found:
        return False
    node = choose.of(*found)
    methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
    if methods and choose.chance(2):
        node.body.remove(choose.of(*methods))
        node.body.append(ast.Pass())
    else:
        node.body += ast.parse("def twice(self, x):\n    return self.go(x) + 1").body
    return True


def _import_inside(tree: ast.AST, choose: Chooser) -> bool:
    """Move an import of the project into a function that needs it, beside the one at the top."""
    assert isinstance(tree, ast.Module)
    imports = [
        n for n in tree.body
        if isinstance(n, ast.Import | ast.ImportFrom) and n.names[0].name != "*"
    ]  # fmt: skip
    functions = _nodes(tree, ast.FunctionDef)
    if not imports or not functions:
        return False
    function = choose.of(*functions)
    function.body.insert(1 if _is_note(function.body[0]) else 0, choose.of(*imports))
    return True


def _reorder_imports(tree: ast.AST, choose: Chooser) -> bool:
    assert isinstance(tree, ast.Module)
    rows = [r for r, n in enumerate(tree.body) if isinstance(n, ast.Import | ast.ImportFrom)]
    if len(rows) < 2:
        return False
    one, other = choose.of(*rows), choose.of(*rows)
    tree.body[one], tree.body[other] = tree.body[other], tree.body[one]
    return one != other


# -- text ------------------------------------------------------------------------------------------


def _comment(text: str, choose: Chooser) -> str:
    lines = text.splitlines()
    row = choose.below(len(lines))
    lines[row] = lines[row] + "  # because" if lines[row].strip() else "# because"
    return "\n".join(lines) + "\n"


def _blank(text: str, choose: Chooser) -> str:
    lines = text.splitlines()
    lines.insert(choose.below(len(lines)), "")
    return "\n".join(lines) + "\n"


def _ending(text: str, choose: Chooser) -> str:
    return choose.of(text.rstrip("\n"), text + "\n\n", text.replace("\n", "\r\n"), "\f\n" + text)


def _tabs(text: str, choose: Chooser) -> str:
    return "\n".join(
        "\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ")
        for line in text.split("\n")
    )


TEXT_EDITS: dict[str, Callable[[str, Chooser], str]] = {
    "comment": _comment,
    "blank line": _blank,
    "line ends": _ending,
    "tabs": _tabs,
}
MUTATIONS_OF_TREES: dict[str, Callable[[ast.AST, Chooser], bool]] = {
    "constant": _constant,
    "operator": _operator,
    "comparison": _comparison,
    "other name": _name,
    "wrapped": _wrap,
    "arguments swapped": _swap_arguments,
    "statements swapped": _swap,
    "statement deleted": _delete,
    "statement repeated": _repeat,
    "statement added": _add,
    "enclosed": _enclose,
    "early return": _leave,
    "local renamed": _rename_local,
    "global renamed": _rename_global,
    "default": _default,
    "keyword": _keyword,
    "annotations": _annotate,
    "docstring": _document,
    "decorator": _decorate,
    "method": _inherit,
    "import inside": _import_inside,
    "imports reordered": _reorder_imports,
}
MUTATIONS = (
    *MUTATIONS_OF_TREES,
    # What changes results comes more often than it would.
    *["constant", "operator", "other name", "statement deleted", "statements swapped"] * 2,
    *TEXT_EDITS,
)
