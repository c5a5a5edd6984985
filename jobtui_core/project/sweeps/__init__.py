"""Sweeps: a script run once for each combination of some values of its parameters."""
