"""What the work of a download job is told."""

from __future__ import annotations

import msgspec

from jupyter_nodeapi.models.schemas import Entry

__all__ = ["Order"]


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """The spec of a download job.

    Attributes
    ----------
    entry : Entry
        What to install, as the registry said when the job began.
    models_dir : str
        Where to.
    shared_dirs, allowed_origins : tuple of str
        The service's traits of the same names.
    replace : bool
        Whether what is in the model's place may be replaced.
    reserve_bytes : int, optional
        Disk space that is never used up.
    stall_seconds : float
        How long a server may be silent.
    connections : int
        How many connections a large file may come over.
    bytes_per_second : int
        What all transfers of this process together may take; 0 is no limit.
    allow_unsafe : bool
        Whether files that the Hub calls unsafe may come.
    niceness : int
        How far the work gives way to other threads and processes.
    """

    entry: Entry
    models_dir: str
    shared_dirs: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    replace: bool = False
    reserve_bytes: int | None = None
    stall_seconds: float = 60
    connections: int = 1
    bytes_per_second: int = 0
    allow_unsafe: bool = False
    niceness: int = 0
