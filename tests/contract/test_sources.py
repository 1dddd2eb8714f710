"""What a file of this house looks like: small, documented, honest."""

from __future__ import annotations

import ast
import re

import pytest

from tests.contract.house import TOP, Module, modules

SOURCES = (*modules(), *modules("widgets/jupyter_nodeapi_widgets"))
every_module = pytest.mark.parametrize("module", SOURCES, ids=repr)

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 45


@every_module
def test_a_file_holds_one_idea(module: Module) -> None:
    assert module.text.count("\n") <= MAX_FILE_LINES
    long = {f.name: f.end_lineno - f.lineno + 1 for f in module.functions if f.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > MAX_FUNCTION_LINES} == {}


@every_module
def test_every_public_name_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree) or module.is_package
    undocumented = [
        name
        for name, node in module.public()
        if not ast.get_docstring(node) and not overloads_or_sets(node)  # type: ignore[arg-type]
    ]
    assert undocumented == []


def overloads_or_sets(node: ast.AST) -> bool:
    """Setters and overloads repeat a name that is documented elsewhere."""
    marks = [ast.unparse(mark) for mark in getattr(node, "decorator_list", [])]
    return any(mark.endswith(("overload", ".setter")) for mark in marks)


@every_module
def test_all_is_true(module: Module) -> None:
    listed = next(
        (
            ast.literal_eval(node.value)
            for node in module.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and "__all__" in ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
        ),
        None,
    )
    if listed is None:
        return
    defined = {
        n.name
        for n in module.tree.body
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    known = defined | {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    known |= {
        alias.asname or alias.name
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert [name for name in listed if name not in known] == []
    assert {name for name in defined if not name.startswith("_")} - set(listed) == set()


def test_only_the_job_boundary_catches_everything() -> None:
    """Whatever a job raises becomes the job's error; nowhere else is a failure swallowed."""
    broad = [
        f"{module.file}:{node.lineno}"
        for module in SOURCES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]
    assert len(broad) <= 1
    assert all(place.startswith("jupyter_nodeapi/jobs/") for place in broad)


def test_nothing_is_left_for_later() -> None:
    words = re.compile(
        r"\b(TODO|FIXME|XXX)\b|NotImplementedError|mark\.(skip|xfail)|pytest\.skip|time\.sleep\("
    )
    here = TOP / "tests" / "contract"
    files = [
        path for folder in ("jupyter_nodeapi", "tests", "widgets") for path in (TOP / folder).rglob("*.py")
    ]
    found = [
        f"{path.relative_to(TOP)}:{number}"
        for path in files
        if here not in path.parents and "node_modules" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert found == []
