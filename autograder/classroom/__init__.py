"""A class: made, and later handed out, collected, reported."""
