"""The cart: lines, addresses, delivery, totals, and its completion into an order."""
