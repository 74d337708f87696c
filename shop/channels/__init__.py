"""Channels: where and in which currency the shop sells."""
