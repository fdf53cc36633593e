"""Writing lessons: one text file and one declaration of exercises in, notebooks and proofs out."""

from autograder.authoring.cases import float32, normal, read_only, strided, uniform
from autograder.authoring.exercise import Check, Exercise, call

__all__ = ["Check", "Exercise", "call", "float32", "normal", "read_only", "strided", "uniform"]
