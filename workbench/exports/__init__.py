"""A trained network for other programs: one file a format, each compared with the run's own network."""
