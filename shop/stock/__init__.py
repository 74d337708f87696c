"""How many there are: warehouses, stocks, allocations."""
