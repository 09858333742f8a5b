"""What comes from elsewhere becomes a drawing: pasted code, links, files of other programs."""
