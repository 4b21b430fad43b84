"""Wrong answers to the exercises of chapter 6 as learners write them, one or more for each hint.

Code: what to replace in the public solution, by what. Formulas: the field and what is typed. See test_exercises.py.
"""

CODE = {
    "gradient-backprop-4": {
        "z-for-a": [{'return a, J': 'return a_below @ W.T + b, J'}],
        "no-slope": [{"(1 - a**2)[:, :, None] * Z": "Z"}],
        "value-for-slope": [{"(1 - a**2)": "a"}],
        "slope-at-a": [{"(1 - a**2)": "(1 - np.tanh(a) ** 2)"}],
        "bias-in-slope": [{"W @ J_below": "W @ J_below + b[:, None]"}],
    },
    "gradient-backprop-5": {
        "second-term": [{" + tanh.d2f(z) * np.sum(dC_dJ * Z, axis=2)": ""}],
        "incoming-dropped": [{"tanh.df(z) * dC_da + ": ""}],
        "no-lane": [{"dC_dJ * Z": "dC_dJ"}],
        "not-summed": [
            {"tanh.df(z) * dC_da + tanh.d2f(z) * np.sum(dC_dJ * Z, axis=2)":
             "(tanh.df(z) * dC_da)[:, :, None] + tanh.d2f(z)[:, :, None] * dC_dJ * Z"}
        ],
        "first-derivative": [{"tanh.d2f(z) *": "tanh.df(z) *"}],
        "no-slope": [{"tanh.df(z)[:, :, None] * dC_dJ": "dC_dJ"}],
    },
    "gradient-backprop-6": {
        "incoming-dropped": [{"tanh.df(z) * dC_da + ": ""}],
        "no-activation-slope": [{"tanh.df(z) * dC_da": "dC_da"}],
        "second-term": [{" + tanh.d2f(z) * (dC_dJ * Z).sum(axis=2)": ""}],
    },
    "gradient-backprop-7": {
        "second-term": [{' + np.einsum("nim,njm->ij", dC_dZ, J_below)': ""}],
        "first-term": [{"dC_dz.T @ a_below + ": ""}],
        "averaged": [
            {"dC_dz.T @ a_below + np.einsum(\"nim,njm->ij\", dC_dZ, J_below)":
             "(dC_dz.T @ a_below + np.einsum(\"nim,njm->ij\", dC_dZ, J_below)) / len(dC_dz)",
             "dC_dz.sum(axis=0)": "dC_dz.mean(axis=0)"}
        ],
        "averaged-values": [{"dC_dz.T @ a_below": "dC_dz.T @ a_below / len(dC_dz)"}],
        "bias-in-slope": [{"dC_dz.sum(axis=0)": "dC_dz.sum(axis=0) + dC_dZ.sum(axis=(0, 2))"}],
        "transposed": [{"dC_dz.T @ a_below": "a_below.T @ dC_dz", "nim,njm->ij": "nim,njm->ji"}],
    },
    "gradient-backprop-9": {
        "factor-two": [{"2 * F": "F"}],
        "slope-alone": [{"2 * F * (2 * a - 1)": "0 * a"}],
        "residual-not-inner": [{"2 * F * (2 * a - 1)": "2 * F"}],
        "product-rule": [{"(2 * a - 1)": "(a - 1)"}],
        "inner-sign": [{"(2 * a - 1)": "(1 - 2 * a)"}],
        "averaged": [{"2 * F": "2 * F / len(a)"}],
    },
}  # fmt: skip

FORMULAS = {
    "gradient-backprop-2": {
        "output": [("J", "v a")],
        "formula-unknown-name": [("J", "J"), ("dC_dJ", "G")],
        "inner-slope": [("J", "v (1 - a^2)")],
        "no-activation-slope": [("J", "v w"), ("dC_dZ", "G v")],
        "value-for-slope": [("J", "v a w")],
        "factor-two": [("dC_dJ", "v (1 - a^2) w - s")],
        "value": [("dC_dJ", "2 (v a - s)")],
        "no-weight": [("dC_dZ", "G (1 - a^2)")],
        "first-derivative": [("dC_dz", "G v (1 - a^2) w")],
        "no-lane": [("dC_dz", "-2 G v a (1 - a^2)")],
        "slope-inside": [("dC_dz", "-2 G v w a")],
        "second-term": [("dC_dw", "G v (1 - a^2)")],
        "first-term": [("dC_dw", "-2 G v w a (1 - a^2) x")],
        "no-input": [("dC_dw", "G v (1 - a^2) - 2 G v w a (1 - a^2)")],
        "sign": [("dC_dz", "2 G v w a (1 - a^2)")],
    },
    "gradient-backprop-10": {
        "one-derivative": [("H", "v w (1-a^2)")],
        "slope-squared": [("H", "v w^2 (1-a^2)^2")],
        "inner-slope": [("H", "-2 v w a (1 - a^2)")],
        "no-inner-slope": [("H", "-2 v a (1 - a^2)")],
        "first-derivative": [("H", "v w^2 (1 - a^2)")],
        "slope-inside": [("H", "-2 v w^2 a")],
        "sign": [("H", "2 v w^2 a (1 - a^2)")],
    },
    "gradient-backprop-11": {
        "last-use": [("dJ_dw", "g1")],
        "first-use": [("dJ_dw", "w g2 x")],
        "inner-slope": [("dJ_dw", "g1 + w g2")],
        "no-outer-factor": [("dJ_dw", "g1 + g2 x")],
    },
}
