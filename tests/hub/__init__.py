"""Tests against a real JupyterHub."""
