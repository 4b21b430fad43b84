"""Wrong answers to the exercises of chapter 2 as learners write them. See test_exercises.py."""

CODE = {
    "index-backprop-4": {
        "overwritten": [{'direct.get(i, 0.0)': '0.0', 'p[i] = p[i] * slope[i]': 'p[i] = (p[i] + direct.get(i, 0.0)) * slope[i]', 'p[j] = p[j] + p[i]': 'p[j] = p[i]'}],  # noqa: E501
        "slope-on-direct": [{'p[i] = p[i] * slope[i]': 'pass', 'direct.get(i, 0.0) for': 'direct.get(i, 0.0) * slope[i] for'}],  # noqa: E501
        "direct-only": [{"if j in p:": "if j in p and j not in direct:"}],
        "forward-order": [
            {
                "p = {i: direct.get(i, 0.0) for i in order}": "p = {}",
                "reversed(order)": "order",
                "p[i] = p[i] * slope[i]": "p[i] = direct.get(i, 0.0)",
                "for j in upstream[i]:": "for k in order:",
                "if j in p:": "if i in upstream[k]:",
                "p[j] = p[j] + p[i] * w[i, j]": "p[i] += p.get(k, 0.0) * w[k, i]",
                "    return": "        p[i] *= slope[i]\n    return",
            }
        ],
        "no-slope": [{"p[i] * slope[i]": "p[i]"}],
        "slope-not-sent": [
            {"p[i] = p[i] * slope[i]": "pass", "return p": "return {i: p[i] * slope[i] for i in order}"}
        ],
        "no-direct": [{"direct.get(i, 0.0)": "0.0"}],
        "raises": [{"w[i, j]": "w[j, i]"}, {"if j in p:": "if True:"}],
        "changed-input": [{"p[j] = p[j]": "w[i, j] = p[j] = p[j]"}],
    },
    "index-backprop-5": {
        "adjoints-kept": [
            {
                "        p = dict.fromkeys([0, 1, *order], 0.0)\n": "",
                "    for run in runs:": "    p = dict.fromkeys([0, 1, *order], 0.0)\n    for run in runs:",
            }
        ],
        "sums-cleared": [{"        p = dict": "        dC_dw = dict.fromkeys(w, 0.0)\n        p = dict"}],
        "averaged": [{"return dC_dw": "return {link: value / len(runs) for link, value in dC_dw.items()}"}],
        "first-run": [{"    return": "        return"}],
    },
    "index-backprop-6": {
        "averaged": [{"delta.T @ a_below": "delta.T @ a_below / len(delta)"}],
        "not-summed": [{"delta.T @ a_below": "delta[:, :, None] * a_below[:, None, :]"}],
        "one-example": [{"delta.T @ a_below": "np.outer(delta[0], a_below[0])"}],
        "summed-before": [{"delta.T @ a_below": "np.outer(delta.sum(axis=0), a_below.sum(axis=0))"}],
        "transposed": [{"delta.T @ a_below": "a_below.T @ delta"}],
        "raises": [{"delta.T @ a_below": "delta @ a_below"}],
    },
    "index-backprop-7": {
        "no-slope": [{" * tanh.df(z_below)": ""}],
        "slope-at-a": [{"tanh.df(z_below)": "tanh.df(np.tanh(z_below))"}],
        "one-minus-z": [{"tanh.df(z_below)": "(1 - z_below**2)"}],
        "averaged": [{"tanh.df(z_below)": "tanh.df(z_below) / len(delta)"}],
        "activation-for-slope": [{"tanh.df(z_below)": "np.tanh(z_below)"}],
        "raises": [{"delta @ W": "delta @ W.T"}],
    },
    "index-backprop-8": {
        "slope-after": [{'(dC_da * tanh.df(z)) @ W': '(dC_da @ W) * tanh.df(z)'}],
        "one-for-skip": [{'return dC_da +': 'return 1 +'}],
        "no-skip": [{"dC_da + (dC_da": "(dC_da"}],
        "skip-only": [{"dC_da + (dC_da * tanh.df(z)) @ W": "dC_da"}],
        "transposed-weights": [{"@ W\n": "@ W.T\n"}, {"tanh.df(z)) @ W": "tanh.df(z)) @ W.T"}],
        "no-slope": [{" * tanh.df(z)": ""}],
        "slope-on-skip": [{"dC_da + (dC_da * tanh.df(z)) @ W": "dC_da * tanh.df(z) + (dC_da * tanh.df(z)) @ W"}],
    },
    "index-backprop-13": {
        "slope-too": [{"softmax.f(z) - Y": "(softmax.f(z) - Y) * softmax.f(z) * (1 - softmax.f(z))"}],
        "averaged": [{"softmax.f(z) - Y": "(softmax.f(z) - Y) / len(Y)"}],
        "averaged-classes": [{"softmax.f(z) - Y": "(softmax.f(z) - Y) / Y.shape[1]"}],
        "no-softmax": [{"softmax.f(z) - Y": "z - Y"}],
        "wrong-axis": [{"softmax.f(z) - Y": "np.exp(z) / np.exp(z).sum(axis=0) - Y"}],
        "by-a": [{"softmax.f(z) - Y": "-Y / softmax.f(z)"}],
        "sign": [{"softmax.f(z) - Y": "Y - softmax.f(z)"}],
    },
    "index-backprop-14": {
        "no-penalty": [{" + 2 * lam * W": ""}],
        "factor-two": [{"2 * lam": "lam"}],
        "per-example": [{"2 * lam": "len(delta) * 2 * lam"}],
        "averaged": [{"delta.T @ a_below": "delta.T @ a_below / len(delta)"}],
        "value": [{"2 * lam * W": "lam * W**2"}],
    },
}  # fmt: skip

