"""Writing lessons: one text file and one declaration of exercises in, notebooks and proofs out."""

from autograder.authoring.cases import (
    Axes,
    axis_both_ways,
    every_layout,
    float32,
    fortran,
    normal,
    read_only,
    strided,
    uniform,
)
from autograder.authoring.exercise import Check, Exercise, call, probe
from autograder.authoring.lineup import kind, lineup
from autograder.authoring.probes import between, function, matching, seeded

__all__ = [
    "Axes",
    "Check",
    "Exercise",
    "axis_both_ways",
    "between",
    "call",
    "every_layout",
    "float32",
    "fortran",
    "function",
    "kind",
    "lineup",
    "matching",
    "normal",
    "probe",
    "read_only",
    "seeded",
    "strided",
    "uniform",
]
