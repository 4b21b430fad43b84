"""Wrong answers to the exercises of chapter 3 as learners write them. See test_exercises.py."""

CODE = {
    "recursive-4": {
        "wrong-index": [{"slope[k][j] * a": "slope[k][q] * a", "if q == j": "if q == i"}],
        "activation-above": [{"a[k - 1][i]": "a[k][j]"}],
        "no-slope-above": [{"slope[l][q] * sum": "sum"}],
        "no-slope-below": [{"slope[k][j] * a": "a"}],
        "all-units": [{"slope[k][j] * a[k - 1][i] if q == j else 0.0": "slope[k][q] * a[k - 1][i]"}],
        "raises": [{"if l == k": "if l == k + 5"}, {"W[l][q, r]": "W[l][r + 6, q]"}],
    },
    "recursive-5": {
        "leaves-only": [{"1 + n[t - 1]": "n[t - 1]"}],
        "not-the-first": [{"return made": "return made - 1"}],
        "memo": [{"1 + n[t - 1] * made": "n[t - 1] + made"}],
        "own-width": [{"n[t - 1]": "n[t]"}],
        "one-too-deep": [{"range(k + 1": "range(k"}],
    },
    "recursive-7": {
        "memory-kept": [{"(l, q, j, i) not": "(l, q) not", "memory[l, q, j, i]": "memory[l, q]"}],
        "memory-kept-in-row": [{"(l, q, j, i) not": "(l, q, j) not", "memory[l, q, j, i]": "memory[l, q, j]"}],
        "memory-kept-in-column": [{"(l, q, j, i) not": "(l, q, i) not", "memory[l, q, j, i]": "memory[l, q, i]"}],
    },
    "recursive-8": {
        "no-bias": [{"np.append(a_below, 1)": "a_below"}],
        "bias-first": [{"np.append(a_below, 1)": "np.append(1, a_below)"}],
        "bias-zero": [{"np.append(a_below, 1)": "np.append(a_below, 0)"}],
        "outputs-summed": [{"D[:, :, None]": "D.sum(axis=0)[:, None]"}],
        "raises": [{"D[:, :, None]": "D.T[:, :, None] * D[:, :, None]"}],
    },
    "recursive-9": {
        "not-contracted": [{"np.einsum(\"bq,bqji->ji\", dC_da, A)": "A.sum(axis=(0, 1))"}],
        "averaged": [{"ji\", dC_da, A)": "ji\", dC_da, A) / len(A)"}],
        "averaged-outputs": [{"ji\", dC_da, A)": "ji\", dC_da, A) / A.shape[1]"}],
        "one-output": [{"\"bq,bqji->ji\", dC_da, A": "\"b,bji->ji\", dC_da[:, 0], A[:, 0]"}],
        "not-summed": [{"->ji": "->bji"}],
        "transposed": [{"->ji": "->ij"}],
    },
    "recursive-10": {
        "no-skip": [{"two_below if l > 2 else 0": "0"}],
        "outside-slope": [{"slope[l] * (W[l] @ below + by_link)": "slope[l] * (W[l] @ below) + by_link"}],
        "link-twice": [{"+ by_link": "+ 2 * by_link"}],
    },
    "recursive-13": {
        "no-slopes": [{"(s2[:, None] * W2) @ (s1[:, None] * W1)": "W2 @ W1"}],
        "inner-slope": [{"(s1[:, None] * W1)": "W1"}],
        "outer-slope": [{"(s2[:, None] * W2)": "W2"}],
        "one-output": [{"(s2[:, None] * W2)": "(s2 @ W2)"}],
        "raises": [{"(s2[:, None] * W2) @ (s1[:, None] * W1)": "(s1[:, None] * W1) @ (s2[:, None] * W2)"}],
    },
    "recursive-14": {
        "errors-averaged": [{'2 * (tanh.f(z) - Y) / z.shape[1]': '2 * (tanh.f(z) - Y).mean(axis=1, keepdims=True)'}],
        "factor-two": [{"2 * ": ""}],
        "no-mean": [{" / z.shape[1]": ""}],
        "mean-over-examples": [{"z.shape[1]": "z.shape[0]"}],
        "mean-over-all": [{"z.shape[1]": "z.size"}],
        "no-slope": [{" * tanh.df(z)": ""}],
        "z-for-a": [{"tanh.f(z) - Y": "z - Y"}],
    },
}  # fmt: skip

FORMULAS = {
    "recursive-2": {
        "slopes-for-answers": [("d3", "s3 (W3_00 s20 + W3_01 s21)")],
        "no-slope": [("d1", "x"), ("d20", "W2_00 d1"), ("d21", "W2_10 d1"), ("d3", "W3_00 d20 + W3_01 d21")],
        "no-activation": [("d1", "s1")],
        "no-weight": [("d20", "s20 d1")],
        "starts-again": [("d20", "s20 W2_00 x")],
        "other-slope": [("d21", "s20 W2_10 d1")],
        "other-weight": [("d21", "s21 W2_00 d1")],
        "no-weights": [("d3", "s3 (d20 + d21)")],
        "one-path": [("d3", "s3 W3_00 d20")],
        "other-path": [("d3", "s3 W3_01 d21")],
        "swapped": [("d3", "s3 (W3_01 d20 + W3_00 d21)")],
        "formula-unknown-name": [("d21", "s21 W2_01 d1"), ("d1", "d1"), ("d20", "d20")],
    },
    "recursive-6": {
        "each-layer-once": [("naive", "n d")],
        "one-subtracted": [("shortcut", "(n^(d+1)-1)/(n-1) - 1")],
        "leaves-only": [("shortcut", "n^(d-1)"), ("naive", "n^d")],
        "memo": [("naive", "1 + n d")],
        "one-layer-short": [("naive", "(n^d - 1)/(n - 1)")],
        "exponential-in-width": [("naive", "d^n")],
        "one-layer-subtracted": [("shortcut", "(n^(d+1) - 1)/(n - 1) - n")],
        "unchanged": [("shortcut", "(n^(d+1) - 1)/(n - 1)")],
    },
}
