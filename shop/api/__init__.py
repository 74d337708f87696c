"""The GraphQL API: Saleor's names and shapes over the slices. It reads, checks who asks, and calls actions."""
