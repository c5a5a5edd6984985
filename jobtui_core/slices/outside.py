"""What other code binds in a module or puts behind a name of it.

``settings.LEVEL = 3``, ``Config.rate = 3``, ``@shapes.area.register``.
"""

from __future__ import annotations

import ast

from jobtui_core.fingerprint.names import resolve
from jobtui_core.fingerprint.scopes import chain_of
from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.declarations import Declarations
from jobtui_core.slices.meanings import ClassRef, FunctionRef, ModuleRef, StepRef, Value
from jobtui_core.slices.terms import Constant, constant
from jobtui_core.sources import SourceModule

__all__ = ["Outside"]


class Outside(Declarations):
    """Follows what is bound in a module, or set on a class, from anywhere."""

    def run_module(self, module: SourceModule) -> int:
        """Walk through a module's top level, once, and give its frame."""
        raise NotImplementedError

    def set_attribute(self, owner: Value, name: str, value: Value) -> bool:
        """Bind an attribute of a module or class; ``False`` where that is all to be done.

        What code reads of a module, class or function counts by its source, so from here on its
        value counts beside it.
        """
        meaning = owner.term.meaning
        if isinstance(meaning, ModuleRef):
            frame = self.run_module(meaning.module)
            given = Value(self.here(value.term), value.cells, value.same)
            self.state.bind(frame, name, self.cell_of(given))
            self.set_outside.add(f"{meaning.module.name}:{name}")
            return False
        if isinstance(meaning, StepRef):
            meaning = meaning.declaration.function
        if isinstance(meaning, ClassRef | FunctionRef):
            self.set_outside.add(f"{meaning.module.name}:{meaning.qualname}")
        return True

    def note_registered(self, decorator: ast.expr, function: FunctionRef) -> None:
        """Note that ``@area.register`` puts a function behind the name of another module's."""
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        chain = chain_of(callee)
        if chain is None or len(chain) < 2 or chain[-1] != "register":
            return
        found = resolve(self.tree, function.module, ".".join(chain[:-1]))
        if found.kind == "function" and found.module is not function.module:
            self.registered.setdefault(found.name, []).append(function)

    def set_by_name(self, arguments: Arguments) -> Value | None:
        """``setattr(owner, name, value)``, where it sets a module's attribute."""
        if arguments.spread or arguments.keywords or len(arguments.positional) != 3:
            return None
        owner, name, value = arguments.positional
        meaning = owner.term.meaning
        if not isinstance(meaning, ModuleRef | ClassRef | FunctionRef | StepRef):
            return None
        known = name.term.meaning
        if isinstance(known, Constant) and isinstance(known.value, str):
            if not self.set_attribute(owner, known.value, value):
                return Value(constant(None))
            return None
        if isinstance(meaning, ModuleRef):
            self.problems.add(f"names of {meaning.module.name} are set that are computed")
            return Value(constant(None))
        self.set_attribute(owner, "", value)
        return None
