"""The shop itself: its name, and what is true of it as a whole."""
