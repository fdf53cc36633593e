import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, float32, normal, probe

exercise = Exercise(
    "Eight bits",
    solve=("quantize_int8", "int8_matmul"),
    difficulty=4,
    importance=4,
    minutes=20,
    hints="""A column's codes go from −127 to 127, and its scale says what one step is worth. Which
    number of the column has to become 127 or −127? And what if a column has nothing but zeros?

    The scale is the largest *absolute* value divided by 127. Divide, round, then change the type: in
    the other order the digits behind the point are cut off. In `int8_matmul` a row of x is what a
    column of w is: which transposition lets you use `quantize_int8` for it? Sums of products of
    codes go far beyond 127: in which type do you add them up?

    `np.where(largest > 0, largest / 127, 1.0)`; codes `np.round(w_IO / scale_O).astype(np.int8)`. For
    x: `quantize_int8(x_BI.T)`, its codes turned back. Both codes `.astype(np.int32)` before the `@`,
    then times x's scale (a column, one a row) and times w's scale.""",
)


def codes(quantize_int8, w_IO):
    """The codes, which must be int8 already."""
    q_IO, _ = quantize_int8(w_IO)
    if getattr(q_IO, "dtype", None) != np.int8:
        raise TypeError("the codes are not int8: ask for `.astype(np.int8)` after rounding")
    return q_IO.astype(int)


def scales(quantize_int8, w_IO):
    _, scale_O = quantize_int8(w_IO)
    if getattr(scale_O, "dtype", np.dtype(int)).kind != "f":
        raise TypeError("the scales are no array of floats")
    return scale_O


def far_from_half(
    rng: np.random.Generator, inputs: int, outputs: int, scale: float = 1.0
) -> np.ndarray:
    """Weights (inputs, outputs) whose codes, by column, are nowhere near the middle between two."""
    while True:
        w_IO = normal(rng, inputs, outputs, scale=scale, decimals=8)
        steps_IO = w_IO * 127 / abs(w_IO).max(axis=0)
        if (abs(steps_IO % 1 - 0.5) > 5e-3).all():
            return w_IO


