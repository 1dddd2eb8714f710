"""``jupyter nodeapi clean``: what the server sweeps every hour, now, also while no server runs.

Only what has expired by the settings goes: results that nobody has read for long, uploads that were never
finished, records of jobs that ended long ago, drafts that a crash has left. It is safe beside a running server.

Exit codes::

    0   done, or nothing to do
    1   something could not be swept; the rest was
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jupyter_core.application import JupyterApp, base_flags
from traitlets import Bool

from jupyter_nodeapi import __version__
from jupyter_nodeapi.cli.settings import configured, server_config
from jupyter_nodeapi.errors import from_os_error

__all__ = ["CleanApp"]


class CleanApp(JupyterApp):
    """Sweep what has expired, now."""

    name = "jupyter-nodeapi-clean"
    version = __version__
    description = "Remove expired uploads, results, drafts and job records now."
    examples = "jupyter nodeapi clean --dry-run"
    flags = {
        **base_flags,
        "dry-run": ({"CleanApp": {"dry_run": True}}, "Only say what would be removed."),
    }

    dry_run = Bool(False, help="Only say what would be removed.").tag(config=True)

    def start(self) -> None:
        """Sweep each room and say what went."""
        app = configured(server_config(self))
        failed = False
        for name, sweep in app.sweeps().items():
            try:
                self.tell(name, sweep(dry_run=self.dry_run))
            except OSError as error:
                failed = True
                print(f"{name:<10} {from_os_error(error).message}", file=sys.stderr)
        sys.exit(int(failed))

    def tell(self, name: str, removed: Sequence[object]) -> None:
        """Print what went from one room.

        Parameters
        ----------
        name : str
            What is swept.
        removed : sequence
            Paths or ids.
        """
        verb = "would be removed" if self.dry_run else "removed"
        print(f"{name:<10} {len(removed)} {verb}")
        if self.dry_run:
            for one in removed:
                print(f"           {one}")
