"""Figures of chapter 4's further pages: fits, Hessian products, actions, saliency, largest outputs."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib import costs, jacobian
from nnlib.activations import identity, softmax, tanh
from nnlib.data import digits
from nnlib.figures import jacobian as chapter
from nnlib.figures.words import power, signed
from nnlib.network import Gradient, Network, flatten, forward, init, split_layers, unflatten
from nnlib.optimizers import adam, gradient_descent, levenberg_marquardt, mini_batches, minimize, supervised

LONGEST = 300  # steps that the comparison of fits shows
# The steps whose costs are drawn: on a logarithmic axis, those left out would lie a pixel from their neighbours.
DRAWN = np.r_[0:30, 30:100:2, 100 : LONGEST + 1 : 4]


def _curve(name: str, x, y, role: str, axes: str = "") -> dict:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y,
        "xaxis": f"x{axes}", "yaxis": f"y{axes}", "meta": {"role": role},
    }  # fmt: skip


def _points(name: str, x, y, role: str, axes: str = "") -> dict:
    return {**_curve(name, x, y, role, axes), "mode": "markers"}


# Fits ------------------------------------------------------------------------------------------------------


@cache
def _descents(method: str) -> tuple[list[Network], np.ndarray]:
    """The networks before each step, and their costs, from `chapter.start()`."""
    networks: list[Network] = []

    def keep(n, C, net):
        networks.append(net)

    if method == "Levenberg-Marquardt":
        _, history = levenberg_marquardt(chapter.residuals, chapter.start(), 31, keep)
    else:
        rule = gradient_descent(0.03) if method == "gradient descent" else adam(0.03)
        X, Y = chapter.data()

        def objective(net):
            C = costs.squared_error.value(forward(net, X).a[net.L], Y)
            return C, jacobian.gradient(net, X, Y, costs.squared_error)

        _, history = minimize(objective, chapter.start(), rule, LONGEST + 1, keep)
    return networks, history


def fits(method: str, steps: int = 30) -> dict:
    """One fit after some steps of one method; beside it the cost after every step up to there."""
    networks, history = _descents(method)
    steps = min(steps, len(history) - 1)  # Levenberg-Marquardt stops after 30
    (X, Y), net = chapter.data(), networks[steps]
    x = np.linspace(-1.2, 1.2, 61)
    costs_so_far = [history[n] if n <= steps else np.nan for n in DRAWN]
    return {
        "data": [
            _points("the data", X[:, 0], Y[:, 0], "neutral"),
            _curve("the network", x, forward(net, x[:, None]).a[net.L][:, 0], "value"),
            _curve("cost", DRAWN + 1, costs_so_far, "gradient", "2"),
        ],
        "layout": {
            "height": 360,
            "xaxis": {"title": {"text": "input x"}, "domain": [0.0, 0.46], "range": [-1.2, 1.2]},
            "yaxis": {"title": {"text": "output"}, "range": [-0.6, 1.6]},
            "xaxis2": {"title": {"text": "step + 1"}, "domain": [0.58, 1.0], "anchor": "y2", "type": "log",
                       "range": [0, 2.5]},
            "yaxis2": {"title": {"text": "cost"}, "anchor": "x2", "type": "log", "range": [-3.2, 1]},
        },
        "meta": {
            "alt": "Left: eleven points of a hill and the curve of the network. Right: the cost after every "
            "step so far, both axes logarithmic. Levenberg-Marquardt falls three decades in ten steps; gradient "
            "descent needs hundreds for less than two.",
            "sentence": f"{method[0].upper()}{method[1:]}, after {steps} step{'s' * (steps != 1)}: "
            f"cost {history[steps]:.3g}.",
        },
    }  # fmt: skip


# Curvature -------------------------------------------------------------------------------------------------


@cache
def minimum() -> Network:
    """A network 1-2-1, seven parameters, at a minimum of the squared error on `chapter.data`."""
    start = init((1, 2, 1), tanh, np.random.default_rng(0))
    return levenberg_marquardt(chapter.residuals, start, 100)[0]


@cache
def steepest(products: int = 30) -> tuple[float, np.ndarray]:
    """The largest curvature of half the squared error at the minimum, and its direction, by hvp alone."""
    net, (X, Y) = minimum(), chapter.data()
    v = np.random.default_rng(0).standard_normal(flatten(net).size)
    for _ in range(products):
        v = v / np.linalg.norm(v)
        Hv = flatten(jacobian.hvp(net, X, Y, costs.half_squared_error, Gradient(*split_layers(net, v))))
        curvature, v = v @ Hv, Hv
    return float(curvature), v / np.linalg.norm(v)


def rates(factor: float) -> dict:
    """Gradient descent from a point a little off the minimum, at `factor` times the longest rate, 2 / curvature."""
    net, (X, Y), (curvature, v) = minimum(), chapter.data(), steepest()
    theta, count = flatten(net), 20
    now, off = theta + v / 1000, []
    for _ in range(count + 1):
        off.append(abs(v @ (now - theta)))
        g = jacobian.gradient(unflatten(net, now), X, Y, costs.half_squared_error)
        now = now - factor * 2 / curvature * flatten(g)
    n = np.arange(count + 1)
    # Below a millionth one would see how exactly the minimum was found, and on which processor.
    shown = lambda distances: [d if d > 1e-6 else None for d in distances]
    return {
        "data": [
            _curve("predicted", n, shown(abs(1 - 2 * factor) ** n / 1000), "right"),
            _points("gradient descent", n, shown(off), "wrong"),
        ],
        "layout": {
            "height": 320,
            "xaxis": {"title": {"text": "step"}, "range": [0, count]},
            "yaxis": {"title": {"text": "distance from the minimum"}, "type": "log", "range": [-6.5, 0.5]},
        },
        "meta": {
            "alt": "Crosses, the distance from the minimum after each step, on a logarithmic axis, beside the straight "
            "line that the curvature predicts, both down to a millionth. The crosses fall for factors below 1 and "
            "rise above.",
            "sentence": f"Rate {factor:g} times 2 / curvature: after {count} steps the distance is "
            f"{power(off[-1] / off[0])} times that of the start.",
        },
    }


# Actions ---------------------------------------------------------------------------------------------------

STATES = np.linspace(-1, 1, 21)[:, None]


def best_action(s):
    return np.sin(2 * s)


def reward(s, u):
    """1 for the best action, less for every other."""
    return np.exp(-2 * (u - best_action(s)) ** 2)


def improve(Q: Network, policy: Network, steps: int = 300, eta: float = 0.02) -> Network:
    """Climb Q along dQ/du, carried on into the policy's parameters."""
    for _ in range(steps):
        seen = np.hstack([STATES, forward(policy, STATES).a[policy.L]])
        dQ_du = jacobian.input_vjp(Q, seen, np.ones((len(STATES), 1)))[:, 1:]
        policy = policy + eta * jacobian.vjp(policy, STATES, dQ_du)
    return policy


