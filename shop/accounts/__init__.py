"""People: customers and staff, their addresses, passwords and tokens."""
