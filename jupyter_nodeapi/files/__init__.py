"""Node files: what nodes save in the libs directory, read, list, move, and get back after a mistake."""
