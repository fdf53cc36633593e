"""The font of the book's formulas: STIX Two Math, cut to the characters that formulas use.

It comes with the package `ziamath`, under the SIL Open Font License, which allows both.
"""

from __future__ import annotations

from pathlib import Path

from autograder.site import programs

# Latin, Greek, operators, arrows, big and stretched signs: what a formula of the course may hold
RANGES = (
    "U+20-7E,U+A0-17F,U+2C6-2DD,U+300-33F,U+370-3FF,U+2010-205F,U+2061-2064,U+2070-209F,U+20D0-20EF,"
    "U+2100-214F,U+2190-22FF,U+2308-230B,U+239B-23B5,U+2500-257F,U+25A0-25FF,U+27C0-27FF,U+2900-297F,"
    "U+2A00-2AFF,U+1D400-1D7FF"
)
_CUT = """
import importlib.resources, sys
from fontTools.subset import main
font = importlib.resources.files("ziamath.fonts") / "STIXTwoMath-Regular.ttf"
main([str(font), "--unicodes=" + sys.argv[1], "--flavor=woff2", "--layout-features=*",
      "--no-recalc-timestamp", "--output-file=" + sys.argv[2]])
"""


def put_font(file: Path, python: Path, log: Path) -> None:
    """Write the font as woff2. python: the site's environment, which has it."""
    programs.run("The cutting of the formulas' font", [python, "-c", _CUT, RANGES, file], log)
