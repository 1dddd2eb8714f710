"""Readers of containers' own headers: how many samples are presented, at what rate, in how many channels.

One module a format, each pure reading through ``os.pread``. A container's own word for its
duration is not what it presents (encoder delay, edit lists, pre-skip, lost tails): these count.
"""

from __future__ import annotations
