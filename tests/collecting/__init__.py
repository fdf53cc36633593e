"""Bringing in what students handed in."""
