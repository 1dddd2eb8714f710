"""Where the API cannot be had, every widget says so in one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from .application import READY, Application
from .cells import IMPORTS
from .lab_server import LabServer
from .looks import pictures

pytestmark = [pytest.mark.live, pytest.mark.slow]

NO_SERVER = "import os, tempfile; del os.environ['JPY_PARENT_PID']; os.environ['JUPYTER_RUNTIME_DIR'] = tempfile.mkdtemp()"
UNREACHABLE = (
    "import os; os.environ |= {'JUPYTER_NODEAPI_URL': 'http://127.0.0.1:1', 'JUPYTER_NODEAPI_TOKEN': 'x'}"
)
WRONG_TOKEN = "import os; os.environ |= {'JUPYTER_NODEAPI_URL': '%s', 'JUPYTER_NODEAPI_TOKEN': 'wrong'}"
OTHER_VERSION = "import jupyter_nodeapi_widgets._base as base; base.__version__ = '9.0.0'"
GATEWAY = "import os, tempfile; os.environ['JUPYTER_RUNTIME_DIR'] = tempfile.mkdtemp()"  # sees not the server's disk
LOGIN = """
import http.server, os, threading
class Login(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302); self.send_header('Location', '/hub/login'); self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *_): pass
hub = http.server.HTTPServer(('127.0.0.1', 0), Login)
threading.Thread(target=hub.serve_forever, daemon=True).start()
os.environ |= {'JUPYTER_NODEAPI_URL': f'http://127.0.0.1:{hub.server_port}', 'JUPYTER_NODEAPI_TOKEN': 'old'}
"""
WIDGETS = "display(ModelPicker(), DownloadProgress(), Uploader('N', 1), AudioTrimmer())"
TROUBLES = {
    "no server": (NO_SERVER, "was not started by a Jupyter server", "JUPYTER_NODEAPI_URL"),
    "remote gateway": (GATEWAY, "does not see the disk", "JUPYTER_NODEAPI_URL"),
    "unreachable": (UNREACHABLE, "does not answer", "can this kernel reach it?"),
    "wrong token": (WRONG_TOKEN, "does not accept the token", "Give the right token"),
    "expired login": (LOGIN, "the login has expired", "Give the right token"),
    "other version": (OTHER_VERSION, "has version", "Install the same version"),
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server without the extension."""
    config = {"ServerApp": {"jpserver_extensions": {"jupyter_nodeapi": False}}}
    server = LabServer(tmp_path_factory.mktemp("bare"), config)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_kernel_without_the_api_is_told_what_to_do(trouble: str, lab: Application) -> None:
    code, what, hint = TROUBLES[trouble]
    page = lab.open([code.replace("%s", lab.server.url), IMPORTS, WIDGETS], ready=4)
    for widget in page.locator(READY).all():
        expect(widget).to_contain_text(what)
        expect(widget).to_contain_text(hint)
        expect(widget).not_to_contain_text("wrong'")
    pictures(page.locator(READY).first, f"problem-{trouble.replace(' ', '-')}")


def test_a_server_without_the_extension_is_named(bare: LabServer, profile: BrowserContext) -> None:
    page = Application("lab", bare, profile).open([IMPORTS, WIDGETS], ready=4)
    for widget in page.locator(READY).all():
        expect(widget).to_contain_text("jupyter_nodeapi")
    page.close()
