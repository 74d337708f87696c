"""Work that runs later: queued in the caller's transaction, done at least once."""
