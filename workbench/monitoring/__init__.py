"""Reading runs: what a run's folder, or another training's file, says while it grows."""
