"""Lesson 13: queries from one side, keys and values from another."""
