"""The pages: each view asks the API, then shows or sends on."""
