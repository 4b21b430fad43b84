"""Wrong answers to the exercises of chapter 1 as learners write them, one or more for each hint.

Code: what to replace in the public solution, by what. Formulas: the field and what is typed. See test_exercises.py.
"""

CODE = {
    "chain-rule-4": {
        "first-path": [{"dy_dx.T @ dz_dy": "dy_dx[0] * dz_dy[0]"}],
        "averaged": [{"dy_dx.T @ dz_dy": "np.mean(dy_dx * dz_dy[:, None], axis=0)"}],
        "outer-forgotten": [{"dy_dx.T @ dz_dy": "dy_dx.sum(axis=0)"}],
        "not-summed": [{"dy_dx.T @ dz_dy": "dz_dy[:, None] * dy_dx"}],
        "raises": [{"dy_dx.T @ dz_dy": "dy_dx @ dz_dy"}],
    },
    "chain-rule-5": {
        "pulled": [{'adjoint[p] += adjoint[i] * d': 'adjoint[i] += adjoint[p] * d'}],
        "all-seeded": [{'[0] * len(parents)': '[1] * len(parents)'}],
        "overwritten": [{"+=": "="}],
        "set-of-parents": [{"zip(parents[i], local[i])": "dict(zip(parents[i], local[i])).items()"}],
        "forward-order": [{"range(len(parents) - 1, -1, -1)": "range(len(parents))"}],
        "no-seed": [{"adjoint[-1] = 1": "pass"}],
        "local-only": [{"adjoint[i] * d": "d"}],
    },
    "chain-rule-6": {
        "adjoints": [
            {
                "rate[0] = 1": "rate[-1] = 1",
                "range(1, len(parents))": "range(len(parents) - 1, 0, -1)",
                "rate[i] += d * rate[p]": "rate[p] += d * rate[i]",
            }
        ],
        "last-slot": [{"rate[i] += d": "rate[i] = d"}],
        "no-seed": [{"rate[0] = 1": "pass"}],
    },
    "chain-rule-7": {
        "slope-below-too": [{'W.T @ delta': 'W.T @ delta * sigmoid.df(a_below)'}],
        "no-slope": [{" * sigmoid.df(z)": ""}],
        "slope-at-a": [{"sigmoid.df(z)": "sigmoid.df(sigmoid.f(z))"}],
        "activation-for-slope": [{"sigmoid.df(z)": "sigmoid.f(z)"}],
        "slope-of-a-twice": [{"sigmoid.df(z)": "z * (1 - z)"}],
        "transposed": [{"np.outer(delta, a_below)": "np.outer(a_below, delta)"}],
        "raises": [{"W.T @ delta": "W @ delta"}],
    },
    "chain-rule-8": {
        "slope-skipped-below": [{"dC_da_below = W.T @ delta": "dC_da_below = W.T @ dC_da"}],
        "slope-twice": [{"* s * (1 - s)": "* (s * (1 - s)) ** 2"}],
        "no-slope": [{" * s * (1 - s)": ""}],
    },
    "chain-rule-10": {
        "sum-as-it-is": [{'a * (dC_da - weighted)': 'a * dC_da - weighted'}],
        "elementwise": [{"a * (dC_da - weighted)": "dC_da * a * (1 - a)"}],
        "wrong-axis": [{"axis=1": "axis=0"}],
        "whole-batch": [{".sum(axis=1, keepdims=True)": ".sum()"}],
        "not-weighted": [{"(a * dC_da).sum": "dC_da.sum"}],
        "cross-entropy": [{"a * (dC_da - weighted)": "a - dC_da"}],
        "outer-factor": [{"a * (dC_da - weighted)": "dC_da - weighted"}],
    },
    "chain-rule-14": {
        "inputs-as-rows": [{"0]])": "0]]).T"}],
        "own-factor": [{"[x[1], x[0]]": "[x[0], x[1]]"}],
        "sine": [{"np.cos(x[0])": "-np.cos(x[0])"}],
        "square": [{"2 * x[1]": "x[1]"}],
    },
    "chain-rule-15": {
        "not-weighted": [{"A.T @ c": "A.sum(axis=0)"}],
        "averaged": [{"D @ (A.T @ c)": "np.mean(D * (A.T @ c), axis=1)"}],
        "summed-all": [{"D @ (A.T @ c)": "(D @ (A.T @ c)).sum()"}],
        "not-summed": [{"D @ (A.T @ c)": "(D @ A.T) * c"}],
    },
}  # fmt: skip

FORMULAS = {
    "chain-rule-2": {
        "value": [("dC_ds", "(s-y)^2")],
        "local-forgotten": [("dC_dx", "2(s-y)(u+v)")],
        "square-forgotten": [("dC_dx", "2 x v + k u")],
        "factor-two": [("dC_ds", "s - y")],
        "own-factor": [("dC_du", "2(s-y)u"), ("dC_dv", "2(s-y)v"), ("dC_dx", "2(s-y)(2x + k)")],
        "outer-only": [("dC_du", "2(s-y)"), ("dC_dv", "2(s-y)")],
        "one-path": [("dC_dx", "2(s-y) v * 2x")],
        "other-path": [("dC_dx", "2(s-y) u k")],
        "paths-multiplied": [("dC_dx", "2(s-y) * 2x k")],
        "sign": [("dC_ds", "2 (y - s)")],
        "factor": [("dC_du", "4 (s - y) v")],
        "wrong-letter": [("dC_ds", "2 (s - x)")],
        "values": [("dC_ds", "s^2")],
        "not-finite": [("dC_ds", "1/(u v - s)")],
        "formula-unclosed": [("dC_ds", "2 (s - y")],
        "formula-operator": [("dC_dx", "2(s-y) v 2 x")],
        "formula-empty": [("dC_ds", "")],
    },
    "chain-rule-9": {
        "missing-factor": [("dJ_dW", "delta a + 2 lam"), ("dJ_dW", "delta + 2 lam W")],
        "extra-factor": [("dJ_dW", "delta a + 2 lam W^2"), ("dJ_dW", "delta a^2 + 2 lam W")],
        "factor-of-a-term": [("dJ_dW", "2 delta a + 2 lam W")],
        "no-penalty": [("dJ_dW", "delta a")],
        "factor-two": [("dJ_dW", "delta a + lam W")],
        "value": [("dJ_dW", "delta a + lam W^2")],
        "subtracted": [("dJ_dW", "delta a - 2 lam W")],
        "penalty-only": [("dJ_dW", "2 lam W")],
    },
    "chain-rule-13": {
        "extra-term": [("dC_dw", "(1-C^2)(r + (1-r^2) w x0 + x1)")],
        "sign-of-a-term": [("dC_dw", "(1-C^2)(r - (1-r^2) w x0)")],
        "last-use": [("dC_dw", "(1-C^2) r")],
        "first-use": [("dC_dw", "(1-C^2) w (1-r^2) x0")],
        "inner-slope": [("dC_dw", "(1-C^2) (r + w x0)")],
        "outer-slope": [("dC_dw", "r + w (1-r^2) x0")],
        "w-forgotten": [("dC_dw", "(1-C^2) (r + (1-r^2) x0)")],
    },
}
