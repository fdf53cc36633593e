"""Verdicts, made outside the process in which a learner's code runs."""
