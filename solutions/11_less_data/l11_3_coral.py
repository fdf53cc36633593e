import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, float32

exercise = Exercise(
    "The cloud of another field",
    solve="coral",
    difficulty=4,
    importance=3,
    minutes=20,
    hints="""Three steps: make the source's cloud round (whiten it), give the round cloud the shape of
    the target's, and move it there. Which step needs which covariance, and which of the two means?

    `np.cov(x, rowvar=False)` is (D, D) and divides by the number of rows less one. To both
    covariances add eps on the diagonal. Their symmetric roots come from `np.linalg.eigh`: eigenvalues
    in, powers of eigenvalues out, the same axes.

    `size_D, axis_DD = np.linalg.eigh(c_DD)`; the root is `(axis_DD * size_D**0.5) @ axis_DD.T`, its
    inverse has `-0.5`. Rows are vectors, so they are multiplied from the right: (xs − its mean) @
    inverse root of the source @ root of the target + mean of the target.""",
)

FAR = 1e3  # where the clouds of the large case lie


def cloud(rng: np.random.Generator, rows: int, D: int, away: float = 2.0) -> np.ndarray:
    """Vectors with features that go together, of sizes that differ, far from the origin."""
    mix_DD = rng.normal(size=(D, D)) * rng.permutation(np.linspace(0.4, 2.5, D))
    centre_D = away * rng.choice([-1.0, 1.0], D) * rng.uniform(0.5, 1.5, D)
    return np.round(rng.normal(size=(rows, D)) @ mix_DD + centre_D, 2)


@exercise.checks
def checks(rng):
    moved_ND = cloud(rng, 5, 2)
    by_D = np.round(rng.uniform(2, 6, 2), 1)
    cross_MD = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    wide_MD = np.array([[9.0, 5.0], [-1.0, 5.0], [4.0, 8.0], [4.0, 2.0], [4.0, 5.0]])
    yield Check(
        "the same cloud in another place",
        call(np.array([[1.0, 2.0], [3.0, 1.0], [2.0, 6.0]]), np.array([[5.0, 0], [7, -1], [6, 4]])),
        call(moved_ND, moved_ND + by_D),
        call(cloud(rng, 7, 3), cloud(rng, 3, 3), eps=1e5),
        says="""Where the covariances are the same, only the mean changes: the source's is taken away,
        the target's is added.""",
    )
    yield Check(
        "features that don't go together",
        call(cross_MD, wide_MD),
        call(cross_MD + 3, wide_MD * by_D, 0.5),
        call(cross_MD * by_D[::-1], wide_MD, eps=0.2),
        says="""With nothing but the diagonal, each feature is divided by √(its variance + eps), and
        multiplied by that of the target.""",
    )
    yield Check(
        "two clouds",
        call(cloud(rng, 8, 3), cloud(rng, 11, 3)),
        call(cloud(rng, 11, 3), cloud(rng, 7, 3)),
        call(cloud(rng, 13, 5), cloud(rng, 8, 5)),
        says="""Whitened by the inverse of the symmetric root of the source's covariance, coloured by
        the symmetric root of the target's, in this order.""",
        points=2,
    )
    # as many rows as features: no inverse without eps, and still no two axes of the same size, which
    # another processor might take in another order
    yield Check(
        "few rows, and other eps",
        call(cloud(rng, 3, 3), cloud(rng, 7, 3), 0.3),
        call(cloud(rng, 7, 3), cloud(rng, 3, 3), eps=0.1),
        call(cloud(rng, 5, 2), cloud(rng, 3, 2), eps=float(np.round(rng.uniform(2, 9), 1))),
        says="""eps goes onto the diagonal of both covariances, so that each has an inverse, however
        few the rows. Covariances divide by the number of rows less one.""",
    )
    still_MD, still_ND = cloud(rng, 7, 3), cloud(rng, 8, 3)
    still_MD[:, rng.integers(3)] = 1.5
    still_ND[:, rng.integers(3)] = -0.5
    yield Check(
        "a feature that is always the same",
        call(still_MD, cloud(rng, 11, 3)),
        call(cloud(rng, 11, 3), still_ND, eps=0.4),
        call(still_MD, still_ND, eps=0.7),
        says="Without eps such a feature has the variance 0, and nothing can be divided by that.",
    )
    far_MD, far_ND = cloud(rng, 8, 3, FAR), cloud(rng, 11, 3, FAR)
    yield Check(
        "far from the origin, in float32",
        call(float32(far_MD), float32(far_ND)),
        call(far_MD, far_ND, eps=0.5),
        says="""With features around 1,000 the mean of squares less the square of the mean has lost
        its digits in float32: take the mean away first.""",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(cloud(rng, 8, 3), cloud(rng, 11, 3))),
        says="The vectors of both fields are still needed.",
        judges="inputs untouched",
    )


