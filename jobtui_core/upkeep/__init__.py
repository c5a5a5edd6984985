"""What keeps a store within bounds: which results are in use, and which go first."""
