"""Pictures in a terminal: what draws them, in which colours, and how the way is chosen without asking."""
