"""Where training and every other work with torch runs: in processes of their own."""
