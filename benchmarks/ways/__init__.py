"""Ways to train one experiment: ours, and the same work done without us."""
