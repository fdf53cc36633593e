"""Headlines from the world of money, invented and labelled by the course: another field than films.

No labelled financial text ships with a package that everybody may use, so these were written for
it. The firms don't exist. The headlines come in groups: two about the same firm and the same thing,
which one a shareholder would like to read (good) and the other not (bad). Some are traps on
purpose: losses that narrow are good, a profit that rises less than hoped is bad.

They have been labelled once, by those who wrote them. Like all texts of the course they are under
CC-BY-4.0.
"""

from __future__ import annotations

from importlib.resources import files

import pandas as pd

LABELS = {"bad": 0, "good": 1}


def load_headlines() -> pd.DataFrame:
    """48 headlines in 24 groups: ``text``, ``label`` (1 good, 0 bad) and ``group``.

    Whoever learns from some of them and is tested on others should keep a group together.
    """
    with files(__package__ or "attnkit").joinpath("headlines.csv").open(encoding="utf-8") as lines:
        frame = pd.read_csv(lines)
    return pd.DataFrame(
        {"text": frame["text"], "label": frame["label"].map(LABELS), "group": frame["group"]}
    )
