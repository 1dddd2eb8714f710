"""``jupyter nodeapi doctor``: what works here, what does not, and what to do about it.

Exit codes::

    0   nothing is broken; warnings are possible
    1   at least one problem: something the API promises will fail
    2   a configuration file cannot be read, so nothing else could be looked at
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from jupyter_core.application import JupyterApp, base_flags
from traitlets import Bool, TraitError

from jupyter_nodeapi import __version__
from jupyter_nodeapi.cli.checks import CHECKS, Finding
from jupyter_nodeapi.cli.settings import configured, server_config

__all__ = ["DoctorApp"]

_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


class DoctorApp(JupyterApp):
    """Look at everything that the extension needs, as the server's user in the server's environment."""

    name = "jupyter-nodeapi-doctor"
    version = __version__
    description = "Say what works, what does not, and what to do about it."
    examples = "jupyter nodeapi doctor --json"
    flags = {
        **base_flags,
        "json": ({"DoctorApp": {"json": True}}, "Print one JSON object."),
    }

    json = Bool(False, help="Print one JSON object instead of lines for people.").tag(config=True)

    def start(self) -> None:
        """Look, say, and exit with the documented code."""
        findings, code = self.look()
        self.tell(findings, code)
        sys.exit(code)

    def look(self) -> tuple[list[Finding], int]:
        """Give every finding and the exit code."""
        try:
            config = server_config(self)
            app = configured(config)
        except (SyntaxError, ValueError, NameError, AttributeError, TraitError) as error:
            hint = "Correct the file, or move it away, and ask again."
            return [Finding("settings", "problem", f"a configuration file cannot be read: {error}", hint)], 2
        findings = [finding for check in CHECKS for finding in check(app, config)]
        return findings, int(any(finding.level == "problem" for finding in findings))

    def tell(self, findings: Iterable[Finding], code: int) -> None:
        """Print the findings.

        Parameters
        ----------
        findings : iterable of Finding
            In the order they are printed.
        code : int
            The exit code that follows.
        """
        if self.json:
            report: dict[str, Any] = {
                "version": __version__,
                "ok": code == 0,
                "findings": [finding._asdict() for finding in findings],
            }
            print(json.dumps(report, indent=2))
            return
        for finding in findings:
            print(f"{_MARKS[finding.level]}  {finding.topic:<12} {finding.message}")
            if finding.hint:
                print(f"{'':22}-> {finding.hint}")
