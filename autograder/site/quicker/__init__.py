"""What makes a visit quicker: Python's files compiled, and fewer looks beside the notebook."""
