"""What a file of this house looks like: small, documented, honest."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.contract.house import TOP, Function, Module, modules

SOURCES = (*modules(), *modules("widgets/jupyter_nodeapi_widgets"))

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 45


def test_a_file_holds_one_idea() -> None:
    lines = {module.file: module.text.count("\n") for module in SOURCES}
    assert {file: count for file, count in lines.items() if count > MAX_FILE_LINES} == {}


def test_a_function_fits_on_a_screen() -> None:
    lines = {
        f"{module.file}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in SOURCES
        for function in module.functions
    }
    assert {name: count for name, count in lines.items() if count > MAX_FUNCTION_LINES} == {}


def test_every_module_says_its_idea() -> None:
    assert [module.file for module in SOURCES if not ast.get_docstring(module.tree)] == []


def test_every_public_name_says_what_it_is() -> None:
    undocumented = [
        name
        for module in SOURCES
        for name, node in module.public()
        if not ast.get_docstring(node) and not overloads_or_sets(node)  # type: ignore[arg-type]
    ]
    assert undocumented == []


def overloads_or_sets(node: ast.AST) -> bool:
    """Setters and overloads repeat a name that is documented elsewhere."""
    marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", [])]
    return any(mark.endswith(("overload", ".setter")) for mark in marks)


def exported(module: Module) -> list[str] | None:
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if ast.unparse(target) == "__all__":
                return list(ast.literal_eval(node.value))
    return None


def test_what_a_module_exports_exists() -> None:
    missing = [
        f"{module.file} has no {name}"
        for module in SOURCES
        for known in [names_in(module)]
        for name in exported(module) or []
        if name not in known
    ]
    assert missing == []


def names_in(module: Module) -> set[str]:
    """Every name that the module assigns, defines or imports at its top, for types alone too."""
    names = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in module.tree.body if isinstance(node, Function | ast.ClassDef)}
    checked = [node for top in module.tree.body if isinstance(top, ast.If) for node in top.body]  # by mypy
    imports = [node for node in [*module.tree.body, *checked] if isinstance(node, ast.ImportFrom)]
    return names | {alias.asname or alias.name for node in imports for alias in node.names}


def test_what_is_taken_from_a_module_is_exported() -> None:
    """A name that another module imports is public, so it is in ``__all__``."""
    by_name = {module.name: module for module in SOURCES}
    exports = {name: set(exported(module) or ()) for name, module in by_name.items()}
    hidden = {
        f"{source} does not export {alias.name}"
        for module in SOURCES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for source in [module.origin(node)]
        if source in by_name
        for alias in node.names
        if f"{source}.{alias.name}" not in by_name and not alias.name.startswith("__")
        if alias.name not in exports[source]
    }
    assert hidden == set()


def test_only_the_outcome_of_a_thread_catches_everything() -> None:
    """Whatever work raises is raised where its outcome is taken, a job's too; nowhere is a failure swallowed."""
    broad = [
        f"{module.file}:{node.lineno}"
        for module in SOURCES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and ast.unparse(node.body[-1]) != "raise"  # cleans up and lets it go on
    ]
    assert len(broad) == 1
    assert broad[0].startswith("jupyter_nodeapi/disk/outcome.py")


def test_nothing_is_left_for_later() -> None:
    """Nor skipped; and only the helpers of the tests poll, with a deadline: a test itself never sleeps."""
    words = re.compile(r"\b(TODO|FIXME|XXX)\b|mark\.(skip|xfail)|pytest\.skip")
    sleeps = re.compile(r"time\.sleep\(")
    files = [path for folder in ("jupyter_nodeapi", "tests") for path in (TOP / folder).rglob("*.py")]
    found = [
        f"{path.relative_to(TOP)}:{number}"
        for path in files
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line) or (path.name.startswith("test_") and sleeps.search(line))
    ]
    assert found == []
