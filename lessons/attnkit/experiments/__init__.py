"""Four small experiments that a learner may take part in: lesson 14a's.

Each module holds one: what is shown (`plan`), how an answer becomes a row (`row`), and made-up
people for all who don't take part (`simulate`). `lab.py` and `lab.js` show them, with times taken
in the browser; `keeping.py` keeps raw trials in a file of the learner's own. Nothing is sent
anywhere, nothing is graded.
"""

from attnkit.experiments.keeping import delete_trials, trials_of
from attnkit.experiments.lab import take_part

__all__ = ["delete_trials", "take_part", "trials_of"]