@exercise.right("SVD of both covariances, loops for these")
def svd_of_covariances(xs_MD, xt_ND, eps=1.0):
    def covariance(x):
        centred = x - x.mean(axis=0)
        c = np.zeros((x.shape[1], x.shape[1]))
        for row in centred:
            c += np.outer(row, row)
        return c / (len(x) - 1) + np.diag(np.full(x.shape[1], eps))

    u_s, s_s, _ = np.linalg.svd(covariance(xs_MD))
    u_t, s_t, _ = np.linalg.svd(covariance(xt_ND))
    whiten = u_s @ np.diag(1 / np.sqrt(s_s)) @ u_s.T
    colour = u_t @ np.diag(np.sqrt(s_t)) @ u_t.T
    return (xs_MD - xs_MD.mean(axis=0)) @ whiten @ colour + xt_ND.mean(axis=0)


@exercise.right("SciPy's matrix root, a linear system for its inverse")
def matrix_root(xs_MD, xt_ND, eps=1.0):
    from scipy.linalg import solve, sqrtm

    identity = np.eye(xs_MD.shape[1])
    root_s = sqrtm(np.cov(xs_MD.T.astype(float)) + eps * identity)
    root_t = sqrtm(np.cov(xt_ND.T.astype(float)) + eps * identity)
    centred = xs_MD - np.mean(xs_MD, axis=0, keepdims=True)
    return solve(root_s, centred.T).T @ root_t + np.mean(xt_ND, axis=0)


@exercise.right("SVD of the vectors themselves")
def svd_of_vectors(xs_MD, xt_ND, eps=1.0):
    def power(x, exponent):
        _, s, v = np.linalg.svd(x - x.mean(axis=0), full_matrices=True)
        variances = np.zeros(x.shape[1])
        variances[: len(s)] = s**2 / (len(x) - 1)
        return np.einsum("kd,k,ke->de", v, (variances + eps) ** exponent, v)

    centred = xs_MD - xs_MD.mean(axis=0)
    return np.linalg.multi_dot([centred, power(xs_MD, -0.5), power(xt_ND, 0.5)]) + xt_ND.mean(0)


exercise.allow_mutant(
    after="size_D, axis_DD = np.linalg.eigh(c_DD.T)", reason="A covariance is symmetric."
)
exercise.allow_mutant(
    after="return -((axis_DD * size_D**power) @ axis_DD.T)",
    reason="With both roots turned round, their product is what it was.",
)


@exercise.plain
def plain(xs_MD, xt_ND, eps=1.0):
    D = xs_MD.shape[1]
    cs_DD = np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    ct_DD = np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    vs_D, us_DD = np.linalg.eigh(cs_DD)
    vt_D, ut_DD = np.linalg.eigh(ct_DD)
    whiten_DD = us_DD @ np.diag(vs_D**-0.5) @ us_DD.T
    colour_DD = ut_DD @ np.diag(vt_D**0.5) @ ut_DD.T
    centred_MD = xs_MD - xs_MD.mean(axis=0)
    return centred_MD @ whiten_DD @ colour_DD + xt_ND.mean(axis=0)


plain.slip("""inverse-for-inverse-root
    - vs_D**-0.5
    + vs_D**-1.0
    You multiplied by the inverse of the source's covariance. That divides by the spread twice: the
    inverse *root* makes the cloud round.""")
plain.slip("""covariance-for-root
    - vt_D**0.5
    + vt_D
    You multiplied by the target's covariance. A cloud that is multiplied by a matrix has its square
    in the covariance, so the root is what gives the target's.""")
plain.slip("""root-for-inverse-root
    - vs_D**-0.5
    + vs_D**0.5
    You multiplied by the root of the source's covariance, so its spread is there twice. To take it out
    you need the inverse root.""")


@exercise.wrong
def cholesky(xs_MD, xt_ND, eps=1.0):
    """You took the Cholesky factor for the root. It gives the right covariance as well, but turns the
    cloud on the way: which feature becomes which hangs on their order. The symmetric root turns
    nothing."""
    D = xs_MD.shape[1]
    source_DD = np.linalg.cholesky(np.cov(xs_MD, rowvar=False) + eps * np.eye(D))
    target_DD = np.linalg.cholesky(np.cov(xt_ND, rowvar=False) + eps * np.eye(D))
    centred_MD = xs_MD - xs_MD.mean(axis=0)
    return centred_MD @ np.linalg.inv(source_DD).T @ target_DD.T + xt_ND.mean(axis=0)


