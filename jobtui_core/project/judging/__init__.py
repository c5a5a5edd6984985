"""Verdicts on call sites: today's analysis against the evidence, with reasons."""
