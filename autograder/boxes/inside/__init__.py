"""What runs inside the sandbox: a warm process, and the children that it forks for submissions.

The sandbox sees this folder as a package of its own, without the rest of the grader; it imports
nothing but the standard library and what notebooks need. Whoever reads it learns no secret.
"""
