"""Where the API cannot be had, every widget says so in one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from .application import READY, Application
from .cells import IMPORTS
from .lab_server import LabServer

pytestmark = [pytest.mark.live, pytest.mark.slow]

NO_SERVER = "import os, tempfile; del os.environ['JPY_PARENT_PID']; os.environ['JUPYTER_RUNTIME_DIR'] = tempfile.mkdtemp()"
UNREACHABLE = (
    "import os; os.environ |= {'JUPYTER_NODEAPI_URL': 'http://127.0.0.1:1', 'JUPYTER_NODEAPI_TOKEN': 'x'}"
)
WRONG_TOKEN = "import os; os.environ |= {'JUPYTER_NODEAPI_URL': '%s', 'JUPYTER_NODEAPI_TOKEN': 'wrong'}"
WIDGETS = "display(ModelPicker(), DownloadProgress(), Uploader('N', 1))"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server without the extension."""
    config = {"ServerApp": {"jpserver_extensions": {"jupyter_nodeapi": False}}}
    server = LabServer(tmp_path_factory.mktemp("bare"), config)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("trouble", "says"),
    [(NO_SERVER, "JUPYTER_NODEAPI_URL"), (UNREACHABLE, "reach"), (WRONG_TOKEN, "token")],
    ids=["no server", "unreachable", "wrong token"],
)
def test_a_kernel_without_the_api_is_told_what_to_do(trouble: str, says: str, lab: Application) -> None:
    trouble = trouble % lab.server.url if "%s" in trouble else trouble
    page = lab.open([trouble, IMPORTS, WIDGETS], ready=3)
    for widget in page.locator(READY).all():
        expect(widget).to_contain_text(says)
        expect(widget).not_to_contain_text("wrong'")


def test_a_server_without_the_extension_is_named(bare: LabServer, profile: BrowserContext) -> None:
    page = Application("lab", bare, profile).open([IMPORTS, WIDGETS], ready=3)
    for widget in page.locator(READY).all():
        expect(widget).to_contain_text("jupyter_nodeapi")
    page.close()
