"""Attention Kit's toolkit for learners: what the notebooks import."""

from attnkit.check import attempt, check, hint

__all__ = ["attempt", "check", "hint"]
