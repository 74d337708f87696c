"""Attributes and their values in the API: the newer form with a type for each kind of value, and the older one."""
