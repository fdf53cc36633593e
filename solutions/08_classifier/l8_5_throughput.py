"""L8.5 asks a pretend accelerator, whose first step takes long and whose steps are done some time
after the call returns. It notes its own times on the same clock that the learner's function reads,
and the rate is held against what each way to count would have given on these very times: a machine
that stands still for a moment changes both. Nothing is held against a number of seconds."""

import numpy as np

from autograder.authoring import Check, Exercise, probe

exercise = Exercise(
    "Examples per second",
    solve="throughput",
    difficulty=3,
    importance=3,
    minutes=16,
    hints="""Three things come before the clock may be read: the first step, which does work that is
    never done again; enough steps, for one alone is noise; and the end of the last one, which may
    come after its call has returned.

    Call the model once and look at its output. Then start the clock, call it in a loop, and turn
    the last output into a NumPy array before you stop the clock: that can only be done when it is
    finished. How many examples were that, in how many seconds?

    `keras.ops.convert_to_numpy(output)` waits for an output. `time.perf_counter()` before the loop
    and after the wait; steps · len(batch) examples, divided by the difference.""",
)


def on_a_device(throughput, praise_BT, blame_BT, first, step, what):
    """The learner's function with a model on a pretend accelerator, which notes its own times.

    Its first call takes `first` seconds. Each step is finished `step` seconds after the one before
    it, while its call returns at once; who looks at an output waits for it.
    """
    import time

    batch_BT = np.concatenate([praise_BT, blame_BT])
    starts, returns, looks = [], [], []
    free = [0.0]

    class Output:
        shape, dtype, ndim = (len(batch_BT), 1), np.dtype("float32"), 2

        def __init__(self, number, ready):
            self.number, self.ready = number, ready

        def wait(self, *args, **kwargs):
            time.sleep(max(0.0, self.ready - time.perf_counter()))
            looks.append((self.number, time.perf_counter()))
            return self

        def __array__(self, dtype=None, copy=None):
            self.wait()
            return np.full(self.shape, 0.5, dtype or self.dtype)

        block_until_ready = cpu = detach = wait

        def numpy(self):
            return self.__array__()

        def __getitem__(self, place):
            return self.__array__()[place]

        def __float__(self):
            return float(self.__array__()[0, 0])

        def __len__(self):
            return len(batch_BT)

        def __iter__(self):
            return iter(self.__array__())

    class Model:
        compiled = built = True

        def __call__(self, batch, *args, **kwargs):
            starts.append(time.perf_counter())
            if len(starts) == 1:
                time.sleep(first)
            free[0] = max(free[0], time.perf_counter()) + step
            returns.append(time.perf_counter())
            return Output(len(starts), free[0])

        def predict(self, batch, *args, **kwargs):
            return np.asarray(self(batch))

        predict_on_batch = predict_step = predict

    rate = throughput(Model(), batch_BT)
    calls, B, rate = len(starts), len(batch_BT), float(rate)
    if what == "calls":
        return B * min(5, calls - 1)
    done = max((when for number, when in looks if number == calls), default=None)
    # what each way to count would have given on these very times: the nearest one is meant
    w = min(1, calls - 1)
    right = B * (calls - w) / ((done or free[0]) - starts[w])
    if what == "waits":  # without a wait the rate is that of the calls, many times too high
        return B if done is not None and rate < 10 * right else 0, done is not None
    if what == "first step":
        counted = B * calls / ((done or free[0]) - starts[0])
        is_left_out = calls > 1 and rate > 0 and rate * rate > right * counted
        return B if is_left_out else 0
    ways = {
        "examples per second": right,
        "steps per second": right / B,
        "seconds per example": 1 / right,
        "seconds per step": B / right,
        "milliseconds per step": 1000 * B / right,
    }
    unit = "a number that is not above 0"
    if rate > 0:
        unit = min(ways, key=lambda name: abs(np.log(rate / ways[name])))
    counts = {"examples per second": B, "steps per second": 1}
    return {"the nearest unit": unit, "examples that count in each step": counts.get(unit, 0)}


def real_model(throughput, batch_BT, seed):
    import keras

    ids = keras.Input((batch_BT.shape[1],), dtype="int32")
    x = keras.layers.Flatten()(keras.layers.Embedding(50, 4)(ids))
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x))
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])
    rate = throughput(model, batch_BT)
    return {
        "a number": isinstance(rate, (int, float, np.floating, np.integer)),
        "above 0 and finite": bool(0 < float(rate) < np.inf),
        "the model's outputs afterwards": np.ravel(model(batch_BT[:3])),
    }


