"""What all tests of the core share."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure; the time limit of each test stays.
settings.register_profile("jobtui", deadline=None)
settings.load_profile("jobtui")
