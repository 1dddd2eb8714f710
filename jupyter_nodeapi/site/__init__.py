"""What is said about the whole: a page, a description, the OpenAPI document. It stands above the rooms."""

from __future__ import annotations
