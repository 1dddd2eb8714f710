"""What loading the extension may cost: no heavy library, and little time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

HEAVY = [
    "huggingface_hub",
    "soundfile",
    "numpy",
    "distributed",
    "dask",
    "matplotlib",
    "imageio_ffmpeg",
    "requests",
]

LOAD = """
import json, os, sys, time, tempfile
before = set(sys.modules)
from jupyter_server.serverapp import ServerApp
server = ServerApp(data_dir=tempfile.mkdtemp())
began = time.process_time()
server.initialize(argv=["--ServerApp.jpserver_extensions={'jupyter_nodeapi': True}", "--ServerApp.port=0",
    "--ServerApp.ip=127.0.0.1", "--ServerApp.open_browser=False", "--allow-root",
    "--ServerApp.reraise_server_extension_failures=True"], new_httpserver=False, find_extensions=False)
apps = server.extension_manager.extension_apps
assert "jupyter_nodeapi" in apps, apps
json.dump(sorted(sys.modules), sys.stdout)
"""

IMPORT = "import json, sys, jupyter_nodeapi; json.dump(sorted(sys.modules), sys.stdout)"


def loaded(program: str, home: str) -> set[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": home, "JUPYTER_NO_CONFIG": "1"}
    line = [sys.executable, "-W", "ignore", "-c", program]
    ran = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


@pytest.fixture(scope="module")
def server_modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    return loaded(LOAD, str(tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize("name", HEAVY)
def test_a_server_with_the_extension_has_not_imported(server_modules: set[str], name: str) -> None:
    assert "jupyter_nodeapi.routes" in server_modules
    assert name not in server_modules


def test_the_bare_package_imports_nothing(tmp_path: object) -> None:
    modules = loaded(IMPORT, str(tmp_path))
    assert {
        name for name in modules if name.split(".")[0] in {"tornado", "traitlets", "msgspec", *HEAVY}
    } == set()
