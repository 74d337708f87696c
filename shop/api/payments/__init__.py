"""Payments in the API: gateways, transactions and their events."""
