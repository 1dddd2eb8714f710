"""Bodies of fast senders: one thread reads the socket and handles what it has read, block by block.

::

    loop: readable ──> thread: recv 1 MiB, absorb, recv 1 MiB, absorb ... ──> loop: readable ──> thread ...
                          └ until the sender pauses, or its turn is over: then others have theirs

Handing each block from the loop to a thread costs more than the block's own work, and the bytes go cold on
the way. One such thread keeps up with memory and disk; more of them only fight for the interpreter, take a
third more CPU, and hold up whoever else asks the loop for something.

Disks do hang. While the thread is in one turn for longer than a second, all others go without it: their
bursts take nothing, so the loop reads, and their bytes are written as those of slow senders are.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Unavailable

__all__ = ["Burst", "Receiver"]

BLOCK_BYTES = 1 << 20

_TURN_BYTES = 8 << 20
_TURN_SECONDS = 0.05
_PAUSE_SECONDS = 0.005
_STUCK_SECONDS = 1.0


class Burst:
    """What one sender has to give without a pause.

    Parameters
    ----------
    receiver : Receiver
        Where it runs.
    source : socket
        A duplicate of the connection's socket, closed in the end.
    left : int
        How many bytes may be read.

    Attributes
    ----------
    most : int
        The most bytes that it will take.
    taken : int
        How many bytes were read; right whatever :meth:`run` raises.
    """

    def __init__(self, receiver: Receiver, source: socket.socket, left: int) -> None:
        self.most = min(left, _TURN_BYTES)
        self.taken = 0
        self._receiver = receiver
        self._source = source
        self._runs = False

    async def run(self, absorb: Callable[[bytearray, int], None], most: int | None = None) -> None:
        """Read in a thread, and let it call ``absorb(buffer, size)``, which keeps no view of the buffer.

        Takes nothing when another's turn does not end, and no more than ``most`` where that is given.

        Raises
        ------
        Unavailable
            The receiver is closed.
        """
        self._runs = True  # from now on the thread closes the socket
        try:
            await self._receiver.threads.run(self._work, absorb, min(self.most, most or self.most))
        except Unavailable:
            self._source.close()
            raise

    def close(self) -> None:
        """Let go of the socket unless it was run, which does."""
        if not self._runs:
            self._source.close()

    def _work(self, absorb: Callable[[bytearray, int], None], most: int) -> None:
        with self._source, self._receiver.turn() as buffer:
            end = time.monotonic() + _TURN_SECONDS
            self._source.settimeout(_PAUSE_SECONDS)
            size = len(buffer)
            while size and size == len(buffer) and self.taken < most:
                size = self._fill(memoryview(buffer)[: most - self.taken], end)
                self.taken += size
                if size:
                    absorb(buffer, size)

    def _fill(self, view: memoryview, end: float) -> int:
        """Give how much has come; the loop will notice by itself that nothing more ever will."""
        size = 0
        with contextlib.suppress(OSError):  # a pause is one too
            while size < len(view) and time.monotonic() < end:
                got = self._source.recv_into(view[size:])
                if got == 0:
                    break
                size += got
        return size


class Receiver:
    """Who reads bodies: one at a time, and a second thread for who waits in vain."""

    def __init__(self) -> None:
        self.threads = Threads(2, "nodeapi-receive")
        self._turn = threading.Lock()
        self._since = 0.0
        self._buffer = bytearray()

    def burst(self, source: socket.socket, left: int) -> Burst:
        """Prepare to read up to ``left`` bytes; see :class:`Burst`."""
        return Burst(self, source, left)

    @contextlib.contextmanager
    def turn(self) -> Iterator[bytearray]:
        """Lend 1 MiB once nobody else reads; nothing when the one who does hangs."""
        patience = self._since + _STUCK_SECONDS - time.monotonic()
        if not self._turn.acquire(timeout=max(0.0, patience)):
            yield bytearray()
            return
        self._since = time.monotonic()
        self._buffer = self._buffer or bytearray(BLOCK_BYTES)
        try:
            yield self._buffer
        finally:
            self._turn.release()

    def close(self) -> None:
        """Read no more."""
        self.threads.close()
