"""What running now would do, without which steps, and how it compares with what happened."""
