"""What makes processes of others' programs start sooner: to be added to their environment."""

from pathlib import Path

QUICK_START = {"PYTHONPATH": str(Path(__file__).parent)}
