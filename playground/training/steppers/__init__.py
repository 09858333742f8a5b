"""What makes one update: each stepper the same arithmetic, as fast as its kind of network allows."""
