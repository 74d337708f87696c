"""Pictures in the API: how they come, and their addresses in any offered size and format."""
