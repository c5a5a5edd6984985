"""What the runs of a project have shown: records of call sites, found by what a verdict knows."""
