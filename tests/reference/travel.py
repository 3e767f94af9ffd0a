"""Gradients that are clipped on their way back, and states that skip steps, by JAX.

The equations of the format, differentiated by JAX in f64. A clip is the identity forward; backward a custom rule bounds
what arrives, before it goes on to the state that it belongs to. Zeros are added to the states at two places, so that
JAX gives their gradients, too: to h_t as everything reads it, and to the copy of it that the next step reads. What a
later step reads of it is a copy of that copy.
"""

import functools
import gzip
import itertools
import json
import zlib

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

GATES = {"rnn": ["h"], "lstm": ["f", "i", "C", "o"], "gru": ["z", "r", "h"]}


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def clip(by, at, state):
    return state


def clip_back(by, at, _, g):
    if by == "value":
        return (jax.tree.map(lambda v: jnp.clip(v, -at, at), g),)
    length = jnp.sqrt(sum((v**2).sum() for v in jax.tree.leaves(g)))
    return (jax.tree.map(lambda v: v * jnp.minimum(1.0, at / length), g),)


clip.defvjp(lambda by, at, state: (state, None), clip_back)


def norm(m, w, a, gate):
    if m.get("layer_norm"):
        a = w[f"g_{gate}"] * (a - a.mean()) / jnp.sqrt(a.var() + 1e-5)
    return a + w[f"b_{gate}"]


def step(m, w, x, h, C, far=None):
    a = lambda gate, hx: norm(m, w, w[f"W_{gate}"] @ hx, gate)
    if m["cell"] == "rnn":
        phi = jax.nn.relu if m.get("activation") == "relu" else jnp.tanh
        skipped = w["W_skip"] @ far if far is not None else 0
        return phi(norm(m, w, w["W_xh"] @ x + w["W_hh"] @ h + skipped, "h")), C
    hx = jnp.concatenate([h, x])
    if m["cell"] == "lstm":
        f, i, o = (jax.nn.sigmoid(a(gate, hx)) for gate in "fio")
        C = f * C + i * jnp.tanh(a("C", hx))
        return o * jnp.tanh(C), C
    z, r = (jax.nn.sigmoid(a(gate, hx)) for gate in "zr")
    if m.get("reset") == "after":
        H = m["hidden"]
        candidate = r * (w["W_h"][:, :H] @ h + w["b_hh"]) + w["W_h"][:, H:] @ x + w["b_h"]
        return (1 - z) * h + z * jnp.tanh(candidate), C
    return (1 - z) * h + z * jnp.tanh(a("h", jnp.concatenate([r * h, x]))), C


def losses(e, given):
    """Loss of every output step, and all states; `given` is everything that a gradient is wanted of."""
    m = e["model"]
    rows, states = list(given["x"]), []
    per = 2 if m.get("bidirectional") else 1
    bound = m.get("clip_back")
    held = (lambda s: clip(bound["by"], bound["at"], s)) if bound else (lambda s: s)
    for first in range(0, len(given["layers"]), per):
        sides = []
        for number in range(first, first + per):
            w, entry = given["layers"][number], m["weights"]["layers"][number]
            order = range(len(rows))
            state, h_of = (w["h_0"], w["C_0"]), [None] * len(rows)
            copies, k = [w["h_0"]], m.get("skip")
            for t in order if entry["direction"] == "forward" else reversed(order):
                far = copies[-k] if k and len(copies) >= k else None
                h, C = step(m, w, rows[t], *held(state), far)
                h = h + w["h"][t]
                h_of[t], state = h, (h + w["h_from_future"][t], C)
                copies.append(state[0] + w["h_from_skip"][t] if k else state[0])
            sides.append(h_of)
            states.append(jnp.stack(h_of))
        rows = [jnp.concatenate(row) for row in zip(*sides)]
    if m["shape"] == "many-to-one":
        H = m["hidden"]
        rows = [jnp.concatenate([rows[-1][:H], rows[0][H:]])]
    y = jnp.stack(rows) @ given["head"]["W_hy"].T + given["head"]["b_y"]
    target = np.array(e["target"])
    if e["loss"] == "squared-error":
        loss_t = 0.5 * ((y - target) ** 2).sum(1)
    else:
        loss_t = -jax.nn.log_softmax(y)[jnp.arange(len(target)), target]
    return loss_t.sum(), (loss_t, y, states)


def trace(e):
    m = e["model"]
    H, T = m["hidden"], len(e["x"])
    layers = []
    for entry in m["weights"]["layers"]:
        w = {name: np.array(v, dtype=float) for name, v in entry.items() if name not in ["layer", "direction"]}
        w |= {name: np.zeros(H) for name in ["h_0", "C_0"] if name not in w}
        parts = ["h", "h_from_future"] + (["h_from_skip"] if m.get("skip") else [])
        layers.append(w | {name: np.zeros((T, H)) for name in parts})
    head = {name: np.array(v) for name, v in m["weights"]["head"].items()}
    given = {"x": np.array(e["x"]), "layers": layers, "head": head}
    g, (loss_t, y, states) = jax.grad(lambda given: losses(e, given), has_aux=True)(given)
    place = [{n: entry[n] for n in ["layer", "direction"]} for entry in m["weights"]["layers"]]
    if m["cell"] != "lstm":
        for of in g["layers"]:
            del of["C_0"]
    return {
        "format": "unrolled-trace/1",
        "layers": [p | {"h": h} for p, h in zip(place, states)],
        "y": y,
        "loss_t": loss_t,
        "loss": loss_t.sum(),
        "gradients": {"layers": [p | of for p, of in zip(place, g["layers"])], "head": g["head"], "x": g["x"]},
    }


