"""Cutters that copy the encoded bytes: exact, lossless, and without a decoder."""

from __future__ import annotations
