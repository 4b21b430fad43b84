"""Wrong answers to the exercises of "Six ways, one gradient" as learners write them. See test_exercises.py."""

CODE = {
    "six-ways-4": {
        "own-layer": [{"n[l + 1 :]": "n[l:]"}],
        "no-outputs": [{"n[l + 1 :]": "n[l + 1 : -1]"}],
        "added": [{"return ways": "return sum(n[l + 1 :])"}],
        "from-below": [{"n[l + 1 :]": "n[l - 1 :]"}],
        "downwards": [{"n[l + 1 :]": "n[:l]"}],
    },
    "six-ways-5": {
        "no-output-slope": [{"row * slope[l]": "row * slope[l] if l < len(W) - 1 else row"}],
        "only-output-slope": [{"row * slope[l]": "row * slope[l] if l == len(W) - 1 else row"}],
        "no-slopes": [{"row * slope[l]": "row"}],
        "by-a": [{"delta[l] = row * slope[l]": "delta[l] = row", "delta[l] @ W[l]": "(row * slope[l]) @ W[l]"}],
        "raises": [{"delta[l] @ W[l]": "W[l] @ delta[l]"}],
        "none": [{"    return delta": "    pass"}],
        "type": [{"return delta": "return delta[1:]"}],
    },
    "six-ways-6": {
        "overwritten": [{"dC_dW + np.outer": "np.outer"}],
        "last-use": [{"(3, 2, 1)": "(3,)"}],
        "averaged": [{"return dC_dW": "return dC_dW / 3"}],
        "first-forgotten": [{"(3, 2, 1)": "(3, 2)"}],
    },
    "six-ways-11": {
        "outputs-added": [{"\"bq,bqj->bj\", dC_da, D": "\"bqj->bj\", D"}],
        "averaged": [{"dC_da, D)\n": "dC_da, D) / D.shape[1]\n"}],
        "batch-summed": [{"->bj": "->j"}],
        "batch-averaged": [{"dC_da, D)\n": "dC_da, D) / len(D)\n"}],
        "one-output": [{"\"bq,bqj->bj\", dC_da, D": "\"b,bj->bj\", dC_da[:, 0], D[:, 0]"}],
        "transposed": [{"->bj": "->jb"}],
    },
    "six-ways-12": {
        "z-for-a": [{'delta2.T @ a1': 'delta2.T @ z1'}],
        "factor-two": [{"2 * (a2": "(a2"}],
        "averaged": [{"2 * (a2 - Y)": "2 * (a2 - Y) / len(X)"}],
        "mean-of-all": [{"2 * (a2 - Y)": "2 * (a2 - Y) / Y.size"}],
        "no-slope": [{" * tanh.df(z1)": ""}],
        "slope-at-a": [{"tanh.df(z1)": "tanh.df(a1)"}],
        "biases-averaged": [{".sum(axis=0)": ".mean(axis=0)"}],
        "type": [{"return Gradient(": "return tuple, ("}],
        "raises": [{"delta2 @ net.W[2]": "delta2 @ net.W[2].T"}],
        "transposed": [{"delta1.T @ X": "X.T @ delta1"}],
    },
}  # fmt: skip

FORMULAS = {
    "six-ways-2": {
        "sizes-added": [("left", "2n^2 + n + m")],
        "last-matrix": [("left", "2 n^2")],
        "columns-pass": [("left", "2 n^2 m + n m")],
        "matrices-first": [("left", "n^3 + n^2 + n m")],
        "one-column": [("right", "2 n^2 + n")],
        "row-forgotten": [("right", "2 n^2 m")],
        "row-passes": [("right", "2 n^2 + n m")],
    },
    "six-ways-7": {
        "value-for-slope": [("lam1", "mu1 tanh(z1)")],
        "formula-unknown-name": [("lam2", "lam2")],
        "factor-two": [("lam2", "z2 - y")],
        "sign": [("lam2", "2 (y - z2)"), ("mu1", "-lam2 w2")],
        "no-weight": [("mu1", "lam2")],
        "other-weight": [("mu1", "lam2 w1")],
        "no-slope": [("lam1", "mu1")],
        "slope-at-a": [("lam1", "mu1 tanh'(a1)")],
        "one-minus-z": [("lam1", "mu1 (1 - z1^2)")],
        "price-only": [("dC_dw1", "lam1")],
        "times-weight": [("dC_dw1", "lam1 w1")],
        "upper-price": [("dC_dw1", "mu1 x")],
    },
}
