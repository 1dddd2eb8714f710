"""Which file wins, and what a server would load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jupyter_core.application import JupyterApp

from jupyter_nodeapi.cli.settings import configured, enabled_in, server_config


@pytest.fixture
def command(jp_environ: None) -> JupyterApp:
    return JupyterApp()


def write(folder: Path, name: str, **settings: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(settings))


def test_without_any_file_the_defaults_hold(command: JupyterApp, jp_data_dir: Path) -> None:
    assert configured(server_config(command)).data_dir == str(jp_data_dir / "nodeapi")


def test_the_servers_file_wins_over_ours(command: JupyterApp, jp_config_dir: Path) -> None:
    write(jp_config_dir, "jupyter_nodeapi_config", NodeApiApp={"data_dir": "/ours", "libs_dir": "/libs"})
    write(jp_config_dir, "jupyter_server_config", NodeApiApp={"data_dir": "/servers"})
    app = configured(server_config(command))
    assert (app.data_dir, app.libs_dir) == ("/servers", "/libs")


def test_python_files_are_read_too(command: JupyterApp, jp_config_dir: Path) -> None:
    jp_config_dir.mkdir(parents=True, exist_ok=True)
    (jp_config_dir / "jupyter_server_config.py").write_text("c.NodeApiApp.temp_dir = '/fast/disk'")
    assert configured(server_config(command)).temp_dir == "/fast/disk"


def test_the_command_line_wins_over_every_file(jp_environ: None, jp_config_dir: Path) -> None:
    write(jp_config_dir, "jupyter_server_config", NodeApiApp={"data_dir": "/servers"})
    command = JupyterApp()
    command.parse_command_line(["--NodeApiApp.data_dir=/said"])
    assert configured(server_config(command)).data_dir == "/said"


def test_a_named_file_is_read_instead(jp_environ: None, jp_config_dir: Path, tmp_path: Path) -> None:
    write(jp_config_dir, "jupyter_server_config", NodeApiApp={"data_dir": "/servers"})
    write(tmp_path, "mine", NodeApiApp={"data_dir": "/mine"})
    command = JupyterApp(config_file=str(tmp_path / "mine.json"))
    assert configured(server_config(command)).data_dir == "/mine"


@pytest.mark.parametrize("state", [True, False])
def test_the_folder_of_snippets_says_what_is_loaded(
    command: JupyterApp, jp_config_dir: Path, state: bool
) -> None:
    write(
        jp_config_dir / "jupyter_server_config.d",
        "jupyter_nodeapi",
        ServerApp={"jpserver_extensions": {"jupyter_nodeapi": state}},
    )
    assert enabled_in(server_config(command)) is state


def test_a_file_can_switch_off_what_a_snippet_switched_on(command: JupyterApp, jp_config_dir: Path) -> None:
    on, off = ({"jpserver_extensions": {"jupyter_nodeapi": state}} for state in (True, False))
    write(jp_config_dir / "jupyter_server_config.d", "jupyter_nodeapi", ServerApp=on)
    write(jp_config_dir, "jupyter_server_config", ServerApp=off)
    assert enabled_in(server_config(command)) is False