def tried(rng: np.random.Generator, s, u) -> tuple[np.ndarray, np.ndarray]:
    """States with actions, and the rewards they earned, with noise of 0.05."""
    return np.hstack([s, u]), reward(s, u) + rng.standard_normal(s.shape) / 20


@cache
def rounds(count: int = 5) -> list[dict]:
    """Rounds of: fit Q to all tries, improve the policy on Q, try the policy's actions with noise."""
    rng = np.random.default_rng(4)
    s = rng.uniform(-1, 1, (60, 1))
    seen, R = tried(rng, s, rng.uniform(-0.5, 0.5, s.shape))
    policy = init((1, 4, 1), tanh, np.random.default_rng(1))
    policy = unflatten(policy, 0.3 * flatten(policy))
    done = []
    for _ in range(count):

        def residuals(net, seen=seen, R=R):
            return (forward(net, seen).a[2] - R).ravel(), jacobian.parameters(net, seen).matrix()[:, 0]

        Q = levenberg_marquardt(residuals, init((2, 8, 1), tanh, np.random.default_rng(0)), 30)[0]
        policy = improve(Q, policy)
        done.append({"Q": Q, "policy": policy, "seen": seen, "R": R})
        s = rng.uniform(-1, 1, (20, 1))
        more = tried(rng, s, forward(policy, s).a[2] + 0.3 * rng.standard_normal(s.shape))
        seen, R = np.vstack([seen, more[0]]), np.vstack([R, more[1]])
    return done


def worth(Q: Network, policy: Network) -> tuple[float, float]:
    """What Q claims for the policy's actions, and what they earn, means over `STATES`."""
    u = forward(policy, STATES).a[policy.L]
    return forward(Q, np.hstack([STATES, u])).a[Q.L].mean().item(), reward(STATES, u).mean().item()


