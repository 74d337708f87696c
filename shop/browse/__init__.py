"""Lists of products: filters, sorts and search, joining catalogue, pricing and stock."""
