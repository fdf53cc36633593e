"""What the exercises of lesson 4 share, and how their numbers are chosen.

Sizes are T queries, S keys and values, K wide keys, V wide values, B sentences, H heads, N
patterns. They differ, and none is the square of another, unless a check says otherwise: with four
keys of width 4, √S passes for √K. Queries and keys are standard normal, so that scores divided by
√K have a standard deviation of about 1 and a wrong divisor shows in every weight; scores of ±1000
stand apart, with tolerances that grow with them.
"""

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2

LAST = "The array has two axes: axis 1 is the last one."
