"""Pictures in the API: their addresses in any offered size and format."""
