"""A project of its own for each test."""

from tests.core.isolation import own_project, run

__all__ = ["own_project", "run"]
