"""Where submissions run: boxes, and how they are made, watched and ended.

A box runs cells and answers calls (`box.py` says what it is). The grader keeps no learner's code
in its own process; what follows is what there is instead, from the outside in.

    grader ─── a thread for each box it drives (grading/runner.py)
      │ control: one SEQPACKET socket, JSON requests, file descriptors with them   (warm_process.py)
      └─ launch.py ─ becomes ─ bwrap ─ becomes ─ warm process, number 1 inside     (inside/warm.py)
           has imported what notebooks import, runs no learner's code, forks on request:
           └─ A: makes namespaces, forks B and ends                              (inside/confine.py)
                └─ B, the holder: number 1 of the box; mounts, then only waits for C
                     └─ C, the payload: no rights, limits, a filter of system calls; runs the cells
                          │ channel: one stream socket to the grader             (inside/channel.py)
                          │ two pipes: what is written past IPython to 1 and 2
                          └─ D: forked from C, answers the judge's questions, ends (asking.py)
                               │ line: one stream socket, when a learner's test is judged
                               └─ to a process forked in the function box, where the judge's own
                                  functions run, no learner's code  (functions.py, inside/given.py)

The grader holds of each box: its end of the channel, the ends of the two pipes, and a pidfd of B,
which came over the control socket. With control groups it moved B into the box's own group before
C ran a cell (groups.py); else the meter looks at all processes below B (meter.py, usage.py).

Who ends with whom:
- The grader kills B by its pidfd: with number 1 of their namespace the kernel ends C, D and all
  that they started, daemons included. That is how every box ends, after its time or its work.
- B ends when C does. C ends when the grader closes the channel, or when a cell ends it.
- D ends when the judge says so, by itself, or with C; C waits for it, and says that it is over.
- The warm process ends when the control socket closes, so with the grader, however that ends;
  with it ends every box. bubblewrap ends with the thread that started it, so threads that
  stay start them all (bubblewrap.py).
- After a thousand boxes, or a fault, another warm process takes over; the old one ends with the
  last of its boxes.

Where namespaces can't be had (landlock.py) there is neither bubblewrap nor B: the warm process
forks C itself, which fences itself off with Landlock; one box at a time, and the grader kills
what is below the warm process when the box ends. Without any sandbox, if somebody asks for that,
a box is an ordinary Jupyter kernel (plain_kernel.py).

Each wall is tried from inside before anything runs (selftest.py, inside/wall_check.py and
neighbour.py), and none is inferred. `SECURITY.md` says what all of this is good for.
"""
