"""In PYTHONPATH it spares others' programs the seconds that `autograder.cli` spares itself."""

from autograder import grammars

grammars.do_without()
