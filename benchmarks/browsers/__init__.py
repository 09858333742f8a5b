"""A room full of people for the benchmarks: a server of their own, and browsers that are none."""
