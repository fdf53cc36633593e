"""Writing lessons: a text and a file for each exercise in, notebooks and proofs out."""

from autograder.authoring.calls import Caller, CallOf, Check, call, probe
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
from autograder.authoring.exercise import Exercise
from autograder.authoring.lineup import kind, lineup
from autograder.authoring.probes import between, function, matching, seeded
from autograder.authoring.variants import from_lesson

__all__ = [
    "Axes",
    "CallOf",
    "Caller",
    "Check",
    "Exercise",
    "axis_both_ways",
    "between",
    "call",
    "every_layout",
    "float32",
    "fortran",
    "from_lesson",
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
