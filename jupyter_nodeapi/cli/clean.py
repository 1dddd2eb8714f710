"""``jupyter nodeapi clean``: what the server sweeps every hour, now, also while no server runs.

Only what has expired by the settings goes: results that nobody has read for long, uploads that were never
finished, records of jobs that ended long ago, drafts that a crash has left. Safe beside a running server.

Exit codes::

    0   done, or nothing to do
    1   something could not be swept; the rest was
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from jupyter_core.application import JupyterApp, base_flags
from traitlets import Bool

from jupyter_nodeapi import __version__
from jupyter_nodeapi.cli.settings import configured, server_config
from jupyter_nodeapi.disk.faults import from_os_error

__all__ = ["CleanApp"]


class CleanApp(JupyterApp):
    """Sweep what has expired, now."""

    name = "jupyter-nodeapi-clean"
    version = __version__
    description = "Remove expired uploads, results, drafts, unfinished models and job records now."
    examples = "jupyter nodeapi clean --dry-run"
    flags = {
        **base_flags,
        "dry-run": ({"CleanApp": {"dry_run": True}}, "Only say what would be removed."),
    }

    dry_run = Bool(False, help="Only say what would be removed.").tag(config=True)

    def start(self) -> None:
        """Sweep each room and say what went."""
        app = configured(server_config(self))
        well = [self.run(name, sweep) for name, sweep in app.sweeps().items()]
        sys.exit(0 if all(well) else 1)

    def run(self, name: str, sweep: Callable[..., Sequence[object]]) -> bool:
        """Sweep one room, say what went, and give whether that worked.

        Parameters
        ----------
        name : str
            What is swept.
        sweep : callable
            Takes ``dry_run`` and gives paths or ids.
        """
        try:
            swept = sweep(dry_run=self.dry_run)
        except OSError as error:
            print(f"{name:<10} {from_os_error(error).message}", file=sys.stderr)
            return False
        print(f"{name:<10} {len(swept)} {'would be removed' if self.dry_run else 'removed'}")
        for one in swept if self.dry_run else ():
            print(f"           {one}")
        return True
