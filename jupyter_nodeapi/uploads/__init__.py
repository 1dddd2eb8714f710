"""Uploads of any size, in chunks, in any order: everything about them is in this folder."""
