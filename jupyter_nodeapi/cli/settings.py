"""The extension's settings as a server would have them, without starting one.

::

    jupyter_config  <  jupyter_nodeapi_config  <  jupyter_server_config  <  the command line

Each is read as ``.py`` and ``.json`` from every folder of ``jupyter --paths``; the later wins. A
subcommand reads only the first two by itself, so the server's own files are loaded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_config_path
from jupyter_server.services.config.manager import ConfigManager
from traitlets.config import Config

if TYPE_CHECKING:
    from jupyter_nodeapi.app import NodeApiApp

__all__ = ["configured", "enabled_in", "server_config"]

_FILES = ("jupyter_nodeapi_config", "jupyter_server_config")


def server_config(command: JupyterApp) -> Config:
    """Give the merged configuration files, with what was said on the command line on top.

    Parameters
    ----------
    command : JupyterApp
        The subcommand that runs; its ``--config`` is honoured.

    Raises
    ------
    SyntaxError, ValueError, traitlets.TraitError
        A configuration file cannot be read.
    """
    merged = Config()
    for name in [command.config_file] if command.config_file else _FILES:
        reader = JupyterApp(config_file_name=name, raise_config_file_errors=True, log=command.log)
        reader.config_file = command.config_file
        reader.load_config_file(suppress_errors=False)
        merged.merge(reader.config)
    merged.merge(command.cli_config)
    return merged


def configured(config: Config) -> NodeApiApp:
    """Give the extension's app with these settings and its rooms built, not started and without a server.

    Parameters
    ----------
    config : Config
        As :func:`server_config` gives it.
    """
    from jupyter_nodeapi.app import NodeApiApp  # noqa: PLC0415 - the app lists the commands

    app = NodeApiApp(config=config)
    app.build()
    return app


def enabled_in(config: Config) -> bool | None:
    """Say whether a server would load the extension; ``None`` when no file speaks of it.

    Parameters
    ----------
    config : Config
        As :func:`server_config` gives it; the files of ``jupyter_server_config.d`` are read besides.
    """
    manager = ConfigManager(read_config_path=jupyter_config_path())
    section: dict[str, Any] = manager.get("jupyter_server_config")  # type: ignore[no-untyped-call]
    found = dict(section.get("ServerApp", {}).get("jpserver_extensions", {}))
    found.update(config.get("ServerApp", Config()).get("jpserver_extensions", {}))
    state = found.get("jupyter_nodeapi")
    return None if state is None else bool(state)
