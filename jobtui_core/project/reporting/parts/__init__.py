"""The parts of a report: what was gathered of a run, or of several, as blocks."""
