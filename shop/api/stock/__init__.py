"""Warehouses and what lies in them, for staff."""
