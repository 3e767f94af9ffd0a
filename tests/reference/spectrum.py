"""Singular values of products of Jacobians, eigenvalues, paths and saturation, by forward equations alone.

Jacobians are complex steps (see flow.py) in numbers of DIGITS digits, their products are multiplied out, and mpmath
decomposes them: what is 10^-120 of the largest has more than a hundred correct digits there, in f64 it would have none.
"""

import gzip
import json
import sys

import mpmath
import numpy as np
from mpmath import mp

import flow

DIGITS = 400
mp.dps = DIGITS
E = mp.mpf(10) ** -(DIGITS // 2)
# Smaller than this, relative to the largest entry of the product: an exact zero that was rounded.
ZERO = mp.mpf(10) ** -(DIGITS - 60)

exact = np.vectorize(mp.mpf, otypes=[object])
tanh = np.vectorize(mp.tanh, otypes=[object])
sigmoid = np.vectorize(lambda a: 1 / (1 + mp.exp(-a)), otypes=[object])
relu = np.vectorize(lambda a: a if mp.re(a) > 0 else a * 0, otypes=[object])


def normal(a, gain):
    mean = a.sum() / len(a)
    variance = ((a - mean) ** 2).sum() / len(a)
    return gain * (a - mean) / mp.sqrt(variance + mp.mpf(1e-5))


def step(m, w, x, s):
    """One step: the new state, and the gates."""
    H = m["hidden"]
    h = s[:H]
    gain = lambda g, a: normal(a, w[f"g_{g}"]) if m.get("layer_norm") else a
    if m["cell"] == "rnn":
        phi = tanh if m["activation"] == "tanh" else relu
        return phi(gain("h", w["W_xh"] @ x + w["W_hh"] @ h) + w["b_h"]), {}
    gate = lambda g, state: gain(g, w[f"W_{g}"] @ np.concatenate([state, x])) + w[f"b_{g}"]
    if m["cell"] == "lstm":
        gates = {g: sigmoid(gate(g, h)) for g in "fio"}
        C = gates["f"] * s[H:] + gates["i"] * tanh(gate("C", h))
        return np.concatenate([gates["o"] * tanh(C), C]), gates
    gates = {g: sigmoid(gate(g, h)) for g in "zr"}
    if m["reset"] == "before":
        new = tanh(gate("h", gates["r"] * h))
    else:
        new = tanh(gates["r"] * (w["W_h"][:, :H] @ h + w["b_hh"]) + w["W_h"][:, H:] @ x + w["b_h"])
    return (1 - gates["z"]) * h + gates["z"] * new, gates


def jacobian(m, w, x, s):
    columns = []
    for k in range(len(s)):
        moved = s.copy()
        moved[k] += mpmath.mpc(0, E)
        columns.append([mp.im(v) / E for v in step(m, w, x, moved)[0]])
    return mp.matrix(np.array(columns).T.tolist())


def decades(product):
    largest = max(abs(v) for v in product)
    if largest == 0:
        return []
    values = sorted(mp.svd_r(product, compute_uv=False), reverse=True)
    return [float(mp.log10(v)) for v in values if v > ZERO * largest]


def scaling(matrix):
    values = mp.eig(matrix, left=False, right=False)
    largest = max(mp.svd_r(matrix, compute_uv=False))
    pairs = sorted([[float(mp.re(v)), float(mp.im(v))] for v in values])
    return {"eigenvalues": pairs, "radius": float(max(abs(v) for v in values)), "largest": float(largest)}


def share(of, where):
    return float(np.mean([bool(where(v)) for v in of]))


def saturation(m, h, gates):
    """Shares of units; for each gate those shut and those open."""
    dead = m["cell"] == "rnn" and m["activation"] == "relu"
    state = share(h, (lambda v: v == 0) if dead else (lambda v: abs(v) > mp.mpf("0.97")))
    shut = {g: share(v, lambda v: v < mp.mpf("0.03")) for g, v in gates.items()}
    open_ = {g: share(v, lambda v: v > mp.mpf("0.97")) for g, v in gates.items()}
    return {"state": state, "shut": shut, "open": open_}


def paths(e, w, head):
    """∂L_T/∂C_t (GRU: ∂L_T/∂h_t), and the part of it with every gate and candidate held: norms per step."""
    m, H = e["model"], e["model"]["hidden"]
    start = np.concatenate([w.get("h_0", np.zeros(H))] + ([w.get("C_0", np.zeros(H))] if m["cell"] == "lstm" else []))
    f = {n: v.astype(complex) for n, v in w.items()}
    plain = lambda s, t: forward(m, f, np.array(e["x"][t]), s)
    states, s = [], start.astype(complex)
    for t in range(len(e["x"])):
        s, gates = plain(s, t)
        states.append((s, gates))
    result = {"direct": [], "gates": [], "total": []}
    for k in range(len(states)):
        sums = dict.fromkeys(result, 0.0)
        for unit in range(H):
            s = states[k][0].copy()
            if m["cell"] == "lstm":
                s[H + unit] += 1j * flow.E
                s[:H] = states[k][1]["o"] * np.tanh(s[H:])
            else:
                s[unit] += 1j * flow.E
            held, free = s, s.copy()
            for t in range(k + 1, len(states)):
                free = plain(free, t)[0]
                g, before = states[t][1], states[t - 1][0]
                if m["cell"] == "lstm":
                    C = states[t][0][H:] + g["f"] * (held[H:] - before[H:])
                    held = np.concatenate([g["o"] * np.tanh(C), C])
                else:
                    held = states[t][0] + (1 - g["z"]) * (held - before)
            direct, total = (flow.loss(e, head, s[:H], e["target"][-1]).imag / flow.E for s in (held, free))
            for name, value in (("direct", direct), ("gates", total - direct), ("total", total)):
                sums[name] += value**2
        for name, value in sums.items():
            result[name].append(float(np.sqrt(value)))
    return result


def forward(m, w, x, s):
    """`step` in double precision, by the functions of flow.py."""
    H = m["hidden"]
    h, C = flow.step(m, w, x, s[:H], s[H:])
    if m["cell"] == "lstm":
        gates = {g: flow.sigmoid(w[f"W_{g}"] @ np.concatenate([s[:H], x]) + w[f"b_{g}"]) for g in "fio"}
        return np.concatenate([h, C]), gates
    return h, {"z": flow.sigmoid(w["W_z"] @ np.concatenate([s[:H], x]) + w["b_z"])}


def spectrum(e):
    m = e["model"]
    plain, head = flow.arrays(m["weights"]["layers"][0]), flow.arrays(m["weights"]["head"])
    w = {n: exact(v) for n, v in plain.items()}
    H, T = m["hidden"], len(e["x"])
    s = w.get("h_0", exact(np.zeros(H)))
    if m["cell"] == "lstm":
        s = np.concatenate([s, w.get("C_0", exact(np.zeros(H)))])
    steps, saturated = [], []
    for x in e["x"]:
        steps.append(jacobian(m, w, exact(x), s))
        s, gates = step(m, w, exact(x), s)
        saturated.append(saturation(m, s[:H], gates))
    product, rows = mp.eye(len(s)), []
    for t in reversed(range(T)):
        rows.append(decades(product))
        product = product * steps[t]
    rows.reverse()
    largest = [row[0] for row in rows if row]
    result = {"decades": rows, "steps": [scaling(j) for j in steps], "saturation": saturated}
    # NumPy's own least squares, over T − t.
    u = [T - 1 - t for t, row in enumerate(rows) if row]
    result["rate"] = float(np.polyfit(u, largest, 1)[0])
    if m["cell"] == "rnn":
        result["recurrent"] = scaling(mp.matrix(plain["W_hh"].tolist()))
    else:
        result["paths"] = None if m.get("layer_norm") else paths(e, plain, head)
    return result


def write(path):
    tanh_, relu_, lstm = ("rnn", {"activation": "tanh"}), ("rnn", {"activation": "relu"}), ("lstm", {})
    before, after = ("gru", {"reset": "before"}), ("gru", {"reset": "after"})
    make = lambda cell, H, T, scale=1.0: flow.experiment(*cell, H, T, "squared-error", "many-to-one", scale)
    cases = [make(cell, 4, 12) for cell in (tanh_, relu_, lstm, before, after)]
    # Saturated gates and states; a hundred decades; ReLU with units that are off at every step.
    cases += [make(cell, 5, 20, 6.0) for cell in (tanh_, lstm, before)]
    cases += [make(tanh_, 6, 60, 0.3), make(lstm, 4, 40, 2.0), make(after, 6, 40), make(relu_, 8, 25, 2.0)]
    for cell in ("rnn", {"activation": "tanh"}), lstm, before:
        e = make((cell[0], {**cell[1], "layer_norm": True}), 4, 10)
        for g in flow.GATES[cell[0]]:
            e["model"]["weights"]["layers"][0][f"g_{g}"] = [0.8, 1.3, 0.9, 1.1]
        cases.append(e)
    pairs = [{"experiment": e, **spectrum(e)} for e in cases]
    source = f"mpmath {mpmath.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}"
    text = json.dumps({"source": source, "cases": pairs})
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
