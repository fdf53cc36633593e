import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    from_lesson,
    normal,
    read_only,
)

from .shared import gain_and_shift

exercise = Exercise(
    "The encoder block",
    solve="encoder_block",
    difficulty=4,
    importance=5,
    minutes=30,
    hints="""Two halves of one form: x plus something made of the *normed* x. In the first half the
    something is attention, in the second a small network that looks at each word by itself. What
    goes into the second half's sum?

    First half: norm x with ln1, give the normed words to `attention`, the mask too, and add the
    result to x as it was. Second half, on that sum y: norm with ln2, times W1 plus b1, negative
    numbers become 0, times W2 plus b2, and add the result to y.

    `y = x_BTD + attention(layer_norm(x_BTD, params['ln1_gamma'], params['ln1_beta']), params, H,
    mask)`; then `n = layer_norm(y, params['ln2_gamma'], params['ln2_beta'])` and `return y +
    np.maximum(n @ params['W1'] + params['b1'], 0) @ params['W2'] + params['b2']`.""",
)

attention = from_lesson("attention")


def block_params(rng: np.random.Generator, D: int, F: int) -> dict[str, np.ndarray]:
    """Weights of a block: gains far from 1, shifts far from 0, and no two alike."""
    params = {}
    for n in (1, 2):
        params[f"ln{n}_gamma"], params[f"ln{n}_beta"] = gain_and_shift(rng, D)
    for name in ("Wq", "Wk", "Wv", "Wo"):
        params[name] = normal(rng, D, D, scale=1 / D**0.5)
    params["W1"], params["b1"] = normal(rng, D, F, scale=1 / D**0.5), normal(rng, F)
    params["W2"], params["b2"] = normal(rng, F, D, scale=1 / F**0.5), normal(rng, D)
    return params


def cast(params: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: float32(value) for name, value in params.items()}


def locked(params: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: read_only(value) for name, value in params.items()}


@exercise.checks
def checks(rng):
    axes = Axes(B=3, H=2, T=5, D=6)
    H, D = axes.sizes["H"], axes.sizes["D"]
    x, params = axes.normal(rng, "BTD"), block_params(rng, D, 11)
    small = {
        "ln1_gamma": np.array([1.0, 2.0]),
        "ln1_beta": np.array([0.5, 0.0]),
        **{name: np.eye(2) for name in ("Wq", "Wk", "Wv")},
        "Wo": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "ln2_gamma": np.array([2.0, 1.0]),
        "ln2_beta": np.array([0.0, -0.5]),
        "W1": np.array([[1.0, -1.0, 0.0], [0.0, 1.0, 1.0]]),
        "b1": np.array([0.0, 0.5, -1.0]),
        "W2": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]),
        "b2": np.array([0.1, -0.1]),
    }
    yield Check(
        "one word of two numbers",
        call(np.array([[[4.0, 1.0]]]), small, 1),
        call(normal(rng, 1, 3, 2, decimals=1), small, 2),
        says="""A word alone gives all its attention to itself, so the first half adds its own
        normed values, times Wo.""",
    )
    yield Check(
        "sentences in a batch",
        call(x, params, H),
        call(2 * x - 1, block_params(rng, D, 11), 3),
        says="""x plus attention of the normed x; that sum plus the feed-forward network of the
        normed sum.""",
        points=3,
    )
    pads = axes.ragged_mask(rng, "BT", empty_row=False)[:, None, None]
    square = np.arange(5) <= np.arange(5)[:, None]
    yield Check(
        "with a mask",
        call(x, params, H, pads),
        call(x, params, H, mask=square),
        call(x, params, H, mask=pads & square),
        call(x, params, H, mask=np.repeat(pads & square, H, axis=1)),
        says="The mask is for attention: hand it on. The other parts look at each word by itself.",
        points=2,
    )
    yield Check(
        "a word that may see nothing",
        call(x, params, H, axes.ragged_mask(rng, "BT")[:, None, None]),
        says="Attention adds nothing to such a word, and the rest goes on as ever.",
    )
    small32 = cast(block_params(rng, D, 11))
    yield Check(
        "float32 and read-only arrays, inputs left alone",
        call(float32(x), small32, H),
        call(read_only(x), locked(params), H, read_only(pads)),
        *(call(each, params, H) for (each,) in every_layout(x)),
        says="The next block needs the same weights.",
        judges="inputs untouched",
    )


