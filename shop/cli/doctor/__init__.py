"""`shop doctor`: looks at everything the shop stands on, and says what to do where something is wrong."""
