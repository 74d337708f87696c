"""Shipping methods in the API."""
