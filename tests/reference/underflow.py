"""The first step, coming back, at which the gradient of the last loss is exactly zero, in single and in double precision.

NumPy runs the equations of the format and their chain rule in `float32` and `float64`, which keep numbers down to 2^-149
and 2^-1074; half of that and what is smaller is rounded to zero. Where that happens depends on the order of sums and of
products: a case is recorded only where eight orders of the units, and both orders of each product, name the same step.
"""

import gzip
import json
import sys
import zlib

import numpy as np

from flow import GATES, arrays, sigmoid, step

ORDERS = 8


def turned(w, head, order):
    """The same network with its units in another order."""
    H = len(order)
    rows = {n: v[order] for n, v in w.items()}
    for n, v in rows.items():
        if v.ndim == 2 and n != "W_xh":
            rows[n] = np.concatenate([v[:, :H][:, order], v[:, H:]], axis=1)
    return rows, {"W_hy": head["W_hy"][:, order], "b_y": head["b_y"]}


def zero(e, kind, order, late):
    """The step from 1, or None; `late` multiplies the factors of a gate before they meet the gradient."""
    m = e["model"]
    cast = lambda values: {n: v.astype(kind) for n, v in values.items()}
    w, head = turned(cast(arrays(m["weights"]["layers"][0])), cast(arrays(m["weights"]["head"])), order)
    H, T = m["hidden"], len(e["x"])
    x, one = np.array(e["x"], kind), kind(1)
    U = {g: w["W_hh" if m["cell"] == "rnn" else f"W_{g}"][:, :H] for g in GATES[m["cell"]]}

    def times(d, *factors):
        if late:
            return d * np.prod(factors, axis=0, dtype=kind)
        for factor in factors:
            d = d * factor
        return d

    h, C, tape = np.zeros(H, kind), np.zeros(H, kind), []
    for t in range(T):
        gate = lambda g, state: w[f"W_{g}"] @ np.concatenate([state, x[t]]) + w[f"b_{g}"]
        read = [h, C]
        if m["cell"] == "lstm":
            read += [*(sigmoid(gate(g, h)) for g in "fio"), np.tanh(gate("C", h))]
        elif m["cell"] == "gru":
            z, r = sigmoid(gate("z", h)), sigmoid(gate("r", h))
            if m["reset"] == "before":
                inner = r * h
                new = np.tanh(gate("h", inner))
            else:
                inner = U["h"] @ h + w["b_hh"]
                new = np.tanh(r * inner + w["W_h"][:, H:] @ x[t] + w["b_h"])
            read += [z, r, inner, new]
        h, C = step(m, w, x[t], h, C)
        tape.append((*read, h, C))
    y = head["W_hy"] @ h + head["b_y"]
    dh, dC = head["W_hy"].T @ (y - np.array(e["target"][0], kind)), np.zeros(H, kind)
    for t in reversed(range(T)):
        assert dh.dtype == dC.dtype == kind and np.isfinite(dh).all()
        if not (dh.any() or dC.any()):
            return t + 1
        if m["cell"] == "rnn":
            *_, h, _ = tape[t]
            dh = U["h"].T @ (times(dh, one - h * h) if m["activation"] == "tanh" else dh * (h > 0).astype(kind))
        elif m["cell"] == "lstm":
            _, C, f, i, o, new, _, after = tape[t]
            tanh = np.tanh(after)
            dC = dC + times(dh, o, one - tanh * tanh)
            da = {"f": times(dC, C, f, one - f), "i": times(dC, new, i, one - i),
                  "C": times(dC, i, one - new * new), "o": times(dh, tanh, o, one - o)}
            dh, dC = sum(U[g].T @ da[g] for g in da), dC * f
        else:
            h, _, z, r, inner, new, _, _ = tape[t]
            dz, da = times(dh, new - h, z, one - z), times(dh, z, one - new * new)
            dh = dh * (one - z)
            if m["reset"] == "before":
                dinner = U["h"].T @ da
                dr = times(dinner, h, r, one - r)
                dh = dh + dinner * r
            else:
                dr = times(da, inner, r, one - r)
                dh = dh + U["h"].T @ (da * r)
            dh = dh + U["z"].T @ dz + U["r"].T @ dr
    return None


def first(e):
    """The step in both precisions; None where there is none, or orders disagree."""
    orders = [np.random.default_rng(n).permutation(e["model"]["hidden"]) for n in range(ORDERS)]
    found = lambda kind: {zero(e, kind, order, late) for order in orders for late in [False, True]}
    agreed = lambda steps: steps.pop() if len(steps) == 1 else None
    return {"f32": agreed(found(np.float32)), "f64": agreed(found(np.float64))}


def experiment(cell, more, H, T, seed, scale, bias):
    draw = np.random.default_rng(zlib.crc32(f"{cell}{more} {seed}".encode()))
    uniform = lambda *s, size=1.0: np.vectorize(lambda v: float(f"{v:.4g}"))(draw.uniform(-size, size, s)).tolist()
    w = {"layer": 1, "direction": "forward"}
    for g in GATES[cell]:
        if cell == "rnn":
            w |= {"W_xh": uniform(H, 1), "W_hh": uniform(H, H, size=scale)}
        else:
            w[f"W_{g}"] = uniform(H, H + 1, size=scale)
        w[f"b_{g}"] = [round(v + bias.get(g, 0), 4) for v in uniform(H, size=0.5)]
    w |= {"b_hh": uniform(H, size=0.5)} if more.get("reset") == "after" else {}
    m = {"cell": cell, **more, "inputs": 1, "hidden": H, "outputs": 1, "shape": "many-to-one"}
    m["weights"] = {"layers": [w], "head": {"W_hy": uniform(1, H), "b_y": uniform(1, size=0.3)}}
    return {"format": "unrolled/1", "model": m, "loss": "squared-error", "x": uniform(T, 1), "target": uniform(1, 1)}


def write(path):
    """Three of each cell, the first of those drawn about which there is no doubt."""
    cells = [("rnn", {"activation": "tanh"}, 0.4, {}), ("rnn", {"activation": "relu"}, 0.3, {"h": 1}),
             ("lstm", {}, 0.3, {"f": -5}), ("gru", {"reset": "before"}, 0.2, {"z": 5}),
             ("gru", {"reset": "after"}, 0.2, {"z": 5})]
    cases = []
    for cell, more, scale, bias in cells:
        drawn = (experiment(cell, more, 4, 700, seed, scale, bias) for seed in range(1, 100))
        sure = ({"experiment": e, "first": found} for e in drawn if all((found := first(e)).values()))
        cases += [next(sure) for _ in range(3)]
    text = json.dumps({"source": f"NumPy {np.__version__}, Python {sys.version.split()[0]}", "cases": cases})
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
