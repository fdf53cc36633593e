# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Attention, built by hand
#
# Welcome. Attention is a weighted average whose weights depend on what is being read. In this course
# you build it yourself, from one formula to a classifier of film reviews: a few lines of NumPy at a
# time, each tried on sentences that people really wrote.
#
# It is for you if you can write a Python function and know what a dot product is. No knowledge of
# deep learning is needed.
#
# **To begin:** open [lesson 1](01_attention_scores/01_attention_scores.ipynb).
#
# ## The way, and where you are
#
# Click the cell below and press **Shift + Enter**. Do it again whenever you want to see how far you
# are.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# Your points come from your last `check` of each exercise. They are kept on this computer, as your
# predictions are, and sent nowhere.
#
# ## How a lesson works
#
# | | |
# |---|---|
# | **Read** | a short step, and run its cell with Shift + Enter |
# | **Predict** | what a cell will show, and type it into the box: a wrong guess teaches most |
# | **Write** | a function where it says `# YOUR CODE HERE`, and delete the `raise` line |
# | **Check** | `check("L1.1", weighted_mean)` says what holds, and names the mistake it sees |
# | **Hint** | `hint("L1.1")` helps a little; call it again and it helps more |
# | **Move** | the sliders run *your* function: try to surprise yourself |
#
# Take the cells from top to bottom, and save with Ctrl + S (Cmd + S on a Mac). A lesson takes one
# and a half to three hours; you may stop anywhere and run the cells again the next day.
#
# The field's words, bold and linked where a lesson first uses them, are explained in the
# [glossary](98_glossary.ipynb). All figures and sliders of the course stand side by side in the
# [gallery](99_gallery.ipynb), each in one line of code.
#
# ## When something is odd
#
# - **A name is not defined**, or a cell seems stuck: choose *Kernel ▸ Restart Kernel and Run up to
#   Selected Cell*.
# - **What does this function do?** Put the cursor on its name and press Shift + Tab.
# - **Stuck on an exercise?** Hints first. Then try three numbers by hand: most mistakes show there.
# - **Is the installation all right?** Run `make doctor` in a terminal, in the folder of the course.
#   Send what it says along when you ask somebody for help.
#
# ## To start a lesson over
#
# Save and close its notebook and run `make build` in a terminal. The lesson is fresh again, and your
# version is kept beside it in a folder called `backup-` and the date.
#
# ## Where the sentences come from
#
# 8,530 sentences out of film reviews (Pang and Lee,
# [2005](https://aclanthology.org/P05-1015/)) and 25,000 whole reviews (Maas and others,
# [2011](https://aclanthology.org/P11-1015/)). They were installed with the course, and a lesson never
# downloads anything. People wrote them for other readers, some of them rudely.
