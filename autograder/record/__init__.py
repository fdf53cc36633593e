"""What is recorded about a class: its folder, gradebook, history, roster, late work and marks.

Grading writes here, and feedback, reports and exports read here; nothing in it grades.
"""
