"""The cart in the API."""
