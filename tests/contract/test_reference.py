"""The reference is what the code says: every setting has a help text and a row, every page is up to date."""

from __future__ import annotations

import importlib.util
import inspect
import json
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest
from traitlets.config import Configurable

import jupyter_nodeapi
from jupyter_nodeapi.app import NodeApiApp
from jupyter_nodeapi.routes import ROUTES
from tests.contract.house import TOP

# what docs and clients may rely on
FIXED = {
    "NodeApiApp": ["data_dir", "models_dir", "libs_dir", "temp_dir", "engine_class", "disk_reserve_bytes"],
    "Models": ["allowed_origins", "shared_dirs"],
    "Jobs": ["concurrency"],
    "Uploads": [
        "max_file_bytes",
        "max_chunk_bytes",
        "session_quota_bytes",
        "total_quota_bytes",
        "max_chunks",
        "partial_ttl_seconds",
    ],
    "Audio": ["ffmpeg", "timeout_seconds", "max_clip_seconds"],
    "Library": ["max_file_bytes", "versions"],
}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOP / "docs" / "reference" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load("generate")
PAGES = ("settings.md", "api.md", "cli.md", "client.md", "openapi.json")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(generate.pages())


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(pages: dict[str, str], name: str) -> None:
    """When this fails: `make docs`, and read the difference."""
    assert (TOP / "docs" / "reference" / name).read_text(encoding="utf-8") == pages[name]


def test_the_widgets_know_the_types_of_the_wire(pages: dict[str, str]) -> None:
    """When this fails: `make docs`, then let `npx tsc` in widgets/ say what has to follow."""
    written = (TOP / "widgets" / "src" / "wire.ts").read_text(encoding="utf-8")
    assert written == load("typescript").types(json.loads(pages["openapi.json"]))


def settings() -> list[tuple[type[Configurable], str]]:
    kinds = (NodeApiApp, *NodeApiApp.classes)
    return [(kind, name) for kind in kinds for name in generate.own_traits(kind)]


def test_every_setting_says_what_it_does(pages: dict[str, str]) -> None:
    silent = [
        f"{kind.__name__}.{name}"
        for kind, name in settings()
        if len(str(kind.class_traits()[name].help)) < 10
        or f"`{kind.__name__}.{name}`" not in pages["settings.md"]
    ]
    assert silent == []


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in FIXED.items() for name in names])
def test_a_setting_that_was_promised_is_there(kind: str, name: str) -> None:
    known = {known.__name__: known for known in (NodeApiApp, *NodeApiApp.classes)}
    assert name in known[kind].class_trait_names(config=True)


def test_no_class_with_settings_is_missing_from_the_list() -> None:
    """What is not in ``classes`` cannot be set on the command line and is not in --help-all."""
    listed = {NodeApiApp, *NodeApiApp.classes}
    missing = set()
    for module in pkgutil.walk_packages(jupyter_nodeapi.__path__, "jupyter_nodeapi."):
        if ".cli" in module.name or module.name.endswith(("jupyterhub", "__main__", "dask")):
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(kind) and issubclass(kind, Configurable) and kind.__module__ == module.name:
                missing |= {kind.__name__} if kind not in listed and generate.own_traits(kind) else set()
    assert missing == set()


@pytest.mark.slow
def test_help_all_shows_every_setting() -> None:
    line = [sys.executable, "-c", "from jupyter_nodeapi.app import main; main()", "--help-all"]
    shown = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout
    assert [name for kind, name in settings() if f"{kind.__name__}.{name}" not in shown] == []


def test_every_documented_path_is_served() -> None:
    """The paths of the document this API was written for, as they stand there."""
    paths = {(verb, route.template) for route in ROUTES for verb in route.operations}
    promised = {
        ("get", "/api/models"),
        ("get", "/api/models/{category}"),
        ("post", "/api/models/download/{id}"),
        ("get", "/api/downloads/status/{job_id}"),
        ("post", "/api/files/save"),
        ("get", "/api/files/read"),
        ("get", "/api/files/list"),
        ("post", "/api/upload"),
        ("post", "/api/audio/trim"),
    }
    assert promised - {(verb, path.replace("{model_id}", "{id}")) for verb, path in paths} == set()


def test_the_openapi_document_names_every_route(pages: dict[str, str]) -> None:
    described = {
        (verb, path) for path, verbs in json.loads(pages["openapi.json"])["paths"].items() for verb in verbs
    }
    assert described == {(verb, route.template) for route in ROUTES for verb in route.operations}


def test_operation_ids_are_unique(pages: dict[str, str]) -> None:
    ids = [
        operation["operationId"]
        for verbs in json.loads(pages["openapi.json"])["paths"].values()
        for operation in verbs.values()
    ]
    assert len(ids) == len(set(ids))