FORMULAS = {
    "index-backprop-2": {
        "formula-unknown-name": [("p_3", "p_3"), ("p_2", "p_2")],
        "factor-two": [("p_3", "2 (y_3 - t_3)")],
        "error-reversed": [("p_3", "t_3 - y_3")],
        "direct-only": [("p_2", "y_2 - t_2")],
        "downstream-only": [("p_2", "p_3 w_32")],
        "no-weight": [("p_2", "y_2 - t_2 + y_3 - t_3")],
        "no-slope": [("p_1", "p_2 w_21 + p_3 w_31")],
        "slope-at-y": [("p_1", "(p_2 w_21 + p_3 w_31) * 2 y_1")],
        "one-downstream": [("p_1", "p_2 w_21 * 2 x_1")],
        "other-downstream": [("p_1", "p_3 w_31 * 2 x_1")],
        "early": [("p_1", "((y_2 - t_2) w_21 + p_3 w_31) * 2 x_1")],
        "wrong-end": [("dC_dw_21", "p_1 y_2")],
        "pre-activation": [("dC_dw_21", "p_2 x_1")],
        "error-only": [("dC_dw_21", "(y_2 - t_2) y_1")],
        "wrong-letter": [("p_2", "y_2 - t_2 + p_3 w_31")],
        "formula-character": [("p_2", "y_2 - y*_2 + p_3 w_32")],
    },
    "index-backprop-9": {
        "sums-multiplied": [("dC_dW_ij", "sum(n, delta[n,i]) sum(n, a[n,j])")],
        "no-weight": [("dC_da_nj", "sum(i, delta[n,i])")],
        "wrong-sum": [("dC_da_nj", "sum(j, delta[n,i] W[i,j])")],
        "one-example": [("dC_dW_ij", "delta[n,i] a[n,j]"), ("dC_db_i", "delta[n,i]")],
        "averaged": [("dC_dW_ij", "sum(n, delta[n,i] a[n,j]) / 3"), ("dC_db_i", "sum(n, delta[n,i])/3")],
        "no-activation": [("dC_dW_ij", "sum(n, delta[n,i])")],
        "summed-units": [("dC_db_i", "sum(n, sum(i, delta[n,i]))")],
        "one-path": [("dC_da_nj", "delta[n,i] W[i,j]")],
        "summed-examples": [("dC_da_nj", "sum(n, sum(i, delta[n,i] W[i,j]))")],
        "formula-range": [("dC_da_nj", "sum(i, delta[n,i] W[j,i])")],
        "formula-index": [("dC_db_i", "sum(n, delta[n])"), ("dC_dW_ij", "delta[i] a[j]")],
    },
}
