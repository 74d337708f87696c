"""Pages and menus, and the rendering of their blocks to safe HTML."""
