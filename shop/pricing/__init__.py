"""What things cost: channel listings, line totals, and the one place that rounds."""
