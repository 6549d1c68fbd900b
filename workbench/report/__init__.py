"""A run as one HTML file for people: curves, tables and words, with nothing in it that is fetched or run."""
