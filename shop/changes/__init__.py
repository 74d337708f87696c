"""What other transactions changed, in whatever process: for those who keep what they read."""
