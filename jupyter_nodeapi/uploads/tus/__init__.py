"""tus 1.0, resumable uploads for tus clients, as another front of the same store."""
