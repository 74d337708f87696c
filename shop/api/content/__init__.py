"""Pages and menus in the API."""
