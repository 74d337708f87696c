"""What describes products, variants and pages beyond their own fields: attributes, their values, and who has which."""
