"""What `attn` spares at its start, it does not need."""

from __future__ import annotations

import subprocess
import sys

WITHOUT_THE_GRAMMAR = """
import sys
from autograder import cli
sys.argv = ["attn", "grade", "--help"]
try:
    cli.main()
except SystemExit:
    pass
import nbformat
import nbgrader.api
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
nbformat.validate(notebook)
notebook.cells[0].outputs = "none"
try:
    nbformat.validate(notebook)
except nbformat.ValidationError as error:
    print("refused:", error.message)
print("lark" in sys.modules)
"""


def test_notebooks_are_validated_without_a_grammar_of_web_addresses() -> None:
    """It takes a second at each start, and comes back with whatever imports it first."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_GRAMMAR], capture_output=True, text=True, check=False
    )
    *_, refused, grammar = done.stdout.splitlines()
    assert refused.startswith("refused: 'none' is not of type 'array'"), done.stdout + done.stderr
    assert grammar == "False"
