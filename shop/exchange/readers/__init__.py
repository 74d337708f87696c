"""Reads what other systems write: files of articles and WordPress's exports."""
