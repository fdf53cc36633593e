"""A class's marks for other programs: CSV, Canvas, Moodle, Gradescope, JUnit."""
