"""Queues of runs, the process that owns one, and what ran, down to its log."""