@exercise.right
def word_by_word(x_BTD, params, H, mask=None):
    (B, T, D), p = x_BTD.shape, params
    K = D // H

    def normed(word_D, n):
        centred = word_D - word_D.mean()
        scaled = centred / ((centred**2).mean() + 1e-5) ** 0.5
        return scaled * p[f"ln{n}_gamma"] + p[f"ln{n}_beta"]

    keep = np.broadcast_to(True if mask is None else mask, (B, H, T, T))
    out = np.zeros((B, T, D))
    for b in range(B):
        n_TD = np.array([normed(word, 1) for word in x_BTD[b]])
        q, k, v = (n_TD @ p[name] for name in ("Wq", "Wk", "Wv"))
        for t in range(T):
            mixed = np.zeros(D)
            for h in range(H):
                own, seen = slice(h * K, (h + 1) * K), np.flatnonzero(keep[b, h, t])
                if len(seen):
                    e = k[seen, own] @ q[t, own] / K**0.5
                    w = np.exp(e - e.max())
                    mixed[own] = w @ v[seen, own] / w.sum()
            y_D = x_BTD[b, t] + mixed @ p["Wo"]
            hidden = np.clip(normed(y_D, 2) @ p["W1"] + p["b1"], 0, None)
            out[b, t] = y_D + hidden @ p["W2"] + p["b2"]
    return out


@exercise.right("with the lesson's attention, a loop over two halves")
def with_the_lesson_s_attention(x_BTD, params, H, mask=None):
    def feed_forward(n_BTD):
        a_BTF = np.einsum("btd,df->btf", n_BTD, params["W1"]) + params["b1"]
        return np.einsum("btf,fd->btd", a_BTF * (a_BTF > 0), params["W2"]) + params["b2"]

    halves = (lambda n_BTD: attention(n_BTD, params, H, mask), feed_forward)
    for number, half in enumerate(halves, 1):
        mean, var = x_BTD.mean(-1, keepdims=True), x_BTD.var(-1, keepdims=True)
        n_BTD = (x_BTD - mean) / np.sqrt(var + 1e-5)
        n_BTD = n_BTD * params[f"ln{number}_gamma"] + params[f"ln{number}_beta"]
        x_BTD = x_BTD + half(n_BTD)
    return x_BTD