@exercise.checks
def checks(rng):
    batch = rng.integers(1, 50, (rng.integers(21, 50), 2))
    halves = [rng.integers(1, 50, (rng.integers(9, 80), 2)) for _ in range(2)]
    others = [rng.integers(1, 50, (rng.integers(9, 80), 3)) for _ in range(2)]
    yield Check(
        "a real model",
        probe(real_model, says="What was returned, and what the model gives for three examples,")(
            batch, int(rng.integers(1000)), tolerance=1e-4
        ),
        says="One number: how many examples a second. The model is used, and stays what it is.",
    )
    yield Check(
        "several steps",
        probe(
            on_a_device,
            says="How many examples follow those of the first step, in five steps at most,",
        )(*halves, 0.02, 0.002, "calls"),
        says="A single step may be twice as slow as the next one, for no reason of the model's.",
    )
    yield Check(
        "waits for the last step",
        probe(
            on_a_device,
            says="How many examples of the last step were there when the clock was stopped",
        )(*halves, 0.02, 0.003, "waits"),
        says="""On a GPU a call returns at once, and the work is done afterwards. Without a wait one
        measures how quickly Python can ask.""",
        part=0,
    )
    yield Check(
        "the first step isn't counted",
        probe(
            on_a_device,
            says="How many examples of the first step, a long one, your number leaves out",
        )(*others, 0.25, 0.002, "first step"),
        says="The first call builds or compiles what all later ones use.",
    )
    yield Check(
        "examples, not steps",
        *(
            probe(on_a_device, says="What your number says")(*each, 0.02, 0.002, "unit")
            for each in (halves, others)
        ),
        says="A step takes a batch of examples, and they are what is to be counted.",
    )


@exercise.right("each step by itself, the median")
def each_step_by_itself(model, batch):
    import time

    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        np.asarray(model(batch))
        seconds.append(time.perf_counter() - start)
    return len(batch) / float(np.median(seconds[1:]))


@exercise.right("for a tenth of a second, by predict_on_batch")
def for_a_tenth_of(model, batch):
    from time import perf_counter

    for _ in range(2):
        model.predict_on_batch(batch)
    examples, start = 0, perf_counter()
    while perf_counter() - start < 0.1:
        model.predict_on_batch(batch)
        examples += len(batch)
    return examples / (perf_counter() - start)


@exercise.right("time.time, one element looked at")
def time_time_one_element_looked(model, batch):
    import time

    float(np.array(model(batch))[0, 0])
    before = time.time()
    outputs = [model(batch) for _ in range(30)]
    float(outputs[-1][0, 0])
    return 30 * batch.shape[0] / (time.time() - before)


exercise.allow_mutant(
    after="model(batch)",
    reason="The first call compiles and waits for that itself; at most one step more is timed.",
)
exercise.allow_mutant(line="steps = 20", reason="Any number of steps from five on will do.")
exercise.slip("""compilation-counted
    - keras.ops.convert_to_numpy(model(batch))
    + import time
    You started the clock before the first call, which builds or compiles what all later ones use.
    Your number says more about the compiler than about the model.""")


@exercise.wrong
def not_waited_for(model, batch):
    """You stopped the clock when the last call had returned, not when its work was done. On a GPU
    calls return at once: you measured how quickly Python can ask. What can be done with an output
    only when it is there?"""
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        model(batch)
    return 20 * len(batch) / (time.perf_counter() - start)


@exercise.wrong
def waits_too_late(model, batch):
    """You wait for the last output, but your clock doesn't notice: it was read before the wait, or
    it is the processor's (`process_time`), which stands still meanwhile. First wait, then read the
    clock on the wall."""
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        output = model(batch)
    seconds = time.perf_counter() - start
    np.asarray(output)
    return 20 * len(batch) / seconds


@exercise.wrong
def one_step_only(model, batch):
    """You timed a single step. The next one may take half as long or twice: take several, and
    divide."""
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    np.asarray(model(batch))
    return len(batch) / (time.perf_counter() - start)


@exercise.wrong
def first_step_only(model, batch):
    """You timed the first step, and only that: it holds the compiling. Let it pass, then time
    several."""
    import time

    start = time.perf_counter()
    np.asarray(model(batch))
    return len(batch) / (time.perf_counter() - start)


exercise.slip("""steps-per-second
    - return steps * len(batch) / (time.perf_counter() - start)
    + return 20 / (time.perf_counter() - start)
    You counted steps. Whoever doubles the batch would see the model get slower: multiply by the
    number of examples in a batch.""")
exercise.slip("""seconds-per-example
    - return steps * len(batch) / (time.perf_counter() - start)
    + return (time.perf_counter() - start) / (20 * len(batch))
    You divided the wrong way round: seconds by examples. Examples a second are asked for, where
    more is better.""")
exercise.slip("""seconds
    - return steps * len(batch) / (time.perf_counter() - start)
    + return (time.perf_counter() - start) / 20
    You returned the seconds that a step takes. Examples a second are asked for.""")
