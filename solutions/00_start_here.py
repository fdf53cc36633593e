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
# **To begin:** open [lesson 1](01_attention_scores/01_attention_scores.ipynb).
#
# ## Why care
#
# In 2015 a translation program learned to look back at the words it was translating (Bahdanau and others,
# [2015](https://arxiv.org/abs/1409.0473)). Two years later the Transformer did away with nearly everything
# but that look (Vaswani and others, [2017](https://arxiv.org/abs/1706.03762)), and it is the T in GPT:
# GPT-3 is a tall stack of such layers that guesses the next word (Brown and others,
# [2020](https://arxiv.org/abs/2005.14165)), and ChatGPT grew out of models of this kind, trained further on
# what people wrote and preferred (Ouyang and others, [2022](https://arxiv.org/abs/2203.02155)). Much the
# same layers write down speech (Radford and others, [2023](https://arxiv.org/abs/2212.04356)) and
# recognise what is in an image, cut into patches (Dosovitskiy and others,
# [2021](https://arxiv.org/abs/2010.11929)). What they share is what you write here, line by line. You won't
# have a ChatGPT in the end (lesson 15 trains a very small relative): that takes far more text and computing.
# But nothing inside its layers will be magic any more, and you will have measured for yourself where
# attention wins and where it doesn't.
#
# ## What you need
#
# You can write a Python function, and you know NumPy arrays and the dot product. That is all for lesson 1,
# and nobody expects you to know deep learning. Later lessons ask for a little more:
#
# | from | you also need |
# |---|---|
# | lesson 2 | the derivatives of exp and log |
# | lesson 3 | the chain rule |
#
# After that, nothing but earlier lessons, and each one says at its top which. Keras comes in with lessons 6
# and 8; you needn't know it before.
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
# ## Cards that are due today
#
# What you have understood fades, unless you recall it now and then. Each lesson has some question cards. Once
# you have begun it, they come up, each about when you would begin to forget it. A few minutes are enough: answer
# in your head *before* you look, and be honest with the buttons.

# %%
from attnkit.reviewing.asking import due_today

due_today()

# %% [markdown]
# In a terminal, `.venv/bin/attn review` asks the same cards. What you knew, and when, stays on this computer, in
# one file.
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
# Take the cells from top to bottom, and save with Ctrl + S (Cmd + S on a Mac). Allow two to three hours
# for a lesson, four for lesson 4, and some twenty hours for the first eight (an estimate: nobody has timed a
# class yet). The others go further, each for itself. You may stop anywhere.
#
# **When you come back**, your answers are still there, but Python has forgotten them. Click the cell where
# you stopped and choose *Kernel ▸ Restart Kernel and Run up to Selected Cell*. A cell that misses
# something from further up reminds you of that.
#
# The field's words, bold and linked where a lesson first uses them, are explained in the
# [glossary](98_glossary.ipynb). All figures and sliders of the course stand side by side in the
# [gallery](99_gallery.ipynb), each in one line of code.
#
# ## Ways in
#
# `make lab`, in the folder of the course, opens it in JupyterLab. If you prefer plain Notebook 7, run
# `.venv/bin/jupyter notebook lessons/00_start_here.ipynb`: sliders, boxes and menus are the same there, and
# both are tested. [Other ways in](OTHER_WAYS.md) says how to work in VS Code, Colab or Kaggle, and what was
# tried there and what wasn't: if a picture has no sliders, come back to one of these two.
#
# ## When something is odd
#
# - **A name is not defined**, or a cell seems stuck: *Kernel ▸ Restart Kernel and Run up to Selected Cell*
#   mends both.
# - **A function isn't written yet?** A cell that needs it says which exercise it waits for, and *Run All*
#   goes on to the next.
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
# [2011](https://aclanthology.org/P11-1015/)). They were installed with the course, as was the model of lesson
# 9, and a lesson never downloads anything. People wrote them for other readers, some of them rudely.
