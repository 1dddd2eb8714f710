"""Debian's Firefox, driven over WebDriver BiDi as the standard says it: one websocket, JSON both ways.

::

    firefox --headless --remote-debugging-port=0    says "WebDriver BiDi listening on ws://127.0.0.1:PORT"
    ws://127.0.0.1:PORT/session                     {"id": 1, "method": "session.new", "params": {...}}

Playwright drives only a Firefox of its own, and Selenium a driver that Debian does not have.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import websocket
from typing_extensions import Self

from tests.live.waiting import until

SECONDS = 60
_LISTENING = "WebDriver BiDi listening on "


class BidiError(Exception):
    """The browser refused a command or a script raised."""


class Firefox:
    """One headless Firefox with one page, in a profile of its own.

    Parameters
    ----------
    profile : Path
        An empty folder.
    """

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        found = shutil.which("firefox-esr") or shutil.which("firefox")
        assert found, "Firefox is not installed"
        command = [
            found,
            "--headless",
            "--no-remote",
            "--remote-debugging-port=0",
            "--profile",
            self._profile,
        ]
        log = self._profile / "firefox.log"
        with log.open("wb") as said:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        address = until(lambda: _listening(log), SECONDS, of="Firefox's start")
        self._socket = websocket.create_connection(
            f"{address}/session", timeout=SECONDS, suppress_origin=True, http_no_proxy=["127.0.0.1"]
        )
        self.send("session.new", capabilities={})
        self._page = self.send("browsingContext.create", type="tab")["context"]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._socket.close()
        finally:
            self._process.terminate()
            self._process.wait(SECONDS)

    def send(self, method: str, **params: Any) -> Any:
        """Send a command and give its result; events that come meanwhile are not looked at."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            pass
        if answer["type"] == "error":
            raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def goto(self, url: str) -> None:
        """Open an address in the page."""
        self.send("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def evaluate(self, script: str) -> Any:
        """Give the value of a JavaScript expression: text, number, boolean or null."""
        return self._evaluate(script).get("value")

    def wait_for(self, script: str, seconds: float = SECONDS) -> Any:
        """Return once a JavaScript expression is true."""
        return until(lambda: self.evaluate(script), seconds, of=script)

    def pick(self, selector: str, *files: Path) -> None:
        """Choose files in the file input that the selector finds."""
        found = self._evaluate(f"document.querySelector({json.dumps(selector)})")
        element = {"sharedId": found["sharedId"]}
        names = [str(file) for file in files]
        self.send("input.setFiles", context=self._page, element=element, files=names)

    def _evaluate(self, script: str) -> Any:
        target = {"context": self._page}
        answer = self.send("script.evaluate", expression=script, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise BidiError(f"{script}: {answer['exceptionDetails']['text']}")
        return answer["result"]


def _listening(log: Path) -> str:
    said = log.read_text(errors="replace")
    return said.partition(_LISTENING)[2].partition("\n")[0].strip() if _LISTENING in said else ""