@exercise.wrong
def turned_to_the_axes(xs_MD, xt_ND, eps=1.0):
    """You left out a turn back: eigenvectors times powers of the eigenvalues, without the eigenvectors
    again behind it (PCA whitening). The root is symmetric: axes, sizes, and the axes transposed."""
    D = xs_MD.shape[1]
    vs_D, us_DD = np.linalg.eigh(np.cov(xs_MD, rowvar=False) + eps * np.eye(D))
    vt_D, ut_DD = np.linalg.eigh(np.cov(xt_ND, rowvar=False) + eps * np.eye(D))
    white_MD = (xs_MD - xs_MD.mean(axis=0)) @ us_DD * vs_D**-0.5
    return (white_MD * vt_D**0.5) @ ut_DD.T + xt_ND.mean(axis=0)


plain.slip("""eps-on-the-source-only
    - np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    + np.cov(xt_ND, rowvar=False)
    - vt_D**0.5
    + np.maximum(vt_D, 0) ** 0.5
    You added eps to the source's covariance only. Then the two don't cancel where the clouds are the
    same: it belongs to both.""")
plain.slip("""eps-on-the-target-only
    - np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    + np.cov(xs_MD, rowvar=False)
    You added eps to the target's covariance only. It is the source's whose inverse is needed, and
    both get the same.""")
plain.slip("""no-eps
    - np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    + np.cov(xs_MD, rowvar=False)
    - np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    + np.cov(xt_ND, rowvar=False)
    - vt_D**0.5
    + np.maximum(vt_D, 0) ** 0.5
    You left eps out. With few rows a covariance has directions of no spread at all, and no inverse.""")
plain.slip("""eps-behind-the-root
    - np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    + np.cov(xs_MD, rowvar=False)
    - np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    + np.cov(xt_ND, rowvar=False)
    - vs_D**-0.5
    + 1 / (np.maximum(vs_D, 0) ** 0.5 + eps)
    - vt_D**0.5
    + np.maximum(vt_D, 0) ** 0.5 + eps
    You added eps to the roots. It goes onto the diagonal of the covariances, before the root is
    taken.""")
plain.slip("""eps-everywhere
    - np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    + np.cov(xs_MD, rowvar=False) + eps
    - np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    + np.cov(xt_ND, rowvar=False) + eps
    You added eps to every entry of the covariances, as if all features went together. It goes onto
    the diagonal: eps · np.eye(D).""")
plain.slip("""eps-fixed
    - np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    + np.cov(xs_MD, rowvar=False) + np.eye(D)
    - np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    + np.cov(xt_ND, rowvar=False) + np.eye(D)
    You added 1 to the diagonal, whatever eps says.""")
plain.slip("""wrong-order
    - centred_MD @ whiten_DD @ colour_DD
    + centred_MD @ colour_DD @ whiten_DD
    You coloured first and whitened then. The round cloud comes first; matrices can't be swapped.""")
plain.slip("""coloured-like-the-source
    - ut_DD @ np.diag(vt_D**0.5) @ ut_DD.T
    + us_DD @ np.diag(vs_D**0.5) @ us_DD.T
    You gave the whitened cloud the source's covariance again, so that it has only moved. The target's
    is what it should get.""")
plain.slip("""whitened-only
    - centred_MD @ whiten_DD @ colour_DD
    + centred_MD @ whiten_DD
    You left the cloud round. It is still to be given the shape of the target's.""")
plain.slip("""coloured-only
    - centred_MD @ whiten_DD @ colour_DD
    + centred_MD @ colour_DD
    You didn't whiten the source first, so that its own shape is still in it, under the target's.""")
plain.slip("""clouds-swapped
    - whiten_DD = us_DD @ np.diag(vs_D**-0.5) @ us_DD.T
    - colour_DD = ut_DD @ np.diag(vt_D**0.5) @ ut_DD.T
    + whiten_DD = ut_DD @ np.diag(vt_D**-0.5) @ ut_DD.T
    + colour_DD = us_DD @ np.diag(vs_D**0.5) @ us_DD.T
    You whitened by the target's covariance and coloured by the source's. It is the source that is
    made round.""")
plain.slip("""divided-by-all-rows
    - np.cov(xs_MD, rowvar=False)
    + np.cov(xs_MD, rowvar=False, ddof=0)
    - np.cov(xt_ND, rowvar=False)
    + np.cov(xt_ND, rowvar=False, ddof=0)
    You divided by the number of rows. The mean comes from the same rows, which costs one: divide by
    M − 1 and by N − 1.""")
plain.slip("""sums-of-squares
    - np.cov(xs_MD, rowvar=False)
    + np.cov(xs_MD, rowvar=False) * (len(xs_MD) - 1)
    - np.cov(xt_ND, rowvar=False)
    + np.cov(xt_ND, rowvar=False) * (len(xt_ND) - 1)
    You took sums of products for covariances. The clouds have different numbers of rows: divide by
    M − 1 and by N − 1.""")
