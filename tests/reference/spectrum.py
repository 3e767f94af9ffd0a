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


def paths(e, steps, start):
    """∂L_T/∂C_t (GRU: ∂L_T/∂h_t), and the part of it with every gate and candidate held: norms per step."""
    m, H = e["model"], e["model"]["hidden"]
    head = flow.arrays(m["weights"]["head"])
    steps = [(model, {n: v.astype(complex) for n, v in w.items()}, np.array(x, dtype=float)) for model, w, x in steps]
    plain = lambda s, t: forward(*steps[t], s)
    states, s = [], start.astype(complex)
    for t in range(len(steps)):
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


def begin(m, w):
    s = w.get("h_0", exact(np.zeros(m["hidden"])))
    return np.concatenate([s, w.get("C_0", exact(np.zeros(m["hidden"])))]) if m["cell"] == "lstm" else s


def listen(m, entries, x):
    """Layers that are given all that they read: per layer and direction what it reads and the states before each step
    and after the last, in the order in which it reads."""
    runs, rows, sides = [], [exact(row) for row in x], 2 if m.get("bidirectional") else 1
    for first in range(0, len(entries), sides):
        outputs = []
        for entry in entries[first : first + sides]:
            w = {n: exact(v) for n, v in flow.arrays(entry).items()}
            order = rows if entry["direction"] == "forward" else rows[::-1]
            states = [begin(m, w)]
            for row in order:
                states.append(step(m, w, row, states[-1])[0])
            runs.append({"model": m, "w": w, "read": order, "states": states})
            h = [s[: m["hidden"]] for s in states[1:]]
            outputs.append(h if entry["direction"] == "forward" else h[::-1])
        rows = [np.concatenate(parts) for parts in zip(*outputs)]
    return runs


def speak(e, m, entries, row, starts):
    """Layers that read their outputs, or the targets in their place: the same."""
    ws = [{n: exact(v) for n, v in flow.arrays(entry).items()} for entry in entries]
    head = {n: exact(v) for n, v in flow.arrays(e["model"]["weights"]["head"]).items()}
    runs = [{"model": m, "w": w, "read": [], "states": [start]} for w, start in zip(ws, starts)]
    for target in e["target"]:
        for run in runs:
            run["read"].append(row)
            run["states"].append(step(m, run["w"], row, run["states"][-1])[0])
            row = run["states"][-1][: m["hidden"]]
        y = head["W_hy"] @ row + head["b_y"]
        if e["loss"] == "cross-entropy":
            said = target if e.get("teaching", True) else max(range(len(y)), key=lambda k: y[k])
            row = exact(np.eye(len(y))[said])
        else:
            row = exact(target) if e.get("teaching", True) else y
    return runs


def beside(m, ends):
    """The state that a decoder's layer starts from: the last of each direction, h of all before C of all."""
    H = m["hidden"]
    return np.concatenate([end[:H] for end in ends] + [end[H:] for end in ends])


def along(e, sweep):
    """What one layer and direction runs through, and after it the decoder's layer."""
    m = e["model"]
    layers = m["weights"]["layers"]
    if m["shape"] == "one-to-many":
        starts = [begin(m, {n: exact(v) for n, v in flow.arrays(w).items()}) for w in layers]
        return [speak(e, m, layers, exact(e["x"][0]), starts)[sweep]], None
    runs = listen(m, layers, e["x"])
    if m["shape"] != "encoder-decoder":
        return [runs[sweep]], None
    sides = 2 if m.get("bidirectional") else 1
    ends = [[run["states"][-1] for run in runs[first : first + sides]] for first in range(0, len(runs), sides)]
    wide = {**m, "hidden": sides * m["hidden"]}
    starts = [beside(m, pair) for pair in ends]
    spoken = speak(e, wide, m["weights"]["decoder"], exact(np.zeros(m["outputs"])), starts)
    layer, side = divmod(sweep, sides)
    # The decoder's start as a function of this direction's last state.
    enter = lambda s: beside(m, [s if k == side else end for k, end in enumerate(ends[layer])])
    return [runs[sweep], spoken[layer]], enter


def derivative(of, s):
    columns = []
    for k in range(len(s)):
        moved = s.copy()
        moved[k] += mpmath.mpc(0, E)
        columns.append([mp.im(v) / E for v in of(moved)])
    return mp.matrix(np.array(columns).T.tolist())


