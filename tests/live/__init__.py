"""Tests against real `jupyter server` processes."""
