import numpy as np

from autograder.authoring import Check, Exercise, call

exercise = Exercise(
    "What do more heads cost?",
    solve="param_count",
    difficulty=2,
    importance=3,
    minutes=15,
    hints="""List the layer's arrays with their shapes, as in L6.4, but with K free: four without
    biases, eight with them. A bias has one number for each number that comes out of its projection.

    Query, key and value each have D · H · K numbers and a bias of H · K. The output goes from H · K
    numbers back to D: how many weights is that, and how wide is its bias?

    Weights: three times D · H · K, and H · K · D once more. Biases: three of H · K, one of D. H · K
    need not be D.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    small = [fresh.permutation([2, 3, 5, 7, 11, 13])[:3].tolist() for _ in range(4)]
    D, H, K = (int(n) for n in rng.permutation([5, 7, 11]))
    yield Check(
        "without biases, by hand",
        call(4, 2, 3, bias=False),
        call(D, H, K, bias=False),
        call(10, 1, 3, False),
        *[call(*sizes, bias=False) for sizes in small[:2]],
        says="Four arrays: three from D numbers to H · K, one from H · K numbers back to D.",
    )
    yield Check(
        "with biases",
        call(4, 2, 3),
        call(D, H, K, bias=True),
        call(10, 1, 3),
        *[call(*sizes) for sizes in small[2:]],
        says="""A bias is as wide as what comes out: H · K for query, key and value, D for the
        output. Unless told otherwise, there are biases.""",
    )
    widths = (12 * fresh.choice(np.arange(5, 60), 2, replace=False)).tolist()
    heads = fresh.choice([2, 3, 4, 6, 12], 2, replace=False).tolist()
    yield Check(
        "more heads at the same width cost nothing",
        *[
            call(64, heads, 64 // heads, bias=bias)
            for heads, bias in ((1, False), (2, True), (8, False), (64, True))
        ]
        + [call(D, H, D // H) for D, H in zip(widths, heads, strict=True)],
        says="If K = D / H, the number of heads cancels out.",
    )
    width = int(rng.integers(9, 17)) * 8
    yield Check(
        "heads of a width of their own, large models",
        call(512, 8, 64),
        call(768, 12, 64),
        call(width, 5, 24),
        call(width, 16, 64, bias=False),
        call(int(fresh.integers(100, 900)), int(fresh.integers(3, 18)), int(fresh.integers(8, 97))),
        says="Nobody is forced to choose K = D / H: then H · K is another number than D.",
    )


@exercise.right
def array_by_array(D, H, K, bias=True):
    shapes = [(D, H, K)] * 3 + [(H, K, D)]
    if bias:
        shapes += [(H, K)] * 3 + [(D,)]
    count = 0
    for shape in shapes:
        size = 1
        for length in shape:
            size *= length
        count += size
    return count


@exercise.right
def a_bias_as_one_more_row(D, H, K, bias=True):
    one = 1 if bias else 0
    return 3 * (D + one) * H * K + (H * K + one) * D


@exercise.right
def made_and_measured(D, H, K, bias=True):
    arrays = [np.empty((D, H * K))] * 3 + [np.empty((H * K, D))]
    if bias:
        arrays += [np.empty(array.shape[1]) for array in arrays]
    return sum(array.size for array in arrays)


@exercise.wrong
def times_H_again(D, H, K, bias=True):
    """You multiplied by the number of heads where H · K has counted them already. Are the arrays H
    times as large, or cut into H parts?"""
    weights = H * (3 * D * H * K + H * K * D)
    return weights + (3 * H * K + D if bias else 0)


@exercise.wrong
def whole_matrices_for_each_head(D, H, K, bias=True):
    """You gave each head four matrices of D · D. A head is K wide: it has K columns in query, key
    and value, and K rows in the output. How many numbers is that for one head?"""
    return H * (4 * D * D + (4 * D if bias else 0))


@exercise.wrong
def Wo_forgotten(D, H, K, bias=True):
    """You counted query, key and value. What leads from the merged heads back to D numbers?"""
    return 3 * D * H * K + (3 * H * K if bias else 0)


@exercise.wrong
def output_bias_forgotten(D, H, K, bias=True):
    """You counted three biases. The output has one as well: how wide is it?"""
    return 4 * D * H * K + (3 * H * K if bias else 0)


@exercise.wrong
def biases_all_D_wide(D, H, K, bias=True):
    """You made every bias D wide. A bias is added to what comes out of its projection: how many
    numbers are that for query, key and value?"""
    return 4 * D * H * K + (4 * D if bias else 0)


@exercise.wrong
def biases_all_HK_wide(D, H, K, bias=True):
    """You made every bias H · K wide, the output's too. What comes out of the output projection:
    how many numbers?"""
    return 4 * D * H * K + (4 * H * K if bias else 0)


@exercise.wrong
def one_bias_for_all_heads(D, H, K, bias=True):
    """You let all heads share one bias of K numbers. Each head has a bias of its own, so how many
    numbers are there in all?"""
    return 4 * D * H * K + (3 * K + D if bias else 0)


@exercise.wrong
def K_taken_for_D_over_H(D, H, K, bias=True):
    """K makes no difference to your count: you took H · K for D. That is the usual choice, and only
    a choice. Which D in your formula comes from the word, and which from the heads?"""
    return 4 * D * D + (4 * D if bias else 0)


@exercise.wrong
def Wo_square(D, H, K, bias=True):
    """You gave the output D · D weights. Into it come the merged heads: how many numbers are
    they?"""
    return 3 * D * H * K + D * D + (3 * H * K + D if bias else 0)


@exercise.wrong
def one_head_only(D, H, K, bias=True):
    """You counted one head. Each of the H heads has K columns of its own in query, key and value,
    and K rows in the output."""
    return 4 * D * K + (3 * K + D if bias else 0)


@exercise.wrong
def always_biases(D, H, K, bias=True):
    """You counted the biases even when there are none: `bias=False` makes no difference."""
    return 4 * D * H * K + 3 * H * K + D


@exercise.wrong
def never_biases(D, H, K, bias=True):
    """You counted no biases. Unless `bias=False` is said, each of the four projections has one."""
    return 4 * D * H * K
