"""The package read as text: its modules, what they import and what they define.

Nothing is imported here, so that a rule can be checked even on a module that would not load.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PACKAGE = "jupyter_nodeapi"
ROOMS = ("models", "files", "uploads", "audio")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One imported module: its full name, where it stands, and whether loading the module runs it."""

    module: str
    line: int
    at_load: bool


class Module:
    """One source file, parsed once."""

    def __init__(self, path: Path, top: Path = TOP) -> None:
        self.path = path
        self.file = path.relative_to(top).as_posix()
        self.text = path.read_text(encoding="utf-8")
        parts = list(path.relative_to(top).with_suffix("").parts)
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The folder or file right under the package: ``disk``, ``uploads``, ``app`` ..."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def leaf(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    @cached_property
    def imports(self) -> list[Import]:
        inner = {id(node) for function in self.functions for node in ast.walk(function)}
        inner |= {
            id(node)
            for branch in ast.walk(self.tree)
            if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
            for node in ast.walk(branch)
        }
        return [
            Import(name, node.lineno, id(node) not in inner)
            for node in ast.walk(self.tree)
            for name in self._imported(node)
        ]

    def _imported(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = self.origin(node)
            # `from package import module` names the module only in the alias
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in module_names() else base

    def origin(self, node: ast.ImportFrom) -> str:
        """The full name of the module that a ``from ... import`` names, relative or not."""
        package = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        above = package[: len(package) - node.level + 1] if node.level else []
        return ".".join([*above, *([node.module] if node.module else [])])

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def public(self) -> Iterator[tuple[str, ast.AST]]:
        """Every public class, function and method by its dotted name; what is nested in a function is not public."""
        yield from _public(self.tree.body, self.name)


def _public(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.AST]]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{prefix}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{prefix}.{node.name}")


@lru_cache
def modules(folder: str = PACKAGE) -> tuple[Module, ...]:
    return tuple(Module(path) for path in sorted((TOP / folder).rglob("*.py")))


@lru_cache
def module_names() -> frozenset[str]:
    paths = (path.relative_to(TOP).with_suffix("").parts for path in (TOP / PACKAGE).rglob("*.py"))
    return frozenset(".".join(part for part in parts if part != "__init__") for parts in paths)
