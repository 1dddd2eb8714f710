"""Code cells that several stories begin with."""

from __future__ import annotations

IMPORTS = "from jupyter_nodeapi_widgets import AudioTrimmer, DownloadProgress, ModelPicker, NodeApi, Uploader"

# a model is here, and a file and a sound were uploaded
FILLED = """
import io, wave
import numpy as np
api = NodeApi()
api.models.install("tiny-detector", progress=False)
api.uploads.send(b"a few bytes", name="notes.txt", node_name="LoadImage", node_id=2, progress=False)
at = np.arange(8 * 22050) / 22050
swell = np.abs(np.sin(np.pi * at / 1.7)) ** 1.5 * (0.45 + 0.4 * np.sin(0.6 * at))
sound = swell * (0.6 * np.sin(1382 * at) + 0.3 * np.sin(2080 * at))
with wave.open(file := io.BytesIO(), "wb") as out:
    out.setparams((1, 2, 22050, 0, "NONE", ""))
    out.writeframes((sound * 30000).astype("<i2").tobytes())
voice = api.uploads.send(file.getvalue(), name="voice.wav", progress=False)
"""

EVERY_WIDGET = [
    IMPORTS,
    FILLED,
    "picker = ModelPicker(); picker",
    "progress = DownloadProgress(model_id='tiny-detector'); progress",
    "uploader = Uploader('LoadImage', 2); uploader",
    "trimmer = AudioTrimmer(voice.file_path, start=1.5, end=4.5); trimmer",
]
SELECTORS = [".na-model-picker", ".na-download-progress", ".na-uploader", ".na-audio-trimmer"]