def spectrum(e, sweep=0):
    m = e["model"]
    parts, enter = along(e, sweep)
    H, side = m["hidden"], sweep % 2 if m.get("bidirectional") else 0
    steps, factors, saturated, walked = [], [], [], []
    for number, part in enumerate(parts):
        model, w = part["model"], part["w"]
        for k, (x, s) in enumerate(zip(part["read"], part["states"])):
            own = jacobian(model, w, x, s)
            steps.append(own)
            over = number > 0 and k == 0
            last = parts[0]["states"][-1]
            factors.append(derivative(lambda s: step(model, w, x, enter(s))[0], last) if over else own)
            after, gates = step(model, w, x, s)
            mine = slice(side * H, side * H + H) if number > 0 else slice(0, H)
            saturated.append(saturation(m, after[mine], {g: v[mine] for g, v in gates.items()}))
            walked.append((model, {n: v.astype(float) for n, v in w.items()}, x))
    product, rows = mp.eye(len(parts[-1]["states"][0])), []
    for factor in reversed(factors):
        rows.append(decades(product))
        product = product * factor
    rows.reverse()
    largest = [row[0] for row in rows if row]
    result = {"decades": rows, "steps": [scaling(j) for j in steps], "saturation": saturated}
    # NumPy's own least squares, over T − t.
    u = [len(rows) - 1 - t for t, row in enumerate(rows) if row]
    result["rate"] = float(np.polyfit(u, largest, 1)[0])
    if m["cell"] == "rnn":
        result["recurrent"] = [scaling(mp.matrix(part["w"]["W_hh"].tolist())) for part in parts]
    else:
        simple = not m.get("layer_norm") and len(m["weights"]["layers"]) == 1 and e.get("teaching", True)
        result["paths"] = paths(e, walked, parts[0]["states"][0].astype(float)) if simple else None
    return result


def network(cell, more, H, T, kind, shape, outputs, teaching=True, scale=1.0):
    """An experiment with layers, directions or a decoder, which has `outputs` steps."""
    e = flow.experiment(cell, more, H, T, kind, shape, scale, D=3 if more.get("feedback") else 2)
    draw = np.random.default_rng(len(json.dumps(e)))
    uniform = lambda *s, size=1.0: np.vectorize(lambda v: float(f"{v:.4g}"))(draw.uniform(-size, size, s)).tolist()
    m = e["model"]
    sides = ["forward", "backward"] if m.get("bidirectional") else ["forward"]
    D, O = m["inputs"], m["outputs"]

    def layers(H, below, sides):
        for layer in range(1, m.get("layers", 1) + 1):
            for direction in sides:
                width = below if layer == 1 else H * len(sides)
                w = {"layer": layer, "direction": direction}
                for g in flow.GATES[cell]:
                    if cell == "rnn":
                        w |= {"W_xh": uniform(H, width), "W_hh": uniform(H, H, size=scale * (3 / H) ** 0.5)}
                    else:
                        w[f"W_{g}"] = uniform(H, H + width, size=scale * (3 / (H + width)) ** 0.5)
                    w[f"b_{g}"] = uniform(H, size=0.5)
                    w |= {f"g_{g}": (1 + np.array(uniform(H, size=0.3))).tolist()} if m.get("layer_norm") else {}
                w |= {"b_hh": uniform(H, size=0.5)} if more.get("reset") == "after" else {}
                yield w

    wide = H * len(sides)
    m["weights"] = {"layers": list(layers(H, D, sides)), "head": {"W_hy": uniform(O, wide), "b_y": uniform(O, size=0.3)}}
    if shape == "encoder-decoder":
        m["weights"]["decoder"] = list(layers(wide, O, ["forward"]))
    e["target"] = uniform(outputs, O) if kind == "squared-error" else draw.integers(0, O, outputs).tolist()
    e["x"] = uniform(1 if shape == "one-to-many" else T, D)
    return e if teaching else e | {"teaching": False}


def along_the_axis(tanh_, relu_, lstm, before, after):
    """Encoders with their decoders, told and free; what reads its own outputs; each with the layer and direction."""
    e2d = "encoder-decoder"
    both = lambda cell: (cell[0], {**cell[1], "bidirectional": True})
    deep = lambda cell: (cell[0], {**cell[1], "layers": 2})
    normal = lambda cell: (cell[0], {**cell[1], "layer_norm": True})
    for cell in tanh_, lstm, after:
        yield network(*cell, 4, 7, "squared-error", e2d, 5), 0
    for cell in relu_, before:
        yield network(*cell, 4, 7, "cross-entropy", e2d, 5), 0
    yield network(*lstm, 4, 6, "squared-error", e2d, 4, teaching=False), 0
    yield network(*before, 4, 6, "cross-entropy", e2d, 4, teaching=False), 0
    yield network(*normal(before), 4, 6, "squared-error", e2d, 4), 0
    # Many decades, over a border where half of the directions are left.
    yield network(*tanh_, 5, 30, "squared-error", e2d, 25, scale=0.4), 0
    yield network(*both(tanh_), 4, 20, "squared-error", e2d, 22, scale=0.6), 0
    yield network(*both(relu_), 4, 9, "squared-error", e2d, 9, scale=1.8), 1
    for sweep in range(2):
        yield network(*both(before), 3, 6, "squared-error", e2d, 5, scale=2.0), sweep
    for sweep in range(4):
        yield network(*deep(both(lstm)), 3, 5, "squared-error", e2d, 4, teaching=sweep % 2 == 0), sweep
    fed = (after[0], {**after[1], "layers": 2, "feedback": True})
    yield network(*fed, 4, 1, "squared-error", "one-to-many", 8, teaching=False), 1


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
    pairs += [{"experiment": e, "sweep": sweep, **spectrum(e, sweep)} for e, sweep in along_the_axis(tanh_, relu_, lstm, before, after)]
    source = f"mpmath {mpmath.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}"
    text = json.dumps({"source": source, "cases": pairs})
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