def actions(round: int) -> dict:
    """What Q claims for every state and action, with the tries, the policy and the best actions."""
    now = rounds()[round - 1]
    s, u = np.linspace(-1, 1, 21), np.linspace(-2.2, 2.2, 23)
    grid = np.array([[x, y] for y in u for x in s])
    claims = forward(now["Q"], grid).a[2].reshape(len(u), len(s))
    claimed, earned = worth(now["Q"], now["policy"])
    seen = np.full((140, 2), np.nan)
    seen[: len(now["seen"])] = now["seen"]

    def across(state):  # a heatmap's cells are one unit wide: 10 to a unit of s, 5 to a unit of u
        return 10 * (state + 1)

    def up(action):
        return 5 * (action + 2.2)

    chosen = forward(now["policy"], s[:, None]).a[2][:, 0]
    return {
        "data": [
            {"type": "heatmap", "x": list(range(21)), "y": list(range(23)), "z": np.round(claims, 2),
             "zmin": -1.5, "zmax": 1.5, "zmid": 0, "showscale": True, "name": "what Q claims",
             "meta": {"role": "value"}},
            _points("tries", across(seen[:, 0]), up(seen[:, 1]), "neutral"),
            _curve("best action", across(s), up(best_action(s)), "right"),
            _curve("policy", across(s), up(chosen), "wrong"),
        ],
        "layout": {
            "height": 400,
            "xaxis": {"title": {"text": "state s"}, "range": [-0.5, 20.5], "tickvals": [0, 5, 10, 15, 20],
                      "ticktext": ["−1", "−0.5", "0", "0.5", "1"]},
            "yaxis": {"title": {"text": "action u"}, "range": [-0.5, 22.5], "tickvals": [1, 6, 11, 16, 21],
                      "ticktext": ["−2", "−1", "0", "1", "2"]},
        },
        "meta": {
            "alt": "A plane of states and actions, shaded by what Q claims, with the tried actions as dots. In "
            "round 1 the dots fill a band in the middle and the policy's line leaves it; in later rounds the line "
            "lies close to the best actions.",
            "sentence": f"Round {round}, {len(now['seen'])} tries: Q claims {claimed:.2f} for the policy's "
            f"actions, they earn {earned:.2f}.",
        },
    }  # fmt: skip


# Digits ----------------------------------------------------------------------------------------------------

SHOWN = slice(1500, None)  # the digits kept out of training
SCORES = ("logit", "probability", "logit less runner-up")


@cache
def trained(seed: int) -> tuple[Network, Network]:
    """A network 64-24-10 of logits before and after 400 steps of Adam on the first 1,500 digits."""
    X, Y, _ = digits()
    rng = np.random.default_rng(seed)
    start = init((64, 24, 10), tanh, rng)
    slope = supervised(jacobian.gradient, costs.softmax_cross_entropy)
    return start, minimize(mini_batches(slope, X[:1500], Y[:1500], 50, rng), start, adam(0.01), 400)[0]


def with_softmax(net: Network) -> Network:
    """The network that gives probabilities where `net` gives logits."""
    return Network(net.W, net.b, (*net.act[:-1], softmax))


def slopes(net: Network, x: np.ndarray, of: str) -> np.ndarray:
    """How the winning output moves with every pixel: its logit, its probability, its lead."""
    logits, J = forward(net, x[None]).a[net.L][0], jacobian.inputs(net, x[None])[0]
    second, first = np.argsort(logits)[-2:]
    if of == "probability":
        return jacobian.inputs(with_softmax(net), x[None])[0][first]
    return J[first] - J[second] if of == SCORES[2] else J[first]


def _image(z: np.ndarray, axes: str, role: str, low: float, high: float) -> dict:
    return {
        "type": "heatmap", "z": z.reshape(8, 8), "x": list(range(8)), "y": list(range(8)),
        "xaxis": f"x{axes}", "yaxis": f"y{axes}", "zmin": low, "zmax": high, "zmid": (low + high) / 2,
        "showscale": True, "meta": {"role": role},
    }  # fmt: skip


def _panel(anchor: str, left: float, right: float) -> tuple[dict, dict]:
    x = {"domain": [left, right], "anchor": f"y{anchor}", "visible": False, "showgrid": False}
    y = {"anchor": f"x{anchor}", "domain": [0.0, 0.9], "visible": False, "showgrid": False}
    return x, {**y, "range": [7.5, -0.5]}


