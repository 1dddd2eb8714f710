"""How loud a cut is, and the one linear gain that makes it as loud as asked.

Measured with EBU R 128 (``ebur128``) and the highest sample (``astats``) in one decode to nothing;
then a constant gain, which keeps the dynamics as they are. Loudness never makes the peak clip.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jupyter_nodeapi.audio import ffmpeg
from jupyter_nodeapi.audio.chain import Chain
from jupyter_nodeapi.audio.child import borrowed, run
from jupyter_nodeapi.audio.cut import Cut
from jupyter_nodeapi.audio.spec import Loudness

__all__ = ["gain_filter"]

_LOUDNESS = re.compile(r"\bI:\s+(-?[0-9.]+) LUFS")
_PEAK = re.compile(r"Peak level dB: (-?[0-9.]+)")
_SILENCE = -69.0


def gain_filter(cut: Cut, program: str, chain: Chain) -> list[str]:
    """Give the gain as a filter, none where nothing is asked or the cut is silent.

    Parameters
    ----------
    cut : Cut
        The cut in hand.
    program : str
        Path of FFmpeg.
    chain : Chain
        What happens before the gain.
    """
    target = cut.spec.normalize
    if not target:
        return []
    loud, peak = _measure(cut, program, chain.seek, chain.filters)
    if peak is None:
        return []
    gain = -peak
    if isinstance(target, Loudness):
        if loud is None or loud <= _SILENCE:
            return []
        gain = min(gain, target.lufs - loud)
    return [f"volume={gain:.6f}dB:precision=float"]


def _measure(
    cut: Cut, program: str, seek: float, filters: Sequence[str]
) -> tuple[float | None, float | None]:
    """Decode the cut and give its integrated loudness (LUFS) and its peak (dB below full scale)."""
    meters = "astats=measure_perchannel=none:measure_overall=Peak_level,ebur128=framelog=verbose"
    with borrowed(cut.fd) as (number, name):
        command = [
            *ffmpeg.opening(program, cut.source.kind, name, seek=seek, loud="info"),
            *("-map", "0:a:0", "-af", ",".join([*filters, meters]), "-f", "null", "-"),
        ]
        ended = run(command, cut.limits, cut.stopped, fds=[number])
    if ended.code:
        raise ffmpeg.failure(ended.tail)
    loud, peak = _LOUDNESS.findall(ended.tail), _PEAK.findall(ended.tail)
    return (float(loud[-1]) if loud else None), (float(peak[-1]) if peak else None)
