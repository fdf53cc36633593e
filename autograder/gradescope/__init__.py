"""Gradescope: the zip file from which its containers grade a lesson, and what runs in them."""
