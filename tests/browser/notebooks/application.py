"""A notebook in JupyterLab or Notebook 7: written, opened, run, and asked what its kernel holds."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from .lab_server import LabServer
from .looks import LIGHT, theme

READY = '[data-na-ready="1"]'
SECONDS = 60

IDLE = """() => {
  const app = window.jupyterapp;
  if (!app?.commands.hasCommand('notebook:run-all-cells')) return false;
  const panel = app.shell.currentWidget;
  const session = panel?.sessionContext;
  const kernel = session?.session?.kernel;
  return Boolean(panel?.context?.isReady && session?.isReady
    && kernel?.connectionStatus === 'connected' && kernel.status === 'idle');
}"""
RUN_ALL = "() => jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)"
_START_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells'); }"
_FAILURES = """() => jupyterapp.shell.currentWidget.content.widgets
  .flatMap(cell => cell.model.type === 'code' ? cell.model.outputs.toJSON() : [])
  .filter(output => output.output_type === 'error').map(output => output.traceback.join('\\n'))"""
EXECUTE = """async code => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code, store_history: false});
  let said = '', failed = '';
  future.onIOPub = ({header, content}) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') failed = content.traceback.join('\\n');
  };
  await future.done;
  return {said, failed};
}"""
_RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.restartKernel().then(() => true)"
_INTERRUPT = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
_OCCUPY = """code => new Promise(begun => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({code: `print('begun', flush=True)\\n${code}`, store_history: false});
  window.occupied = true;
  future.onIOPub = ({header}) => header.msg_type === 'stream' && begun();
  future.onReply = () => { window.occupied = false; };
})"""
OCCUPIED = "() => window.occupied"  # a kernel says that it is idle after each message of its control channel
_SHOW = "path => jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'}).then(() => true)"
_TIDY = """async () => {
  const shown = Array.from(jupyterapp.shell.widgets('main')).filter(widget => widget.sessionContext);
  for (const widget of shown) {
    await widget.sessionContext.shutdown();
    widget.dispose();
  }
}"""
_SAVE = "() => jupyterapp.shell.currentWidget.context.save().then(() => true)"
_numbers = itertools.count(1)


@dataclass
class Application:
    """JupyterLab or Notebook 7.

    Parameters
    ----------
    name : str
        ``lab`` or ``notebook7``.
    server : LabServer
        Whose pages they are.
    context : BrowserContext
        The browser's profile.
    desks : dict of int to Page
        JupyterLab's pages that are kept for the next story, by their server's process: loading one takes six
        times as long as opening a notebook in it.
    """

    name: str
    server: LabServer
    context: BrowserContext
    desks: dict[int, Page] = field(default_factory=dict)
    errors: list[str] = field(
        default_factory=list
    )  # uncaught ones of the pages; Notebook 7 has one of its own

    def open(
        self,
        cells: Sequence[str],
        *,
        ready: int = 1,
        run: bool = True,
        before: Callable[[Page], Any] | None = None,
        own: bool = False,
    ) -> Page:
        """Write a notebook of code cells, open it, run all and wait for its widgets.

        Parameters
        ----------
        cells : sequence of str
            The code.
        ready : int
            How many widgets must have drawn themselves.
        run : bool
            Whether anything is run.
        before : callable, optional
            What is done with the page before it loads anything.
        own : bool
            Whether the page is this story's alone, because it is reloaded, cut off or listened to.
        """
        path = write(self.server.notebooks / f"story{next(_numbers)}.ipynb", cells)
        shared = self.name == "lab" and before is None and not own
        page = self.desks.get(self.server.pid) if shared else None
        if page is None:
            page = self._load(path, before)
        else:
            page.evaluate(_SHOW, path.name)
        if shared:
            self.desks[self.server.pid] = page
        idle(page)
        if run:
            run_all(page)
            shown(page, ready)
        return page

    def again(self, page: Page) -> Page:
        """Close a page's tab as a person does, and open its notebook in a new one."""
        url = page.url
        page.close(run_before_unload=False)
        page = self.context.new_page()
        page.goto(f"{url}?token={self.server.token}")
        idle(page)
        return page

    def tidy(self) -> None:
        """Close what the story has opened; a desk that cannot be cleared is not kept."""
        self.context.set_offline(False)
        desk = self.desks.get(self.server.pid)
        if desk is not None:
            try:
                desk.evaluate(_TIDY)
                theme(desk, LIGHT)
            except PlaywrightError:
                del self.desks[self.server.pid]
        for page in self.context.pages:
            if page not in self.desks.values():
                page.close(run_before_unload=False)
        self.server.forget()

    def _load(self, path: Path, before: Callable[[Page], Any] | None) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        if before:
            before(page)
        page.goto(address(self.server, path, self.name))
        return page


def address(server: LabServer, path: Path, application: str = "lab") -> str:
    """Give the URL that opens a notebook, token included."""
    name = path.relative_to(server.notebooks).as_posix()
    middle = f"lab/workspaces/{path.stem}/tree/" if application == "lab" else "notebooks/"
    return f"{server.url}{middle}{name}?token={server.token}"


def write(path: Path, cells: Sequence[str]) -> Path:
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def idle(page: Page) -> None:
    """Wait until the notebook is shown and its kernel has nothing to do."""
    page.wait_for_function(IDLE, timeout=SECONDS * 1000)


def shown(page: Page, count: int = 1) -> None:
    """Wait until that many widgets have drawn themselves."""
    expect(page.locator(READY)).to_have_count(count, timeout=SECONDS * 1000)


def run_all(page: Page) -> None:
    """Run every cell to its end; a cell that raises fails the test with its traceback."""
    page.evaluate(RUN_ALL)
    failures = page.evaluate(_FAILURES)
    assert not failures, "\n".join(failures)


def start_all(page: Page) -> None:
    """Begin to run every cell, for cells that do not end by themselves."""
    page.evaluate(_START_ALL)


def execute(page: Page, code: str) -> str:
    """Run code in the notebook's kernel and give what it printed."""
    answer = page.evaluate(EXECUTE, code)
    assert not answer["failed"], answer["failed"]
    return str(answer["said"])


def occupy(page: Page, code: str) -> None:
    """Let the kernel run code, and return once it has begun."""
    page.evaluate(_OCCUPY, code)


def ask(page: Page, expression: str) -> Any:
    """Give the value of a Python expression in the notebook's kernel, by way of JSON."""
    return json.loads(execute(page, f"import json as _json; print(_json.dumps({expression}, default=str))"))


def known(page: Page, expression: str, wanted: Any) -> None:
    """Wait until an expression has a value in the kernel, which hears of the page's traits a little later."""
    for _ in range(50):
        if (found := ask(page, expression)) == wanted:
            return
        page.wait_for_timeout(100)
    assert found == wanted


def interrupt_kernel(page: Page) -> None:
    """End what the kernel runs, as the menu does."""
    page.evaluate(_INTERRUPT)


def restart_kernel(page: Page) -> None:
    """Let a new kernel take the place of the notebook's, as the menu does; it has run nothing."""
    page.evaluate(_RESTART)
    idle(page)


def saved(page: Page, server: LabServer) -> str:
    """Save the notebook and give the file as it lies on the disk."""
    page.evaluate(_SAVE)
    path = page.evaluate("() => jupyterapp.shell.currentWidget.context.path")
    return (server.notebooks / path).read_text(encoding="utf-8")
