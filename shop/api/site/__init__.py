"""The shop as a whole in the API."""
