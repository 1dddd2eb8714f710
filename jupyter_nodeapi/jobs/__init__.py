"""Background work: a job is a function, an engine runs it, a record on disk remembers it."""
