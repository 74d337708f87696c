"""The command line `shop`: it starts, looks after and explains the product; every rule is elsewhere."""
