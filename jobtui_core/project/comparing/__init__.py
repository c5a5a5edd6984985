"""Two or more runs side by side, and only what differs between them."""
