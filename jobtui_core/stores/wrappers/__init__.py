"""Stores around stores, each with one concern: they may be put around each other in any order.

They serve tests and measurements, and places that must not be changed.
"""
