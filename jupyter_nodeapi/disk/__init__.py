"""The floor under every byte: confined paths, atomic writes, free space, expiry, and bounded threads."""
