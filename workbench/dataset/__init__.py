"""From labels to batches: table, split, pixel cache, figures of imbalance."""
