"""One step of gradient descent, clipped in each way: gradients by complex steps, the rest by NumPy's own functions."""

import gzip
import json
import sys

import numpy as np

from flow import E, arrays, experiment, loss, step

ORDER = {"rnn": ["W_xh", "W_hh", "b_h"], "lstm": [*(f"W_{g}" for g in "fiCo"), *(f"b_{g}" for g in "fiCo")],
         "gru": [*(f"W_{g}" for g in "zrh"), *(f"b_{g}" for g in "zrh")]}


def total(e, w, head):
    """The loss of the whole sequence."""
    m = e["model"]
    H, T = m["hidden"], len(e["x"])
    h, C = w.get("h_0", np.zeros(H)), w.get("C_0", np.zeros(H))
    first, sum = T - len(e["target"]), 0
    for t, x in enumerate(e["x"]):
        h, C = step(m, w, np.array(x), h, C)
        if t >= first:
            sum = sum + loss(e, head, h, e["target"][t - first])
    return sum


def blocks(e):
    m = e["model"]
    w, head = arrays(m["weights"]["layers"][0]), arrays(m["weights"]["head"])
    names = ORDER[m["cell"]] + (["b_hh"] if m.get("reset") == "after" else [])
    return w, head, [(w, n) for n in names] + [(head, "W_hy"), (head, "b_y")]


def gradients(e):
    """∂L/∂(every parameter), block by block."""
    w, head, places = blocks(e)
    found = []
    for owner, name in places:
        real = owner[name]
        gradient = np.zeros(real.shape)
        for at in np.ndindex(real.shape):
            owner[name] = real.astype(complex)
            owner[name][at] += 1j * E
            gradient[at] = total(e, w, head).imag / E
        owner[name] = real
        found.append((name, gradient))
    return found


def after(e, move):
    """The loss with `move` added to the parameters."""
    w, head, places = blocks(e)
    for owner, name in places:
        size = owner[name].size
        owner[name] = owner[name] + move[:size].reshape(owner[name].shape)
        move = move[size:]
    return float(np.real(total(e, w, head)))


def histogram(name, g):
    """Counts of negative and positive entries in half decades, of exact zeros, and the largest entry."""
    edges = 10.0 ** (np.arange(-60, 61) / 2)
    count = lambda values: np.histogram(values, edges)[0]
    flat = g.ravel()
    negative, positive = count(-flat[flat < 0]), count(flat[flat > 0])
    bins = {int(n) - 60: [int(negative[n]), int(positive[n])] for n in np.flatnonzero(negative + positive)}
    return {"name": name, "entries": g.size, "zeros": int((flat == 0).sum()), "bins": bins,
            "largest": float(flat[np.abs(flat).argmax()])}


def update(e, threshold, rate):
    found = gradients(e)
    g = np.concatenate([g.ravel() for _, g in found])
    by_norm = g * min(1, threshold / np.linalg.norm(g))
    by_value = np.clip(g, -threshold, threshold)
    ways = [{
        "norm": float(np.linalg.norm(v)),
        "cosine": float(v @ g / np.linalg.norm(v) / np.linalg.norm(g)),
        "clamped": int((np.abs(g) > threshold).sum()) if v is by_value else None,
        "loss": after(e, -rate * v),
    } for v in (g, by_norm, by_value)]
    return {"experiment": e, "threshold": threshold, "rate": rate, "loss": after(e, 0 * g), "ways": ways,
            "histogram": [histogram(*part) for part in found]}


def write(path):
    rnn, relu, lstm = ("rnn", {"activation": "tanh"}), ("rnn", {"activation": "relu"}), ("lstm", {})
    cases = [
        update(experiment(*rnn, 4, 12, "cross-entropy", "many-to-many"), 0.5, 2.0),
        update(experiment(*rnn, 3, 9, "squared-error", "many-to-one"), 10.0, 0.2),
        update(experiment(*relu, 4, 9, "squared-error", "many-to-many", scale=1.6), 1.0, 0.01),
        update(experiment(*relu, 4, 12, "cross-entropy", "many-to-one"), 0.05, 0.1),
        update(experiment(*lstm, 4, 12, "cross-entropy", "many-to-many"), 0.3, 0.5),
        update(experiment(*lstm, 3, 9, "squared-error", "many-to-one"), 0.05, 1.0),
        update(experiment("gru", {"reset": "before"}, 4, 12, "cross-entropy", "many-to-many"), 0.3, 0.1),
        update(experiment("gru", {"reset": "after"}, 3, 9, "squared-error", "many-to-one"), 0.05, 0.1),
    ]
    text = json.dumps({"source": f"NumPy {np.__version__}, Python {sys.version.split()[0]}", "cases": cases})
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
