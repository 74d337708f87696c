"""What changes the catalogue, one file for each kind of thing."""
