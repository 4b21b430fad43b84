"""Wrong answers to the exercises of chapter 4 as learners write them, one or more for each hint.

Code: what to replace in the public solution, by what. Formulas: the field and what is typed. See test_exercises.py.
"""

CODE = {
    "jacobian-4": {
        "no-top": [{"np.diag(1 - np.tanh(z[-1]) ** 2)": "np.eye(len(z[-1]))"}],
        "no-slope": [{" * (1 - np.tanh(z[l - 1]) ** 2)": ""}],
        "wrong-layer": [
            {"D[l] @ W[l] * (1 - np.tanh(z[l - 1]) ** 2)": "D[l] @ np.diag(1 - np.tanh(z[l]) ** 2) @ W[l]"}
        ],
        "vector-at-the-top": [{"return D": "return [*D[:-1], np.diag(D[-1])]"}],
    },
    "jacobian-5": {
        "summed-outputs": [{"D[:, :, None] * a_below": "np.outer(D.sum(axis=0), a_below)"}],
        "weights-transposed": [{"D[:, :, None] * a_below": "D[:, None, :] * a_below[:, None]"}],
        "outputs-last": [{"D[:, :, None] * a_below": "D.T[:, None, :] * a_below[:, None]"}],
        "no-input": [{"* a_below": "* np.ones_like(a_below)"}],
    },
    "jacobian-6": {
        "no-slope": [{"(1 - np.tanh(z1) ** 2) * (W1 @ v)": "W1 @ v", "(1 - np.tanh(z2) ** 2) * ": ""}],
        "no-top": [{"(1 - np.tanh(z2) ** 2) * ": ""}],
        "no-hidden-slope": [{"(1 - np.tanh(z1) ** 2) * ": ""}],
        "values": [
            {"(1 - np.tanh(z1) ** 2) * (W1 @ v)": "np.tanh(W1 @ v)",
             "(1 - np.tanh(z2) ** 2) * (W2 @ moved)": "np.tanh(W2 @ moved)"}
        ],
        "raises": [{"W1 @ v": "W1.T @ v"}],
    },
    "jacobian-7": {
        "steepest": [{'np.linalg.solve(A, -J.T @ r)': '-J.T @ r'}],
        "uphill": [{"-J.T @ r": "J.T @ r"}],
        "undamped": [{" + mu * np.eye(J.shape[1])": ""}],
        "damping-subtracted": [{"J.T @ J + mu": "J.T @ J - mu"}],
        "damping-everywhere": [{"mu * np.eye(J.shape[1])": "mu"}],
    },
    "jacobian-9": {
        "two-sided-once": [{'(2 * h)': 'h'}],
        "not-along-v": [{'h * v)': 'h)', '/ (2 * h)': '/ (2 * h) * v'}],
        "gradient-times-v": [{'(gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)': 'gradient(theta) * v'}],
        "not-divided": [{"(gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)":
                         "gradient(theta + 1e-6 * v) - gradient(theta)"}],
        "full-step": [{"(gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)":
                       "gradient(theta + v) - gradient(theta)"}],
        "gradient-at-v": [{"(gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)": "gradient(v)"}],
        "inner-product": [{"(gradient(theta + h * v) - gradient(theta - h * v)) / (2 * h)": "gradient(theta) @ v"}],
        "one-sided-twice": [{"theta - h * v": "theta"}],
    },
    "jacobian-11": {
        "averaged": [{'"nq,nqji->ji", dC_da, da_dW)': '"nq,nqji->ji", dC_da, da_dW) / len(dC_da)'}],
        "cost-forgotten": [{'np.einsum("nq,nqji->ji", dC_da, da_dW)': "da_dW.sum(axis=(0, 1))"}],
        "batch-left": [{"->ji": "->nji"}],
        "outputs-left": [{"->ji": "->qji"}],
        "shape": [{"->ji": "->nqji"}],
    },
    "jacobian-12": {
        "elementwise": [{"a[:, None] * W - np.outer(a, a @ W)": "(a * (1 - a))[:, None] * W"}],
        "no-weights": [{"a[:, None] * W - np.outer(a, a @ W)": "np.diag(a) - np.outer(a, a)"}],
        "outer-only": [{"a[:, None] * W - np.outer": "-np.outer"}],
        "diagonal-only": [{" - np.outer(a, a @ W)": ""}],
    },
}  # fmt: skip

FORMULAS = {
    "jacobian-2": {
        "half-slope": [("by_z2", "1 - a2")],
        "not-squared": [("by_z1", "D2 w2 (1-a1)")],
        "sigmoid-slope": [("by_z1", "D2 w2 a1 (1-a1)")],
        "formula-unknown-name": [("by_z2", "D2")],
        "tanh-slope": [("by_z2", "1 - a2^2")],
        "value-for-slope": [("by_z2", "a2")],
        "no-slope": [("by_w1", "D2 w2 x"), ("by_x", "D2 w2 w1"), ("by_z1", "D2 w2")],
        "no-weight": [("by_z1", "D2 (1 - a1^2)")],
        "no-top": [("by_z1", "w2 (1 - a1^2)"), ("by_w1", "w2 (1 - a1^2) x")],
        "weight-for-input": [("by_w1", "D2 w2 (1 - a1^2) w1")],
        "no-input": [("by_w1", "D2 w2 (1 - a1^2)")],
        "input-for-weight": [("by_x", "D2 w2 (1 - a1^2) x")],
        "no-input-weight": [("by_x", "D2 w2 (1 - a1^2)")],
    },
}
