"""Code cells that several stories begin with."""

from __future__ import annotations

IMPORTS = "from jupyter_nodeapi_widgets import DownloadProgress, ModelPicker, NodeApi, Uploader"

# two models are here or on their way, and a file was uploaded
FILLED = """
api = NodeApi()
api.models.install("tiny-detector", progress=False)
api.uploads.send(b"a few bytes", name="notes.txt", node_name="LoadImage", node_id=2, progress=False)
"""

EVERY_WIDGET = [
    IMPORTS,
    FILLED,
    "picker = ModelPicker(); picker",
    "progress = DownloadProgress(model_id='tiny-detector'); progress",
    "uploader = Uploader('LoadImage', 2); uploader",
]
SELECTORS = [".na-model-picker", ".na-download-progress", ".na-uploader"]
