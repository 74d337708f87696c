"""Gift cards: money that was paid before, spent by a code."""