def _heading(text: str, x: float) -> dict:
    return {"text": text, "x": x, "y": 0.98, "xref": "paper", "yref": "paper", "showarrow": False}


def saliency(example: int, of: str) -> dict:
    """A digit, and how strongly one score moves with each of its pixels, signs kept, on one scale."""
    X, _, labels = digits()
    net, x = trained(0)[1], X[SHOWN][example]
    J = slopes(net, x, of)
    said = int(forward(net, x[None]).a[2].argmax())
    (x1, y1), (x2, y2) = _panel("", 0.0, 0.42), _panel("2", 0.55, 0.97)
    return {
        "data": [_image(x, "", "neutral", -1, 1), _image(np.round(J, 3), "2", "value", -4, 4)],
        "layout": {
            "height": 330, "xaxis": x1, "yaxis": y1, "xaxis2": x2, "yaxis2": y2,
            "annotations": [_heading("the digit", 0.2), _heading("slopes by its pixels", 0.76)],
        },
        "meta": {
            "alt": "Two pictures of 8 by 8 cells: a handwritten digit, and the slopes of one score by its pixels. "
            "The slopes of the logit are strong on and off the stroke; those of the probability "
            "nearly vanish where the network is sure. What is beyond 4 or −4 has the ink of that end.",
            "sentence": f"A {labels[SHOWN][example]}, read as {said}; slopes of the {of}: the largest is "
            f"{np.abs(J).max():.2g}.",
        },
    }  # fmt: skip


@cache
def _directions() -> tuple[np.ndarray, np.ndarray]:
    """The mean image m (64,) and E (64, 64) with E E^T the covariance of the training digits."""
    X = digits().X[:1500]
    m = X.mean(axis=0)
    _, sizes, rows = np.linalg.svd(X - m, full_matrices=False)
    return m, rows.T * sizes / np.sqrt(len(X))


def largest(net: Network, digit: int, prior: str) -> np.ndarray:
    """The image (64,) that a climb from the mean image finds for one logit."""
    m, E = _directions()
    u = np.eye(10)[digit]
    if prior == "covariance":
        longer = Network((None, E, *net.W[1:]), (None, m, *net.b[1:]), (None, identity, *net.act[1:]))
        return m + E @ jacobian.maximise_output(longer, np.zeros(64), u, 200, 0.05, 1)
    return jacobian.maximise_output(net, m, u, 200, 0.1, {"none": 0, "mean image": 1}[prior])


def maximised(digit: int, prior: str = "covariance") -> dict:
    """The image with the largest logit of one digit, and what two networks make of it."""
    x = largest(trained(0)[1], digit, prior)
    both = [forward(with_softmax(trained(seed)[1]), x[None]).a[2][0] for seed in (0, 1)]
    nearest = np.sqrt(((digits().X - x) ** 2).sum(axis=1).min())
    x1, y1 = _panel("", 0.0, 0.42)
    return {
        "data": [
            _image(np.round(x, 3), "", "neutral", -1.6, 1.6),
            {"type": "bar", "name": "this network", "x": list(range(10)), "y": np.round(both[0], 4),
             "xaxis": "x2", "yaxis": "y2", "meta": {"role": "value"}},
            {"type": "bar", "name": "another network", "x": list(range(10)), "y": np.round(both[1], 4),
             "xaxis": "x2", "yaxis": "y2", "meta": {"role": "second"}},
        ],
        "layout": {
            "height": 330, "barmode": "group", "xaxis": x1, "yaxis": y1,
            "xaxis2": {"domain": [0.58, 1.0], "anchor": "y2", "title": {"text": "digit"},
                       "tickvals": list(range(10))},
            "yaxis2": {"anchor": "x2", "range": [0, 1.05], "title": {"text": "probability"}},
        },
        "meta": {
            "alt": "Left an image of 8 by 8 cells with values that may lie below 0 or above 1 (what is "
            "beyond 1.6 or −1.6 has the ink of that end); right the probabilities that two networks give it. "
            "Without a prior it is noise, with the covariance of the digits it looks "
            "like one; both networks are certain in every case.",
            "sentence": f"Largest output for {digit}, prior: {prior}. Values from {signed(x.min())} to "
            f"{signed(x.max())}, distance to the nearest digit {nearest:.2f}; the networks say "
            f"{both[0][digit]:.2f} and {both[1][digit]:.2f}.",
        },
    }  # fmt: skip
