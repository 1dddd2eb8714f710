"""The servers that `uploads.py` compares; each starts when what it needs is installed."""

from __future__ import annotations

from peers.base import Peer, Run, Stored, Tools
from peers.gradio import Gradio
from peers.jupyter import Contents, Multipart, Tus
from peers.nginx import Nginx
from peers.scripts import AiohttpBody, AiohttpForm, Bare, FastApi, TusServer

__all__ = ["PEERS", "Peer", "Run", "Stored", "Tools"]

PEERS: tuple[type[Peer], ...] = (
    Bare,
    Nginx,
    Multipart,
    Tus,
    AiohttpForm,
    AiohttpBody,
    FastApi,
    Gradio,
    TusServer,
    Contents,
)
