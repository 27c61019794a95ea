"""Kill the pipeline anywhere, run it again, compare: `make chaos`."""
