"""Where to and how goods are sent: zones, methods and their prices."""
