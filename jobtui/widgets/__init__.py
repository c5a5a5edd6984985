"""Panes and what they are made of; none of them knows the project."""
