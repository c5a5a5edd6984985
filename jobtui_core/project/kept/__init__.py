"""What is kept on disk between two looks, to begin the next one from: derived, and deletable."""
