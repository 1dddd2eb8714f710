"""``jupyter nodeapi models``: the models room at the command line, with or without a server.

::

    list [WORDS]                          what exists and what is installed
    list --orphans                        the files in the models folder that belong to no known model
    check                                 what is wrong with the registries; exit code 1 when something is
    install ID ...                        with a progress bar, resumable
    verify ID ...                         read every byte again
    remove ID ...                         uninstall
    add FILE                              check a registry file and put it into your models.d
    schema                                the JSON Schema of registry files
    import --from KIND FILE               a list of comfyui-manager or localai, as a registry in your models.d
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from jupyter_core.application import JupyterApp, base_aliases, base_flags
from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Unicode

from jupyter_nodeapi import __version__
from jupyter_nodeapi.cli import model_commands
from jupyter_nodeapi.cli.settings import configured, server_config
from jupyter_nodeapi.disk.faults import from_os_error
from jupyter_nodeapi.errors import InvalidParameter, NodeApiError
from jupyter_nodeapi.models.service import Models

__all__ = ["ModelsApp"]

_USAGE = (
    "Say one of: list, check, install ID, verify ID, remove ID, add FILE, import --from KIND FILE, schema."
)


class ModelsApp(JupyterApp):
    """List, check, install, verify, remove, add and import models."""

    name = "jupyter-nodeapi-models"
    version = __version__
    description = _USAGE
    examples = """
    jupyter nodeapi models list yolo
    jupyter nodeapi models install yolox_s
    jupyter nodeapi models import --from comfyui-manager model-list.json
    """
    aliases = {**base_aliases, "from": "ModelsApp.kind"}
    flags = {
        **base_flags,
        "force": (
            {"ModelsApp": {"force": True}},
            "Replace, remove or overwrite also what was put there by hand.",
        ),
        "orphans": ({"ModelsApp": {"orphans": True}}, "List the files that belong to no known model."),
        "stdout": ({"ModelsApp": {"stdout": True}}, "Print an imported registry instead of keeping it."),
    }

    kind = Unicode(help="The kind of list that is imported: comfyui-manager or localai.").tag(config=True)
    force = Bool(False, help="Replace, remove or overwrite also what was put there by hand.").tag(config=True)
    orphans = Bool(False, help="List the files that belong to no known model.").tag(config=True)
    stdout = Bool(False, help="Print an imported registry instead of keeping it.").tag(config=True)

    def start(self) -> None:
        """Do what the words say, and exit with 0 when that went well."""
        try:
            code = self.run(list(self.extra_args))
        except (NodeApiError, OSError) as error:
            told = error if isinstance(error, NodeApiError) else from_os_error(error)
            print(f"{told.message}\n{told.hint or ''}".rstrip(), file=sys.stderr)
            code = 1
        sys.exit(code)

    def run(self, words: list[str]) -> int:
        """Run one command and give its exit code.

        Parameters
        ----------
        words : list of str
            The command and what it is about.

        Raises
        ------
        NodeApiError
            It cannot be done.
        """
        command, rest = (words[0], words[1:]) if words else ("list", [])
        if command == "schema":
            return model_commands.schema()
        if command in {"add", "import"}:
            return self._keep(command, rest)
        commands: dict[str, Callable[[Models, list[str]], int]] = {
            "list": lambda models, words: model_commands.show(models, words, orphans=self.orphans),
            "check": model_commands.check,
            "install": lambda models, ids: model_commands.install(models, ids, replace=self.force),
            "verify": model_commands.verify,
            "remove": lambda models, ids: model_commands.remove(models, ids, force=self.force),
        }
        if command not in commands or (command in {"install", "verify", "remove"} and not rest):
            raise InvalidParameter("This is not a command.", hint=_USAGE)
        return commands[command](configured(server_config(self)).models, rest)

    def _keep(self, command: str, rest: list[str]) -> int:
        if len(rest) != 1:
            raise InvalidParameter("Name one file.", hint=_USAGE)
        source = Path(rest[0])
        folder = Path(jupyter_data_dir()) / "nodeapi" / "models.d"
        if command == "add":
            return model_commands.add(source, folder, force=self.force)
        return model_commands.import_list(
            self.kind, source, None if self.stdout else folder, force=self.force
        )
