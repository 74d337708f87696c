"""Vouchers and promotions in the API."""
