"""Question cards of the course, asked again when they are about to be forgotten.

Which cards there are is in `cards.py`, what a learner knew in `history.py`, when a card is due in
`schedule.py`. `due_today` asks in a notebook, `attn review` in a terminal. `calibration.py` says
how well the schedule foresees a learner, and `learners.py` makes some up.
"""
