"""Channels in the API, and what a request remembers of them."""
