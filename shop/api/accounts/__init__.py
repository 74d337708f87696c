"""Accounts in the API: who calls, logging in, users and addresses."""
