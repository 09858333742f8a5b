"""What a person can do, still without a screen: open, change, copy and train projects."""
