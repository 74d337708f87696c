"""Fields in other languages."""
