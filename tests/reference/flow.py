"""Every loss's gradient at every step, and at the recurrent weights, by complex steps: forward equations alone, no derivative written down.

For an analytic function f, Im f(x + i·e)/e is f'(x) up to e². With e = 1e-200 that is every digit of it.
"""

import gzip
import json
import sys
import zlib

import numpy as np

E = 1e-200
GATES = {"rnn": ["h"], "lstm": ["f", "i", "C", "o"], "gru": ["z", "r", "h"]}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def relu(a):
    return np.where(a.real > 0, a, 0 * a)


def step(m, w, x, h, C):
    """One step: the new h and C."""
    if m["cell"] == "rnn":
        phi = np.tanh if m["activation"] == "tanh" else relu
        return phi(w["W_xh"] @ x + w["W_hh"] @ h + w["b_h"]), C
    gate = lambda g, state: w[f"W_{g}"] @ np.concatenate([state, x]) + w[f"b_{g}"]
    if m["cell"] == "lstm":
        f, i, o = (sigmoid(gate(g, h)) for g in "fio")
        C = f * C + i * np.tanh(gate("C", h))
        return o * np.tanh(C), C
    z, r = sigmoid(gate("z", h)), sigmoid(gate("r", h))
    if m["reset"] == "before":
        new = np.tanh(gate("h", r * h))
    else:
        H = m["hidden"]
        new = np.tanh(r * (w["W_h"][:, :H] @ h + w["b_hh"]) + w["W_h"][:, H:] @ x + w["b_h"])
    return (1 - z) * h + z * new, C


def loss(e, head, h, target):
    y = head["W_hy"] @ h + head["b_y"]
    if e["loss"] == "squared-error":
        return ((y - np.array(target)) ** 2).sum() / 2
    y = y - y.real.max()
    return np.log(np.exp(y).sum()) - y[target]


def arrays(weights):
    return {n: np.array(v) for n, v in weights.items() if isinstance(v, list)}


def flow(e):
    """Losses × steps: the norm of each loss's gradient at each state, `None` where the state comes after it."""
    m = e["model"]
    w, head = arrays(m["weights"]["layers"][0]), arrays(m["weights"]["head"])
    H, T = m["hidden"], len(e["x"])
    first = T - len(e["target"])
    states, h, C = [], w.get("h_0", np.zeros(H)).astype(complex), w.get("C_0", np.zeros(H)).astype(complex)
    for x in e["x"]:
        h, C = step(m, w, np.array(x), h, C)
        states.append((h, C))
    squares = np.zeros((T - first, T))
    for k in range(T):
        for part in [0, 1] if m["cell"] == "lstm" else [0]:
            for unit in range(H):
                h, C = (state.copy() for state in states[k])
                (h if part == 0 else C)[unit] += 1j * E
                for t in range(k, T):
                    if t > k:
                        h, C = step(m, w, np.array(e["x"][t]), h, C)
                    if t >= first:
                        squares[t - first, k] += (loss(e, head, h, e["target"][t - first]).imag / E) ** 2
    norms = np.sqrt(squares).tolist()
    return [[norm if k <= t + first else None for k, norm in enumerate(row)] for t, row in enumerate(norms)]


def given(e):
    """What each loss gives to the recurrent weights: its norm, by gate too, and its share of the whole."""
    m = e["model"]
    w, head = arrays(m["weights"]["layers"][0]), arrays(m["weights"]["head"])
    H, T = m["hidden"], len(e["x"])
    first = T - len(e["target"])
    names = ["W_hh"] if m["cell"] == "rnn" else [f"W_{g}" for g in GATES[m["cell"]]]
    G = np.zeros((T - first, len(names), H, H))
    for gate, name in enumerate(names):
        for i, j in np.ndindex(H, H):
            moved = w | {name: w[name].astype(complex)}
            moved[name][i, j] += 1j * E
            h, C = w.get("h_0", np.zeros(H)).astype(complex), w.get("C_0", np.zeros(H)).astype(complex)
            for t, x in enumerate(e["x"]):
                h, C = step(m, moved, np.array(x), h, C)
                if t >= first:
                    G[t - first, gate, i, j] = loss(e, head, h, e["target"][t - first]).imag / E
    whole = G.sum(axis=0)
    norm = lambda of, axes: np.sqrt((of**2).sum(axis=axes)).tolist()
    return {
        "norm": norm(G, (1, 2, 3)), "gates": norm(G, (2, 3)), "total": norm(whole, None),
        "share": ((G * whole).sum(axis=(1, 2, 3)) / (whole**2).sum()).tolist(),
    }


def experiment(cell, more, H, T, kind, shape, scale=1.0, D=2, O=3):
    name = f"{cell}{more} H={H} T={T} {kind} {shape}"
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    uniform = lambda *s, size=1.0: np.vectorize(lambda v: float(f"{v:.4g}"))(draw.uniform(-size, size, s)).tolist()
    w = {"layer": 1, "direction": "forward"}
    for g in GATES[cell]:
        if cell == "rnn":
            w |= {"W_xh": uniform(H, D), "W_hh": uniform(H, H, size=scale * (3 / H) ** 0.5)}
        else:
            w[f"W_{g}"] = uniform(H, H + D, size=scale * (3 / (H + D)) ** 0.5)
        w[f"b_{g}"] = uniform(H, size=0.5)
    w |= {"b_hh": uniform(H, size=0.5)} if more.get("reset") == "after" else {}
    w |= {"h_0": uniform(H)} | ({"C_0": uniform(H)} if cell == "lstm" else {})
    m = {"cell": cell, **more, "inputs": D, "hidden": H, "outputs": O, "shape": shape}
    m["weights"] = {"layers": [w], "head": {"W_hy": uniform(O, H), "b_y": uniform(O, size=0.3)}}
    rows = T if shape == "many-to-many" else 1
    target = uniform(rows, O) if kind == "squared-error" else draw.integers(0, O, rows).tolist()
    return {"format": "unrolled/1", "precision": "f64", "model": m, "loss": kind, "x": uniform(T, D), "target": target}


def write(path):
    cells = [("rnn", {"activation": "tanh"}), ("rnn", {"activation": "relu"}), ("lstm", {}),
             ("gru", {"reset": "before"}), ("gru", {"reset": "after"})]
    cases = []
    for cell, more in cells:
        cases.append(experiment(cell, more, 4, 12, "cross-entropy", "many-to-many"))
        cases.append(experiment(cell, more, 3, 9, "squared-error", "many-to-one"))
    # Long ones: a loss that fades over thirty decades, one that grows, one that lives.
    cases.append(experiment("rnn", {"activation": "tanh"}, 4, 40, "squared-error", "many-to-many", scale=0.25))
    cases.append(experiment("rnn", {"activation": "relu"}, 4, 30, "squared-error", "many-to-many", scale=2.5))
    cases.append(experiment("lstm", {}, 6, 30, "squared-error", "many-to-many", scale=2.0))
    pairs = [{"experiment": e, "norm": flow(e), "given": given(e)} for e in cases]
    text = json.dumps({"source": f"NumPy {np.__version__}, Python {sys.version.split()[0]}", "cases": pairs})
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