plain.slip("""means-swapped
    - xs_MD - xs_MD.mean(axis=0)
    + xs_MD - xt_ND.mean(axis=0)
    - xt_ND.mean(axis=0)
    + xs_MD.mean(axis=0)
    You took away the target's mean and added the source's. The cloud goes from the source to the
    target.""")
plain.slip("""stays-where-it-was
    - + xt_ND.mean(axis=0)
    + + xs_MD.mean(axis=0)
    You added the source's own mean, so the cloud has the target's shape in its old place.""")
plain.slip("""at-the-origin
    - + xt_ND.mean(axis=0)
    You left the cloud at the origin. The target's mean is still to be added.""")
plain.slip("""source-not-centred
    - xs_MD - xs_MD.mean(axis=0)
    + xs_MD
    You didn't take the source's mean away first, so it is stretched and turned with the cloud and ends
    up somewhere else.""")
plain.slip("""one-mean-for-all
    - xs_MD - xs_MD.mean(axis=0)
    + xs_MD - xs_MD.mean()
    - xt_ND.mean(axis=0)
    + xt_ND.mean()
    You took one mean of all numbers. Each feature has a mean of its own: which axis are the rows?""")
plain.slip("""each-feature-by-itself
    - np.cov(xs_MD, rowvar=False)
    + np.diag(xs_MD.var(axis=0, ddof=1))
    - np.cov(xt_ND, rowvar=False)
    + np.diag(xt_ND.var(axis=0, ddof=1))
    You stretched each feature by itself. How features go together is the other half of a covariance,
    off its diagonal.""")


@exercise.wrong
def root_of_each_entry(xs_MD, xt_ND, eps=1.0):
    """You took the root of each entry of a covariance. A matrix's root is the one that gives the matrix
    when it is multiplied by itself, with `@`."""
    D = xs_MD.shape[1]
    cs_DD = np.cov(xs_MD, rowvar=False) + eps * np.eye(D)
    ct_DD = np.cov(xt_ND, rowvar=False) + eps * np.eye(D)
    whiten_DD = np.linalg.inv(np.sign(cs_DD) * np.abs(cs_DD) ** 0.5)
    colour_DD = np.sign(ct_DD) * np.abs(ct_DD) ** 0.5
    return (xs_MD - xs_MD.mean(axis=0)) @ whiten_DD @ colour_DD + xt_ND.mean(axis=0)


@exercise.wrong
def squares_less_square(xs_MD, xt_ND, eps=1.0):
    """You computed a covariance as the mean of products less the product of means. Both are about a
    million where features are about a thousand, and in float32 their difference has no right digits.
    Take the mean away first."""

    def power(x, exponent):
        n, mean = len(x), x.mean(axis=0)
        c = (x.T @ x - n * np.outer(mean, mean)) / (n - 1) + eps * np.eye(x.shape[1])
        size, axis = np.linalg.eigh(c)
        return (axis * np.maximum(size, 1e-3) ** exponent) @ axis.T

    return (xs_MD - xs_MD.mean(axis=0)) @ power(xs_MD, -0.5) @ power(xt_ND, 0.5) + xt_ND.mean(0)


@exercise.wrong
def rows_for_features(xs_MD, xt_ND, eps=1.0):
    """You took covariances of the rows, (M, M) and (N, N). Features are what goes together: `np.cov`
    takes rows for variables unless it is told `rowvar=False`."""
    cs_MM = np.cov(xs_MD) + eps * np.eye(len(xs_MD))
    ct_NN = np.cov(xt_ND) + eps * np.eye(len(xt_ND))
    vs_M, us_MM = np.linalg.eigh(cs_MM)
    vt_N, ut_NN = np.linalg.eigh(ct_NN)
    whiten_MM = (us_MM * vs_M**-0.5) @ us_MM.T
    colour_NN = (ut_NN * vt_N**0.5) @ ut_NN.T
    return (xs_MD - xs_MD.mean(axis=0)) @ whiten_MM @ colour_NN + xt_ND.mean(axis=0)


@exercise.wrong
def writes_into_the_vectors(xs_MD, xt_ND, eps=1.0):
    """The result is right, but `-=` took the mean away in the caller's own vectors. Put the difference
    into a new array."""

    def root(x, power):
        size, axis = np.linalg.eigh(np.cov(x, rowvar=False) + eps * np.eye(x.shape[1]))
        return (axis * size**power) @ axis.T

    xs_MD -= xs_MD.mean(axis=0)
    return xs_MD @ root(xs_MD, -0.5) @ root(xt_ND, 0.5) + xt_ND.mean(axis=0)
