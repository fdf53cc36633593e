"""The T-maze of lesson 12: a corridor, a sign at its entrance, and a choice at its end."""
