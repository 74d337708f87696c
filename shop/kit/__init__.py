"""What three rooms need and no domain noun owns: settings, database, money, ids, clock, errors, events, logs."""
