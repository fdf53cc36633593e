"""Reading what learners hand in, in a process of its own that has little memory and little time.

`readers.py` is the grader's side. All else here runs in that process: it imports the standard
library only, so that it starts in a moment, and takes each file for what it may be, an attack.
"""
