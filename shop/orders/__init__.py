"""What was bought: snapshots of lines, addresses and totals that never change."""
