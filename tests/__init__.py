"""The tests. Each process of a test run starts as `autograder.cli` does."""

from autograder import grammars

grammars.do_without()
