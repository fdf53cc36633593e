"""Feedback: a page for each student and lesson, safe to open and free of what is secret."""