@exercise.plain
def plain(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@exercise.wrong
def post_norm(x_BTD, params, H, mask=None):
    """You normed the sums: that is the block of the first Transformer (post-norm). Here the norm
    stands in front of each half, and what is added to x goes on unnormed (pre-norm)."""

    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    y = norm(x_BTD + attention(x_BTD, params, H, mask), 1)
    hidden = np.maximum(y @ params["W1"] + params["b1"], 0)
    return norm(y + hidden @ params["W2"] + params["b2"], 2)


plain.slip("""residual-from-the-normed
    - y = x_BTD + attention(n, params, H, mask)
    + y = n + attention(n, params, H, mask)
    - return y + hidden @ params["W2"] + params["b2"]
    + return n + hidden @ params["W2"] + params["b2"]
    You added attention to the *normed* x. The sum takes x as it came in: only so is there a
    straight way through all blocks on which nothing is scaled.""")
plain.slip("""first-residual-from-the-normed
    - y = x_BTD + attention(n, params, H, mask)
    + y = n + attention(n, params, H, mask)
    In the first half you added attention to the normed x; the sum takes x as it came in.""")
plain.slip("""second-residual-from-the-normed
    - return y + hidden @ params["W2"] + params["b2"]
    + return n + hidden @ params["W2"] + params["b2"]
    In the second half you added the network's output to the normed sum; it is added to the sum
    itself.""")
plain.slip("""one-shared-norm
    - n = norm(y, 2)
    + n = norm(y, 1)
    You used the first norm's gamma and beta twice. The second half has its own: ln2_gamma and
    ln2_beta.""")
plain.slip("""norms-exchanged
    - n = norm(x_BTD, 1)
    + n = norm(x_BTD, 2)
    - n = norm(y, 2)
    + n = norm(y, 1)
    You exchanged the norms: ln1 belongs to attention, ln2 to the feed-forward network.""")
plain.slip("""no-norm
    - n = norm(x_BTD, 1)
    + n = x_BTD
    - n = norm(y, 2)
    + n = y
    Nothing is normed in your block. Each half gets normed words: lesson 7's second exercise.""")
plain.slip("""no-second-norm
    - n = norm(y, 2)
    + n = y
    The feed-forward network gets the sum as it is in your block. It has a norm in front, too: ln2.""")
plain.slip("""no-nonlinearity
    - hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    + hidden = n @ params["W1"] + params["b1"]
    Between W1 and W2 your network does nothing, and two matrices in a row are one. ReLU: negative
    numbers become 0.""")
plain.slip("""relu-at-the-end
    - hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    - return y + hidden @ params["W2"] + params["b2"]
    + hidden = n @ params["W1"] + params["b1"]
    + return y + np.maximum(hidden @ params["W2"] + params["b2"], 0)
    You cut off the negative numbers after W2. The ReLU stands in between; what is added to y may
    have either sign.""")
plain.slip("""tanh-for-relu
    - hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    + hidden = np.tanh(n @ params["W1"] + params["b1"])
    Your network bends with tanh. Here it is ReLU: the larger of 0 and the number.""")
plain.slip("""mask-not-passed
    - y = x_BTD + attention(n, params, H, mask)
    + y = x_BTD + attention(n, params, H)
    The mask ends at your block's door: attention never gets it, so pads and the future are looked
    at.""")
plain.slip("""first-residual-forgotten
    - y = x_BTD + attention(n, params, H, mask)
    + y = attention(n, params, H, mask)
    The first half returns attention alone, without x: a word that nobody asks for is lost.""")
plain.slip("""second-residual-forgotten
    - return y + hidden @ params["W2"] + params["b2"]
    + return hidden @ params["W2"] + params["b2"]
    The second half returns the network's output alone. Add it to what came in.""")
plain.slip("""x-added-twice
    - return y + hidden @ params["W2"] + params["b2"]
    + return x_BTD + hidden @ params["W2"] + params["b2"]
    In the second half you added x, the block's input, where the first half's sum belongs: attention
    is forgotten but for what the network makes of it.""")
plain.slip("""halves-in-parallel
    - n = norm(y, 2)
    + n = norm(x_BTD, 2)
    Your network reads the block's input, not the first half's sum. Some models do so, to save time;
    here the second half works on what the first one made.""")
exercise.slip("""network-first
    - y_BTD = x_BTD + attention(norm(x_BTD, 1), params, H, mask)
    - inner_BTF = np.maximum(norm(y_BTD, 2) @ params["W1"] + params["b1"], 0)
    - return y_BTD + inner_BTF @ params["W2"] + params["b2"]
    + n = norm(x_BTD, 2)
    + hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    + y = x_BTD + hidden @ params["W2"] + params["b2"]
    + return y + attention(norm(y, 1), params, H, mask)
    You exchanged the halves: attention comes first, then the feed-forward network.""")
plain.slip("""biases-forgotten
    - hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    - return y + hidden @ params["W2"] + params["b2"]
    + hidden = np.maximum(n @ params["W1"], 0)
    + return y + hidden @ params["W2"]
    Your network has no biases. b1 is added before the ReLU, b2 at the end.""")
plain.slip("""first-bias-forgotten
    - hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    + hidden = np.maximum(n @ params["W1"], 0)
    b1 is missing: it is added before the ReLU.""")
plain.slip("""second-bias-forgotten
    - return y + hidden @ params["W2"] + params["b2"]
    + return y + hidden @ params["W2"]
    b2 is missing: it is added at the end.""")
plain.slip("""one-head
    - y = x_BTD + attention(n, params, H, mask)
    + y = x_BTD + attention(n, params, 1, mask)
    Your attention has one head, whatever H says. Hand H on.""")
plain.slip("""normed-at-the-end
    - return y + hidden @ params["W2"] + params["b2"]
    + return norm(y + hidden @ params["W2"] + params["b2"], 2)
    You normed the block's output once more. A stack of pre-norm blocks has one norm at its very
    end, but it belongs to the stack and not to the block.""")


@exercise.wrong
def only_attention(x_BTD, params, H, mask=None):
    """Your block ends after attention. The second half is missing: norm, W1, ReLU, W2, and the
    sum."""

    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    return y


for name in ("Wk", "Wo", "Wq", "Wv"):
    exercise.waive(
        "equal sizes",
        about=f"params['{name}'].0",
        reason="These matrices are square, by the exercise's own signature.",
    )
