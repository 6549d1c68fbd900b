"""Networks: one file an architecture, one registry, and losses that know about missing labels."""
