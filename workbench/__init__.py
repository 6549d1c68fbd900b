"""From a folder of face pictures to a classifier that can be trusted, in a terminal."""

__version__ = "0.1.0"
