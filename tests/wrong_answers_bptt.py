"""Wrong answers to the exercises of chapter 5 as learners write them, one or more for each hint.

Code: what to replace in the public solution, by what. Formulas: the field and what is typed. See test_exercises.py.
"""

CODE = {
    "bptt-4": {
        "own-state": [{'(before + w * S)': '(s + w * S)'}],
        "slope-on-one-term": [{'(before + w * S)': 'before + w * S'}],
        "immediate": [{"before + w * S": "before"}],
        "no-recurrence": [{"before + w * S": "before + S"}],
        "no-slope": [{"(1 - s**2) * (before + w * S)": "before + w * S"}],
        "last-step": [{"dC_dw += (s - y[n]) * S": "dC_dw = (s - y[n]) * S"}],
        "averaged": [{"(s - y[n]) * S": "(s - y[n]) * S / len(x)"}],
        "factor-two": [{"(s - y[n]) * S": "2 * (s - y[n]) * S"}],
        "start": [{"s, S, dC_dw = 0.0, 0.0, 0.0": "s, S, dC_dw = 0.0, 1.0, 0.0"}],
        "sign": [{"s - y[n]": "y[n] - s"}],
    },
    "bptt-5": {
        "no-start": [{'adjoint[-1] = e[-1]': 'pass'}],
        "immediate": [{" + R[n + 1].T @ adjoint[n + 1]": ""}],
        "last-step": [{"= e[n] + R": "= R"}],
        "wrong-step": [{"R[n + 1]": "R[n]"}],
        "not-transposed": [{"R[n + 1].T": "R[n + 1]"}],
        "forward": [
            {
                "adjoint[-1] = e[-1]": "adjoint[0] = e[0]",
                "range(len(e) - 2, -1, -1)": "range(1, len(e))",
                "R[n + 1].T @ adjoint[n + 1]": "R[n] @ adjoint[n - 1]",
            }
        ],
    },
    "bptt-6": {
        "not-transposed": [{"W_r.T @ delta": "W_r @ delta"}],
        "immediate": [{"(dC_ds[n - 1] + carried)": "dC_ds[n - 1]"}],
        "no-slope": [{"W_r.T @ delta": "W_r.T @ (dC_ds[n - 1] + carried)"}],
        "own-state": [{"np.outer(delta, s[n - 1])": "np.outer(delta, s[n])"}],
    },
    "bptt-11": {
        "one-minus-z": [{'np.tanh(z) ** 2': 'z**2'}],
        "no-slope": [{"u * (1 - np.tanh(z) ** 2)": "u"}],
        "slope-at-output": [{"np.tanh(z) ** 2": "np.tanh(np.tanh(z)) ** 2"}],
        "u-forgotten": [{"u * (1": "(1"}],
        "swapped": [{"return by_x, by_r": "return by_r, by_x"}],
        "whole": [{"by_both[:n_x]": "by_both"}],
    },
}  # fmt: skip

FORMULAS = {
    "bptt-2": {
        "start-no-slope": [("ds1_dw", "1")],
        "input-for-state": [("ds1_dw", "x1 (1-s1^2)")],
        "slope-on-one-term": [("ds3_dw", "(1-s3^2) s2 + w (1-s2^2) s1")],
        "start": [("ds1_dw", "1 - s1^2")],
        "no-slope": [("ds2_dw", "s1"), ("ds3_dw", "s2 + w (1 - s2^2) s1")],
        "own-state": [("ds2_dw", "(1 - s2^2) s2")],
        "immediate": [("ds3_dw", "(1 - s3^2) s2")],
        "no-recurrence": [("ds3_dw", "(1 - s3^2) (s2 + (1 - s2^2) s1)")],
        "inner-slope": [("ds3_dw", "(1 - s3^2) (s2 + w s1)")],
        "earlier-steps-only": [("ds3_dw", "(1 - s3^2) w (1 - s2^2) s1")],
    },
    "bptt-9": {
        "leak-forgotten": [
            ("ds_dw", "alpha (1-h^2) (r + w S)"),
            ("ds_dalpha", "h - r + alpha (1-h^2) w S"),
            ("R", "alpha (1 - h^2) w"),
        ],
        "tanh-forgotten": [
            ("ds_dw", "(1-alpha) S + alpha (1-h^2) r"),
            ("ds_dalpha", "h - r + (1-alpha) S"),
            ("R", "1 - alpha"),
        ],
        "no-slope": [("R", "1 - alpha + alpha w")],
        "no-recurrence": [("R", "1 - alpha + alpha (1 - h^2)")],
        "immediate": [("ds_dw", "alpha (1 - h^2) r"), ("ds_dalpha", "h - r")],
        "earlier-steps-only": [
            ("ds_dw", "(1 - alpha + alpha (1 - h^2) w) S"),
            ("ds_dalpha", "(1 - alpha + alpha (1 - h^2) w) S"),
        ],
        "one-place": [("ds_dalpha", "h + (1 - alpha + alpha (1 - h^2) w) S")],
    },
}
