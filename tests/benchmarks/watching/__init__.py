"""What `tests.benchmarks.monitor` is made of: runs to watch, terminals to watch them on, and its rows."""
