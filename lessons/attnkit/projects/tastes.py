"""People whose tastes wander, simulated: data for project C of which the truth is known.

An item belongs to one of 12 tastes, appears on some day, and fades. A person is in one taste at a
time. With each step she moves on with probability 0.2, along a chain in which each taste leads to a
few others (drawn from a Dirichlet distribution with 0.25). She then takes an item of her taste that
is there and that she hasn't had, popular and fresh ones more often. So what came last says much,
what came long ago little, and nobody could predict perfectly: `Tastes.scores` is the best that can
be done by whoever sees the taste itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from attnkit.projects.next_item import Events, Histories, in_order

FloatArray = npt.NDArray[np.float64]

PEOPLE, ITEMS, TASTES, DAYS = 800, 600, 12, 1000
MOVES_ON = 0.2
CONCENTRATION = 0.25  # of the chain between tastes: small means few ways on
FADES = 150  # days after which a new item draws 1/e as many
MEAN_EVENTS = 45
SAME_DAY = 0.2  # the chance that a person's next event is on the same day

FIRST_WORDS = (
    *("Amber", "Blue", "Crimson", "Distant", "Early", "Fallen"),
    *("Golden", "Hidden", "Iron", "Jade", "Late", "Silent"),
)
SECOND_WORDS = (
    *("Anchor", "Bridge", "Candle", "Desert", "Engine", "Forest", "Garden", "Harbour", "Island"),
    *("Journey", "Kingdom", "Lantern", "Mirror", "Night", "Orchard", "Piano", "Quarry", "River"),
    *("Summer", "Tower", "Umbrella", "Valley", "Winter", "Yard", "Zephyr"),
)


@dataclass(frozen=True)
class Tastes:
    """Simulated events, and what they were made of.

    taste_N, step_N: the taste that each event was drawn from, and its number among the person's
    events, which tells those of one day apart. of_item, born, draws: each item's taste, its
    first day, and how popular it is. chain: (12, 12), where a taste leads.
    """

    events: Events
    taste_N: npt.NDArray[np.int_]
    step_N: npt.NDArray[np.int_]
    of_item: npt.NDArray[np.int_] = field(repr=False)
    born: npt.NDArray[np.int_] = field(repr=False)
    draws: FloatArray = field(repr=False)
    chain: FloatArray = field(repr=False)

    def scores(self, asked: Histories) -> FloatArray:
        """The true chance of each item, (B, items), for who knows the taste of the event before."""
        found = np.zeros((len(asked), self.events.items))
        for b, (user, row, time) in enumerate(
            zip(asked.user_B, asked.event_B, asked.time_B, strict=True)
        ):
            own = np.flatnonzero(self.events.user_N == user)
            before = own[self.events.time_N[own] < time]
            last = before[self.step_N[before].argmax()]
            stays = np.eye(TASTES)[self.taste_N[last]]
            later = int(self.step_N[row] - self.step_N[last])
            step = (1 - MOVES_ON) * np.eye(TASTES) + MOVES_ON * self.chain
            chance = stays @ np.linalg.matrix_power(step, later)
            weight_N = weights(self.draws, self.born, int(time))
            for taste in range(TASTES):
                of_it = self.of_item == taste
                total = weight_N[of_it].sum()
                found[b, of_it] = chance[taste] * weight_N[of_it] / (total or 1)
        return found


def weights(draws: FloatArray, born: npt.NDArray[np.int_], day: int) -> FloatArray:
    """How much each item draws people on a day: 0 before it appears, then less and less."""
    age = day - born
    faded: FloatArray = np.where(age >= 0, draws * np.exp(-np.maximum(age, 0) / FADES), 0)
    return faded


def simulate_tastes(seed: int = 14) -> Tastes:
    """800 people and 600 items over 1,000 days, some 35,000 events; in seconds."""
    rng = np.random.default_rng(seed)
    of_item = np.concatenate([[-1], rng.permutation(np.arange(ITEMS) % TASTES)])
    born = np.concatenate([[DAYS], rng.integers(-200, DAYS * 9 // 10, ITEMS)])
    draws = np.concatenate([[0.0], rng.pareto(1.5, ITEMS) + 0.2])
    chain = rng.dirichlet(np.full(TASTES, CONCENTRATION), TASTES)
    cumulated = chain.cumsum(axis=1)
    members = [np.flatnonzero(of_item == taste) for taste in range(TASTES)]
    rows: list[tuple[int, ...]] = []
    for user in range(1, PEOPLE + 1):
        day, taste, had = int(rng.integers(DAYS * 4 // 5)), int(rng.integers(TASTES)), set[int]()
        for step in range(int(rng.geometric(1 / MEAN_EVENTS))):
            if rng.random() >= SAME_DAY:
                day += int(rng.geometric(1 / 6))
            if rng.random() < MOVES_ON:
                taste = int(np.searchsorted(cumulated[taste], rng.random() * (1 - 1e-9)))
            if day >= DAYS:
                break
            items = members[taste]
            weight = weights(draws[items], born[items], day)
            weight[[n for n, item in enumerate(items.tolist()) if item in had]] = 0
            total = weight.cumsum()
            if total[-1] <= 0:
                continue
            item = int(items[np.searchsorted(total, rng.random() * total[-1], side="right")])
            had.add(item)
            rows.append((user, item, day, taste, step))
    user_N, item_N, time_N, taste_N, step_N = np.array(rows).T
    order = in_order(time_N)
    names = ("", *map(_name, range(ITEMS)))
    events = Events(user_N[order], item_N[order], time_N[order], ITEMS + 1, names)
    return Tastes(events, taste_N[order], step_N[order], of_item, born, draws, chain)


def _name(n: int) -> str:
    """What an item is called, so that a history can be read."""
    first, second = FIRST_WORDS[n % len(FIRST_WORDS)], SECOND_WORDS[n // 12 % len(SECOND_WORDS)]
    return f"{first} {second}" + (" II" if n >= len(FIRST_WORDS) * len(SECOND_WORDS) else "")