def experiment(draw, cell, more, shape, loss, scale):
    H, D, O, T = 4, 2, 3, 9
    m = cell | {"inputs": D, "hidden": H, "outputs": O, "shape": shape} | more
    sides = ["forward", "backward"] if m.get("bidirectional") else ["forward"]
    layers = []
    for layer in range(1, m.get("layers", 1) + 1):
        for direction in sides:
            width = D if layer == 1 else H * len(sides)
            entry = {"layer": layer, "direction": direction}
            if m["cell"] == "rnn":
                entry |= {"W_xh": draw.normal(size=(H, width)), "W_hh": scale * draw.normal(size=(H, H)), "b_h": draw.normal(size=H)}
            else:
                entry |= {f"W_{g}": scale * draw.normal(size=(H, H + width)) for g in GATES[m["cell"]]}
                entry |= {f"b_{g}": draw.normal(size=H) for g in GATES[m["cell"]]}
            if m.get("reset") == "after":
                entry["b_hh"] = draw.normal(size=H)
            if m.get("layer_norm"):
                entry |= {f"g_{g}": 1 + 0.3 * draw.normal(size=H) for g in GATES[m["cell"]]}
            entry["h_0"] = draw.normal(size=H)
            if m.get("skip"):
                entry["W_skip"] = scale * draw.normal(size=(H, H))
            layers.append(entry)
    head = {"W_hy": draw.normal(size=(O, H * len(sides))), "b_y": draw.normal(size=O)}
    outputs = 1 if shape == "many-to-one" else T
    target = draw.normal(size=(outputs, O)) if loss == "squared-error" else draw.integers(O, size=outputs)
    m["weights"] = {"layers": layers, "head": head}
    return {"format": "unrolled/1", "model": m, "loss": loss, "x": draw.normal(size=(T, D)), "target": target}


CELLS = {
    "rnn-tanh": {"cell": "rnn", "activation": "tanh"},
    "rnn-relu": {"cell": "rnn", "activation": "relu"},
    "lstm": {"cell": "lstm"},
    "gru-before": {"cell": "gru", "reset": "before"},
    "gru-after": {"cell": "gru", "reset": "after"},
}


def cases():
    for (name, cell), by in itertools.product(CELLS.items(), ["norm", "value"]):
        draw = np.random.default_rng(zlib.crc32(f"{name}-{by}".encode()))
        bound = {"clip_back": {"by": by, "at": 0.4}}
        yield f"{name}-clip-{by}-se-m2m", experiment(draw, cell, bound, "many-to-many", "squared-error", 0.9)
        yield f"{name}-clip-{by}-ce-m2o", experiment(draw, cell, bound, "many-to-one", "cross-entropy", 0.8)
        deep = bound | {"layers": 2, "bidirectional": True}
        yield f"deep-{name}-clip-{by}-se-m2m", experiment(draw, cell, deep, "many-to-many", "squared-error", 0.9)
        if name != "gru-after":
            normal = bound | {"layer_norm": True}
            yield f"deep-{name}-clip-{by}-layer-norm-se-m2o", experiment(draw, cell, normal, "many-to-one", "squared-error", 0.9)


    for name in ["rnn-tanh", "rnn-relu"]:
        draw = np.random.default_rng(zlib.crc32(f"{name}-skip".encode()))
        some = [("m2m", "many-to-many", "se", {"skip": 3}), ("m2o", "many-to-one", "ce", {"skip": 2}), ("m2m", "many-to-many", "ce", {"skip": 9})]
        for short, shape, loss, more in some:
            kind = {"se": "squared-error", "ce": "cross-entropy"}[loss]
            yield f"{name}-skip-{more['skip']}-{loss}-{short}", experiment(draw, CELLS[name], more, shape, kind, 0.5)
        deep = {"skip": 2, "layers": 2, "bidirectional": True}
        yield f"deep-{name}-skip-2-se-m2m-stacked-both-ways", experiment(draw, CELLS[name], deep, "many-to-many", "squared-error", 0.5)
        normal = {"skip": 4, "layer_norm": True}
        yield f"deep-{name}-skip-4-se-m2o-layer-norm", experiment(draw, CELLS[name], normal, "many-to-one", "squared-error", 0.5)


def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value


def write(folder, word):
    """Those whose name has a word: `clip` or `skip`."""
    source = f"jax {jax.__version__}, numpy {np.__version__}"
    for name, made in cases():
        if f"-{word}-" not in name:
            continue
        e = json.loads(json.dumps(made, default=plain))
        pair = {"source": source, "experiment": e, "trace": trace(e)}
        text = json.dumps(pair, default=plain, separators=(",", ":")) + "\n"
        with open(folder / f"{name}.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
            file.write(text.encode())