def coded(rng: np.random.Generator, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes and scales, as quantize_int8 gives them."""
    q_IO = rng.integers(-127, 128, (inputs, outputs)).astype(np.int8)
    q_IO[rng.integers(inputs, size=outputs), np.arange(outputs)] = 127
    return q_IO, np.round(rng.uniform(0.002, 0.03, outputs), 5)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    by_hand = np.array([[127.0, -2.54], [-64.0, 1.27], [3.0, 0.635 + 0.01]])
    w_IO = far_from_half(rng, 7, 5)
    uneven_IO = w_IO * np.array([1.0, 0.01, 30.0, 0.3, 5.0])
    asks = probe(codes, says="The codes"), probe(scales, says="The scales")
    yield Check(
        "quantize: codes and scales, by hand",
        *(ask(by_hand) for ask in asks),
        *(ask(far_from_half(fresh, 3, 2)) for ask in asks),
        says="A column's largest absolute value becomes 127 or −127; a step is worth its scale.",
    )
    low_IO = np.where(abs(w_IO) == abs(w_IO).max(axis=0), -abs(w_IO), w_IO)
    yield Check(
        "quantize: each column by itself, negative ones too",
        *(ask(uneven_IO) for ask in asks),
        *(ask(low_IO) for ask in asks),
        *(ask(far_from_half(rng, 4, 6)) for ask in asks),
        says="Columns of small weights need small steps. The sign makes nothing smaller.",
    )
    zeros_IO = far_from_half(rng, 5, 3)
    zeros_IO[:, rng.integers(3)] = 0.0
    tiny_IO = far_from_half(fresh, 6, 4, scale=1e-5)
    yield Check(
        "quantize: a column of zeros, tiny columns",
        *(ask(zeros_IO) for ask in asks),
        *(ask(np.array([[0.0, 3.0], [0.0, -1.0]])) for ask in asks),
        *(ask(tiny_IO) for ask in asks),
        says="""Zeros have the codes 0, and the scale 1.0 by agreement. A column of tiny weights is
        as good as any other.""",
    )
    halves_I = fresh.permutation(np.array([127.0, 0.5, 1.5, 2.5, -0.5, -1.5, -3.5, 10.5, 11.5]))
    halves_IO = np.stack([halves_I, np.append(halves_I[1:], halves_I[:1])], axis=1)
    yield Check(
        "quantize: rounded, halves to even",
        asks[0](np.array([[127.0], [0.4], [0.6], [-0.6], [-3.7], [2.5], [3.5]])),
        asks[0](halves_IO),
        says="0.6 is nearer to 1 than to 0, −0.6 nearer to −1. Halves go to the even neighbour.",
    )
    quantize = [each for ask in asks for each in every_layout(ask(far_from_half(rng, 6, 4)))]
    yield Check(
        "quantize: float32, strided and read-only arrays, inputs left alone",
        *quantize,
        call.quantize_int8(w_IO),
        says="The floats are still needed: to say what rounding has cost.",
        judges="inputs untouched",
    )
    q_IO, scale_O = coded(rng, 5, 3)
    x_BI = far_from_half(rng, 5, 4).T
    few_BI, few_IO = np.array([[127.0, -2.0], [0.0, 63.5]]), np.array([[2, -1], [-3, 127]], np.int8)
    yield Check(
        "matmul: two rows by hand",
        call.int8_matmul(few_BI, few_IO, np.array([0.5, 0.01])),
        call.int8_matmul(x_BI[:2], q_IO, scale_O),
        says="Codes times codes, summed, then times what a step of x and a step of w are worth.",
    )
    uneven_BI = x_BI * np.array([[1.0], [0.02], [40.0], [3.0]])
    zero_BI = far_from_half(fresh, 5, 4).T.copy()
    zero_BI[fresh.integers(4)] = 0.0
    yield Check(
        "matmul: each row of x by itself",
        call.int8_matmul(uneven_BI, q_IO, scale_O),
        call.int8_matmul(-abs(x_BI), *coded(fresh, 5, 7)),
        call.int8_matmul(zero_BI, q_IO, scale_O),
        says="A row of x has a scale of its own, by the same rule as a column of w.",
    )
    q_40, scale_40 = coded(rng, 40, 2)
    yield Check(
        "matmul: sums far beyond 127",
        call.int8_matmul(abs(far_from_half(rng, 40, 3).T), abs(q_40), scale_40),
        call.int8_matmul(100 * far_from_half(fresh, 11, 2).T, *coded(fresh, 11, 4)),
        says="Two codes multiplied reach 16,129, and int8 ends at 127: sums are made in int32.",
    )
    layouts = every_layout(call.int8_matmul(far_from_half(rng, 6, 4).T, *coded(rng, 6, 5)))
    yield Check(
        "matmul: float32, strided and read-only arrays, inputs left alone",
        *layouts,
        call.int8_matmul(float32(x_BI), q_IO, float32(scale_O)),
        says="The codes of w are used for every batch.",
        judges="inputs untouched",
    )


quantize, matmul = exercise.of("quantize_int8"), exercise.of("int8_matmul")


@quantize.right("quantize: a loop over columns")
def quantize_a_loop(w_IO):
    q_IO = np.zeros(w_IO.shape, np.int8)
    scale_O = np.ones(w_IO.shape[1])
    for o in range(w_IO.shape[1]):
        largest = max(abs(float(number)) for number in w_IO[:, o])
        if largest > 0:
            scale_O[o] = largest / 127
            for i in range(len(w_IO)):
                q_IO[i, o] = round(float(w_IO[i, o]) / scale_O[o])
    return q_IO, scale_O


@quantize.right("quantize: times 127 over the largest")
def quantize_times_127(w_IO):
    largest = np.maximum(w_IO.max(0), -w_IO.min(0))
    safe = np.where(largest == 0, 127, largest)
    return np.rint(w_IO * (127 / safe)).astype("int8"), safe / 127


@quantize.right("quantize: clipped, to be sure")
def quantize_clipped(w_IO):
    scale = np.linalg.norm(w_IO, ord=np.inf, axis=0) / 127
    scale[scale == 0] = 1
    return np.clip(np.round(w_IO / scale[None, :]), -127, 127).astype(np.int8), scale


@matmul.right("matmul: a loop in Python's numbers")
def matmul_a_loop(x_BI, q_IO, scale_O):
    y_BO = np.zeros((len(x_BI), len(scale_O)))
    for b in range(len(x_BI)):
        largest = max(abs(float(number)) for number in x_BI[b])
        step = largest / 127 if largest else 1.0
        row = [round(float(number) / step) for number in x_BI[b]]
        for o in range(len(scale_O)):
            total = sum(code * int(other) for code, other in zip(row, q_IO[:, o], strict=True))
            y_BO[b, o] = total * step * float(scale_O[o])
    return y_BO


@matmul.right("matmul: rounded to steps, then multiplied as floats")
def matmul_rounded_to_steps(x_BI, q_IO, scale_O):
    step_B1 = np.abs(x_BI).max(axis=1, keepdims=True) / 127
    step_B1 = np.where(step_B1 > 0, step_B1, 1)
    return (np.round(x_BI / step_B1) * step_B1) @ (q_IO * scale_O)


@matmul.right("matmul: einsum that sums in int32")
def matmul_einsum(x_BI, q_IO, scale_O):
    largest_B = np.abs(x_BI).max(axis=1)
    step_B = np.where(largest_B == 0, 1, largest_B / 127)
    x8_BI = np.round(x_BI / step_B[:, None]).astype(np.int8)
    return np.outer(step_B, scale_O) * np.einsum("bi,io->bo", x8_BI, q_IO, dtype=np.int32)


for line in (
    "sums_BO = codes_IB.T @ q_IO.astype(np.int32)",
    "sums_BO = codes_IB.T.astype(np.int32) @ q_IO",
):
    exercise.allow_mutant(after=line, reason="If one of the two is int32, NumPy sums in int32.")


@matmul.plain
def plain_matmul(x_BI, q_IO, scale_O):
    largest_B1 = np.abs(x_BI).max(axis=1, keepdims=True)
    step_B1 = np.where(largest_B1 > 0, largest_B1 / 127, 1)
    x8_BI = np.round(x_BI / step_B1)
    return (x8_BI.astype(np.int32) @ q_IO.astype(np.int32)) * step_B1 * scale_O


quantize.slip("""quantize-largest-without-its-sign
    - np.abs(w_IO).max(axis=0)
    + w_IO.max(axis=0)
    You took the largest number of each column, not the largest absolute value. A column with a large
    negative weight then needs codes below −127, which int8 has not: they come out as other numbers,
    often positive ones.""")
quantize.slip("""quantize-epsilon-in-the-scale
    - np.where(largest_O > 0, largest_O / 127, 1.0)
    + largest_O / 127 + 1e-8
    You added a small number to the scale, so that nothing is divided by 0. In a column of small
    weights it is not small: the largest no longer becomes 127. Treat the column of zeros by itself,
    with the scale 1.0.""")
quantize.slip("""quantize-one-scale-for-all
    - largest_O = np.abs(w_IO).max(axis=0)
    + largest_O = np.full(w_IO.shape[1], np.abs(w_IO).max())
    You gave all columns one scale (per-tensor quantisation). A column of small weights is left with
    a few codes around 0: give each column its own.""")


@quantize.wrong
def quantize_a_scale_for_each_row(w_IO):
    """You gave each row a scale. A row of w takes part in every output, and its scale could not be
    taken out of the sum. Which axis belongs to one output?"""
    largest = np.abs(w_IO).max(axis=1, keepdims=True)
    scale = np.where(largest > 0, largest / 127, 1.0)
    return np.round(w_IO / scale).astype(np.int8), scale[:, 0]


quantize.slip("""quantize-truncated
    - np.round(w_IO / scale_O).astype(np.int8)
    + (w_IO / scale_O).astype(np.int8)
    You cut off what stands behind the decimal point: `astype` doesn't round. So all weights move
    towards 0, by half a step on average.""")
quantize.slip("""quantize-rounded-down
    - np.round(w_IO / scale_O)
    + np.floor(w_IO / scale_O)
    You rounded down (`floor`). All weights get smaller by half a step on average, and that adds up
    in every sum. Round to the nearest.""")
quantize.slip("""quantize-halves-up
    - np.round(w_IO / scale_O)
    + np.floor(w_IO / scale_O + 0.5)
    You rounded halves up. Asked for is what `np.round` does: halves go to the even neighbour, so that
    they don't all push the same way.""")
quantize.slip("""quantize-nan-for-zeros
    - scale_O = np.where(largest_O > 0, largest_O / 127, 1.0)
    + scale_O = largest_O / 127
    A column of zeros has the scale 0 with you, and 0 / 0 is nan, which has no code. By agreement its
    scale is 1.0.""")
quantize.slip("""quantize-128-steps
    - largest_O / 127
    + largest_O / 128
    You divided by 128. The largest then becomes 128, one more than int8 has: it comes out as −128.""")
quantize.slip("""quantize-255-steps
    - largest_O / 127
    + 2 * largest_O / 255
    You spread 255 steps over the whole range. The codes are to be the same on both sides of 0, from
    −127 to 127, so that 0 stays exactly 0.""")
quantize.slip("""quantize-scale-upside-down
    - return q_IO, scale_O
    + return q_IO, np.where(largest_O > 0, 127 / np.where(largest_O > 0, largest_O, 1), 1.0)
    You returned 127 / largest. The scale says what one step is worth: q · scale gives the weight
    back.""")
quantize.slip("""quantize-not-int8
    - np.round(w_IO / scale_O).astype(np.int8)
    + np.round(w_IO / scale_O)
    Your codes are whole numbers, but not in int8: a float takes four or eight bytes for each, an
    int8 one. That is what is saved.""")
quantize.slip("""quantize-changes-the-weights
    - largest_O = np.abs(w_IO).max(axis=0)
    + largest_O = np.abs(w_IO).max(axis=0)
    + w_IO /= np.where(largest_O > 0, largest_O / 127, 1.0)
    - np.round(w_IO / scale_O)
    + np.round(w_IO)
    Codes and scales are right, but `/=` wrote into the caller's own weights. Put them into a new
    array.""")


@matmul.wrong
def matmul_sums_in_int8(x_BI, q_IO, scale_O):
    """You multiplied and added in int8. 100 · 2 is −56 there (integer overflow), and NumPy says
    nothing. Change both codes to int32 before the `@`."""
    largest_B1 = np.abs(x_BI).max(axis=1, keepdims=True)
    step_B1 = np.where(largest_B1 > 0, largest_B1 / 127, 1)
    x8_BI = np.round(x_BI / step_B1).astype(np.int8)
    return (x8_BI @ q_IO) * step_B1 * scale_O


@matmul.wrong
def matmul_sums_in_int16(x_BI, q_IO, scale_O):
    """You multiplied and added in int16, which ends at 32,767: three products of large codes are
    more than that (integer overflow). Take int32."""
    largest_B1 = np.abs(x_BI).max(axis=1, keepdims=True)
    step_B1 = np.where(largest_B1 > 0, largest_B1 / 127, 1)
    x8_BI = np.round(x_BI / step_B1).astype(np.int16)
    return (x8_BI @ q_IO.astype(np.int16)) * step_B1 * scale_O


@matmul.wrong
def matmul_widened_too_late(x_BI, q_IO, scale_O):
    """You changed the result to int32 after the `@`: by then the sums had overflowed in int8. Change
    what goes in."""
    largest_B1 = np.abs(x_BI).max(axis=1, keepdims=True)
    step_B1 = np.where(largest_B1 > 0, largest_B1 / 127, 1)
    x8_BI = np.round(x_BI / step_B1).astype(np.int8)
    products_BIO = x8_BI[:, :, None] * q_IO
    return products_BIO.astype(np.int32).sum(axis=1) * step_B1 * scale_O


plain_matmul.slip("""matmul-scale-of-x-forgotten
    - * step_B1 * scale_O
    + * scale_O
    You forgot the scale of x: your outputs count steps of x, and not what a step is worth.""")
plain_matmul.slip("""matmul-scale-of-w-forgotten
    - * step_B1 * scale_O
    + * step_B1
    You forgot the scale of w: your outputs count steps of w, and not what a step is worth.""")
plain_matmul.slip("""matmul-both-scales-forgotten
    - * step_B1 * scale_O
    You returned sums of codes. What is a step of x worth, and what a step of w?""")
plain_matmul.slip("""matmul-divided-by-the-scales
    - * step_B1 * scale_O
    + / step_B1 / scale_O
    You divided by the scales. A code says how many steps, a scale what one is worth: how do they
    make a number?""")
plain_matmul.slip("""matmul-one-scale-for-all-rows
    - np.abs(x_BI).max(axis=1, keepdims=True)
    + np.full((len(x_BI), 1), np.abs(x_BI).max())
    You gave all rows of x one scale. Then a word's codes depend on who else is in the batch, and
    small rows are left with a few. Give each row its own.""")
plain_matmul.slip("""matmul-largest-without-its-sign
    - np.abs(x_BI).max(axis=1, keepdims=True)
    + x_BI.max(axis=1, keepdims=True)
    You took the largest number of each row of x, not the largest absolute value.""")
plain_matmul.slip("""matmul-x-truncated
    - np.round(x_BI / step_B1)
    + np.trunc(x_BI / step_B1)
    You cut off the digits behind the decimal point of x's codes, as `astype` does by itself. Round
    first.""")
plain_matmul.slip("""matmul-x-not-quantised
    - (x8_BI.astype(np.int32) @ q_IO.astype(np.int32)) * step_B1 * scale_O
    + x_BI @ (q_IO * scale_O)
    You multiplied x as it came, in floats. x is quantised as well here, row by row: then the whole
    product can be made of 8-bit numbers, which is where time is won.""")
plain_matmul.slip("""matmul-nan-for-a-row-of-zeros
    - np.where(largest_B1 > 0, largest_B1 / 127, 1)
    + largest_B1 / 127
    - x8_BI.astype(np.int32) @ q_IO.astype(np.int32)
    + x8_BI @ q_IO.astype(float)
    A row of zeros in x is divided by 0 with you. By agreement its scale is 1, and its codes are
    0.""")
plain_matmul.slip("""matmul-changes-x
    - x8_BI = np.round(x_BI / step_B1)
    + x_BI /= step_B1
    + x8_BI = np.round(x_BI)
    The result is right, but `/=` wrote into the caller's own x. Put the codes into a new array.""")
