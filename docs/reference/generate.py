"""Write the reference pages that are made from the code: ``make docs``.

::

    settings.md     every trait: name, default, help
    api.md          every route: verb, path, summary, status words
    cli.md          every subcommand and what it says of itself
    client.md       every call of the notebook's client
    openapi.json    the OpenAPI 3.1 document, and from it the types of the widgets: typescript.py

A contract test holds the pages equal to what this would write.
"""

from __future__ import annotations

import inspect
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_nodeapi_widgets.client import NodeApi
from jupyter_nodeapi_widgets.client.audio import Audio
from jupyter_nodeapi_widgets.client.files import Files
from jupyter_nodeapi_widgets.client.jobs import Jobs
from jupyter_nodeapi_widgets.client.models import Models
from jupyter_nodeapi_widgets.client.uploads import Uploads
from traitlets import TraitType
from traitlets.config import Configurable
from traitlets.utils.importstring import import_item

from jupyter_nodeapi.app import NodeApiApp
from jupyter_nodeapi.cli.openapi import OpenApiApp
from jupyter_nodeapi.errors import NodeApiError
from jupyter_nodeapi.routes import ROUTES
from jupyter_nodeapi.web import Operation

HERE = Path(__file__).parent
NOTE = "<!-- Made by docs/reference/generate.py; change the code, then `make docs`. -->\n"

# what every configurable class of Jupyter has besides its own
INHERITED = {"config", "log", "parent", "log_level", "log_format", "log_datefmt", "logging_config"}


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
    runpy.run_path(str(HERE / "typescript.py"), run_name="__main__")  # from the document just written


def pages() -> dict[str, str]:
    """Give every generated page by its file name."""
    return {
        "settings.md": settings(),
        "api.md": api(),
        "cli.md": cli(),
        "client.md": client(),
        "openapi.json": OpenApiApp().text(),
    }


def own_traits(kind: type[Configurable]) -> dict[str, TraitType[Any, Any]]:
    """Give the settings that a class of ours declares, not those of its bases outside the package."""
    ours = [base for base in kind.__mro__ if base.__module__.startswith("jupyter_nodeapi")]
    declared = {name for base in ours for name in vars(base)}
    return {
        name: trait
        for name, trait in sorted(kind.class_traits(config=True).items())
        if name in declared and name not in INHERITED
    }


def settings() -> str:
    """Give the page of settings."""
    return "\n".join([NOTE, "# Settings\n", INTRODUCTION, *_tables()])


INTRODUCTION = """\
Set them in `jupyter_server_config.py` (or `.json`) as `c.Uploads.max_chunk_bytes = 16 * 2**20`, or on the
command line as `--Uploads.max_chunk_bytes=16777216`. `jupyter nodeapi --help-all` prints the same list. Sizes
are bytes, times are seconds.
"""


def _tables() -> Iterator[str]:
    for kind in (NodeApiApp, *NodeApiApp.classes):
        traits = own_traits(kind)
        if traits:
            yield f"## {kind.__name__}\n"
            yield "| setting | default | meaning |\n|---|---|---|"
            for name, trait in traits.items():
                yield f"| `{kind.__name__}.{name}` | {_default(trait)} | {_cell(str(trait.help))} |"
            yield ""


def _default(trait: TraitType[Any, Any]) -> str:
    text = trait.default_value_repr()
    if text in {"None", "''", "traitlets.Undefined"}:
        return "see the meaning" if "Default:" in str(trait.help) else "none"
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def api() -> str:
    """Give the page of routes."""
    lines = [NOTE, "# Routes\n", ROUTES_INTRODUCTION, "| request | what it does | success | refusals |"]
    lines.append("|---|---|---|---|")
    for route in ROUTES:
        for verb, operation in route.operations.items():
            lines.append(
                f"| `{verb.upper()} {route.template}` | {_cell(operation.summary)} | {operation.status}"
                f" | {_refusals(operation)} |"
            )
    return "\n".join([*lines, ""])


ROUTES_INTRODUCTION = """\
All paths stand under the server's `base_url`. All need Jupyter's authentication and authorization; every
change of state obeys its XSRF check. Besides what is listed, any route may answer 400, 403 and 404. The
schemas are in [openapi.json](openapi.json), also at `GET /api/nodeapi/openapi.json`.
"""


def _refusals(operation: Operation) -> str:
    kinds: list[type[NodeApiError]] = sorted(operation.errors, key=lambda kind: (kind.status, str(kind.code)))
    return ", ".join(dict.fromkeys(f"{kind.status} `{kind.code}`" for kind in kinds))


def cli() -> str:
    """Give the page of subcommands."""
    lines = [NOTE, "# Command line\n", CLI_INTRODUCTION]
    for name, (path, sentence) in NodeApiApp.subcommands.items():
        kind = import_item(path)
        lines += [f"## `jupyter nodeapi {name}`\n", f"{sentence}\n"]
        flags = {flag: told for flag, told in kind.flags.items() if kind.__name__ in told[0]}
        lines += [f"- `--{flag}`: {told[1]}" for flag, told in sorted(flags.items())]
        lines += [
            f"- `{_option(kind, trait)}`: {_cell(str(told.help))}" for trait, told in own_traits(kind).items()
        ]
        lines.append("")
    return "\n".join([*lines, EXIT_CODES])


def _option(kind: type[Any], trait: str) -> str:
    aliases = {target: alias for alias, target in kind.aliases.items() if isinstance(target, str)}
    return f"--{aliases.get(f'{kind.__name__}.{trait}', f'{kind.__name__}.{trait}')}"


def client() -> str:
    """Give the page of the notebook's client."""
    lines = [NOTE, "# The client\n", CLIENT_INTRODUCTION]
    for noun, kind in CLIENT.items():
        lines += [f"## `{noun}`\n", f"{_first(kind)}\n"]
        lines += ["| call | what it does |", "|---|---|"]
        for name, call in vars(kind).items():
            if inspect.isfunction(call) and not name.startswith("_"):
                lines.append(f"| `{noun}.{name}{_signature(call)}` | {_cell(_first(call))} |")
        lines.append("")
    return "\n".join(lines)


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _signature(call: Any) -> str:
    """Give the arguments with their defaults; the types are in the docstring."""
    given = list(inspect.signature(call).parameters.values())[1:]
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in given]
    return str(inspect.Signature(plain))


CLIENT = {
    "api": NodeApi,
    "api.models": Models,
    "api.jobs": Jobs,
    "api.files": Files,
    "api.uploads": Uploads,
    "api.audio": Audio,
}

CLIENT_INTRODUCTION = """\
`from jupyter_nodeapi_widgets import NodeApi; api = NodeApi()` finds the kernel's own server;
`NodeApi(url, token)` takes any other. Calls block until the answer is there; only
`await api.jobs.finished(id)` does not. A refusal is an `ApiError` with `code`, `message`, `hint`, `status`
and `retryable`; `NoServer` and `JobFailed` are kinds of it. Each call's docstring tells its arguments.
"""

CLI_INTRODUCTION = """\
`jupyter nodeapi` starts a server with the extension, as `jupyter server` does once it is installed;
`--help-all` lists every setting.
"""

EXIT_CODES = """\
## Exit codes of `doctor`

| code | meaning |
|---|---|
| 0 | nothing is broken; warnings are possible |
| 1 | at least one problem: something the API promises will fail |
| 2 | a configuration file cannot be read, so nothing else could be looked at |
"""

if __name__ == "__main__":
    main()
