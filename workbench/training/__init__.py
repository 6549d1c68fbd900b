"""Training: a run's folder, its events, the worker that fits, and how others follow and steer it."""
