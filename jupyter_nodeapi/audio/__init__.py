"""Audio: trims that are exact to the sample, what a file is, and its waveform.

::

    handlers -> service -> trim (which strategy, one table)
                              |- cutters/wav    bytes copied, never decoded
                              |- sound          libsndfile and numpy
                              `- reencode       FFmpeg, in a child that cannot outlive us

Results appear under ``/temp/AudioTrim/`` by rename, and expire.
"""

from __future__ import annotations
