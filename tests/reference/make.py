"""Makes the reference data: what PyTorch, Keras and ONNX say about an experiment file.

    python make.py            write data/*.json.gz, every case
    python make.py WORD...    only the cases whose name contains a WORD
    python make.py sunspots   write src/experiment/sunspots.csv
    python make.py clip       write those of data/ that are clipped on their way back (travel.py; JAX)
    python make.py skip       write those of data/ that skip steps (travel.py; JAX)
    python make.py underflow  write underflow.json.gz: where a gradient is first zero in f32, f64 (underflow.py; NumPy alone)
    python make.py flow       write flow.json.gz: every loss's gradient at every step (flow.py; NumPy alone)
    python make.py spectrum   write spectrum.json.gz: how steps and products of them scale (spectrum.py; mpmath)
    python make.py digits     write www/data/digits.txt
    python make.py ann        write data/ann-*.json.gz: the feed-forward network (ann.py; PyTorch)
    python make.py pytorch    write data/pytorch-*.json.gz: models of PyTorch through docs/from_pytorch.py (pytorch.py)
    python make.py adam       write adam.json.gz: steps of Adam (adam.py; PyTorch)
    python make.py update     write update.json.gz: one step, clipped and not (update.py; NumPy alone)

A case is recorded only after the frameworks agree about it (see `agree`), all in f64:

  restated  The equations of the file format, word for word, differentiated by PyTorch's autograd.
            Gives every field of a trace, gates and the split of the gradient included.
  torch     nn.RNN, nn.LSTM, nn.GRU: their own kernels, their own backward. (GRU: reset after only.)
  stepped   The same modules fed one step at a time, so that autograd shows the gradient of each state.
  keras     SimpleRNN, LSTM, GRU on TensorFlow, both kinds of reset.
  onnx      ONNX's reference evaluator, forward only. (It knows no relu.)

Numbers that a framework returns itself are recorded as it returned them; only what is hidden inside
a framework's cell (gates, gradients of states) comes from the restated equations.
"""

import gzip
import json
import math
import os
import pathlib
import sys
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

HERE = pathlib.Path(__file__).resolve().parent
DIGITS = HERE.parents[1] / "www" / "data" / "digits.txt"
SUNSPOTS = HERE.parents[1] / "src" / "experiment" / "sunspots.csv"


def write_sunspots():
    """The yearly sunspot numbers 1700-2008 (SIDC, Royal Observatory of Belgium; in statsmodels)."""
    from statsmodels.datasets import sunspots

    rows = sunspots.load_pandas().data.itertuples(index=False)
    text = "".join(f"{int(row.YEAR)},{row.SUNACTIVITY:g}\n" for row in rows)
    SUNSPOTS.parent.mkdir(parents=True, exist_ok=True)
    SUNSPOTS.write_text("year,sunspots\n" + text)


if sys.argv[1:] == ["sunspots"]:
    write_sunspots()
    sys.exit()

def write_digits():
    """The first 700 images of the UCI test set of handwritten digits, as scikit-learn carries them."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    marks = "0123456789abcdefg"
    head = DIGITS.read_text().split("\n0 ")[0].splitlines()
    lines = [line for line in head if line.startswith("#")]
    for image, digit in zip(digits.data[:700], digits.target):
        lines.append(f"{digit} " + "".join(marks[int(pixel)] for pixel in image))
    DIGITS.write_text("\n".join(lines) + "\n")


if sys.argv[1:] == ["digits"]:
    write_digits()
    sys.exit()

if sys.argv[1:] == ["ann"]:
    import ann

    ann.write(HERE / "data")
    sys.exit()

if sys.argv[1:] == ["pytorch"]:
    import pytorch

    pytorch.write(HERE / "data")
    sys.exit()

if sys.argv[1:] == ["adam"]:
    import adam

    adam.write(HERE / "adam.json.gz", HERE / "data")
    sys.exit()

if sys.argv[1:] == ["update"]:
    import update

    update.write(HERE / "update.json.gz")
    sys.exit()

if sys.argv[1:] in (["clip"], ["skip"]):
    import travel

    travel.write(HERE / "data", sys.argv[1])
    sys.exit()

if sys.argv[1:] == ["flow"]:
    import flow

    flow.write(HERE / "flow.json.gz")
    sys.exit()

if sys.argv[1:] == ["underflow"]:
    import underflow

    underflow.write(HERE / "underflow.json.gz")
    sys.exit()

if sys.argv[1:] == ["spectrum"]:
    import spectrum

    spectrum.write(HERE / "spectrum.json.gz")
    sys.exit()

import keras
import numpy as np
import onnx
import tensorflow as tf
import torch
from onnx.reference import ReferenceEvaluator

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
keras.config.set_floatx("float64")

# ---------------------------------------------------------------------------------------------
# Names and layouts

GATES = {"rnn": ["h"], "lstm": ["f", "i", "C", "o"], "gru": ["z", "r", "h"]}
STATES = {"rnn": [], "lstm": ["f", "i", "C_tilde", "o", "C"], "gru": ["z", "r", "h_tilde"]}


def after(m):
    return m["cell"] == "gru" and m.get("reset") == "after"


def parameters(m):
    """The trainable names of one entry of `weights.layers`, in the order of the format."""
    if m["cell"] == "rnn":
        names = ["W_xh", "W_hh", "b_h"]
    else:
        names = [f"W_{g}" for g in GATES[m["cell"]]] + [f"b_{g}" for g in GATES[m["cell"]]]
    if after(m):
        names.append("b_hh")
    if m.get("layer_norm"):
        names += [f"g_{g}" for g in GATES[m["cell"]]]
    return names


def directions(m):
    return ["forward", "backward"] if m.get("bidirectional") else ["forward"]


def width(m):
    return m["hidden"] * len(directions(m))


def reads_outputs(m):
    return bool(m.get("feedback")) or m["shape"] == "encoder-decoder"


def told(e):
    """The targets as a step reads them: rows, or classes as one-hot."""
    rows = np.array(e["target"], dtype=float) if e["loss"] == "squared-error" else np.eye(e["model"]["outputs"])[e["target"]]
    return rows.tolist()


def known(e):
    """Whether every input of every layer is known before it runs."""
    m = e["model"]
    return m["shape"] != "encoder-decoder" and (not reads_outputs(m) or e.get("teaching", True))


def padded(e):
    """The inputs, one row a step: a one-to-many model reads zeros after x_1, or its targets."""
    m, rows = e["model"], list(e["x"])
    if m["shape"] == "one-to-many":
        rows += told(e)[:-1] if m.get("feedback") else [[0.0] * m["inputs"]] * (len(e["target"]) - 1)
    return np.array(rows)


def decoder(m):
    """The decoder of a model, as a model: one direction, as wide as the encoder hands upward; it reads outputs."""
    layers = {"layers": m["weights"]["decoder"], "head": m["weights"]["head"]}
    return m | {"inputs": m["outputs"], "hidden": width(m), "bidirectional": False, "weights": layers}


def split(m, w):
    """(W_x, W_h, b) of one entry, the gates below each other as `GATES` lists them."""
    if m["cell"] == "rnn":
        return np.array(w["W_xh"]), np.array(w["W_hh"]), np.array(w["b_h"])
    h, gates = m["hidden"], GATES[m["cell"]]
    W = np.concatenate([np.array(w[f"W_{g}"]) for g in gates])
    return W[:, h:], W[:, :h], np.concatenate([np.array(w[f"b_{g}"]) for g in gates])


def joined(m, W_x, W_h, b):
    """The reverse of `split`."""
    if m["cell"] == "rnn":
        return {"W_xh": W_x, "W_hh": W_h, "b_h": b}
    h, gates = m["hidden"], GATES[m["cell"]]
    W = np.concatenate([W_h, W_x], axis=1)
    out = {f"W_{g}": W[k * h : (k + 1) * h] for k, g in enumerate(gates)}
    return out | {f"b_{g}": b[k * h : (k + 1) * h] for k, g in enumerate(gates)}


def reorder(m, array, theirs, sign=1.0):
    """Our gate order to `theirs` (a permutation of GATES), z times `sign`. On axis 0."""
    h, ours = m["hidden"], GATES[m["cell"]]
    part = {g: array[k * h : (k + 1) * h] * (sign if g == "z" else 1.0) for k, g in enumerate(ours)}
    return np.concatenate([part[g] for g in theirs])


def restore(m, array, theirs, sign=1.0):
    """The reverse of `reorder`."""
    h = m["hidden"]
    part = {g: array[k * h : (k + 1) * h] * (sign if g == "z" else 1.0) for k, g in enumerate(theirs)}
    return np.concatenate([part[g] for g in GATES[m["cell"]]])


# ---------------------------------------------------------------------------------------------
# The equations of the format, restated for PyTorch's autograd


def step(m, w, x, h, C):
    """One step of one cell: the new h and C, and the gates by name."""
    H = m["hidden"]

    def normed(a, gate):
        if not m.get("layer_norm"):
            return a + w[f"b_{gate}"]
        return torch.nn.functional.layer_norm(a, (H,), w[f"g_{gate}"], w[f"b_{gate}"], 1e-5)

    if m["cell"] == "rnn":
        phi = torch.relu if m.get("activation") == "relu" else torch.tanh
        return phi(normed(w["W_xh"] @ x + w["W_hh"] @ h, "h")), C, {}
    hx = torch.cat([h, x])
    if m["cell"] == "lstm":
        f = torch.sigmoid(normed(w["W_f"] @ hx, "f"))
        i = torch.sigmoid(normed(w["W_i"] @ hx, "i"))
        C_tilde = torch.tanh(normed(w["W_C"] @ hx, "C"))
        C = f * C + i * C_tilde
        o = torch.sigmoid(normed(w["W_o"] @ hx, "o"))
        return o * torch.tanh(C), C, {"f": f, "i": i, "C_tilde": C_tilde, "o": o, "C": C}
    z = torch.sigmoid(normed(w["W_z"] @ hx, "z"))
    r = torch.sigmoid(normed(w["W_r"] @ hx, "r"))
    if after(m):
        U, V = w["W_h"][:, :H], w["W_h"][:, H:]
        h_tilde = torch.tanh(r * (U @ h + w["b_hh"]) + V @ x + w["b_h"])
    else:
        h_tilde = torch.tanh(normed(w["W_h"] @ torch.cat([r * h, x]), "h"))
    return (1 - z) * h + z * h_tilde, C, {"z": z, "r": r, "h_tilde": h_tilde}


def losses(e, y):
    if e["loss"] == "squared-error":
        return 0.5 * ((y - torch.tensor(np.array(e["target"]))) ** 2).sum(1)
    return torch.nn.functional.cross_entropy(y, torch.tensor(e["target"]), reduction="none")


def outputs(m, rows):
    """Which of the top layer's rows are read out: halves of one row may stand at different t."""
    if m["shape"] != "many-to-one":
        return torch.stack(rows)
    H = m["hidden"]
    return torch.cat([rows[-1][:H], rows[0][H:]])[None]


def leaf(value):
    return torch.tensor(np.array(value, dtype=float), requires_grad=True)


def begin(m, T, starts=None):
    """A record for every layer and direction of a pass of T steps; a decoder is given what it starts from."""
    runs = []
    for k, entry in enumerate(m["weights"]["layers"]):
        start = starts[k] if starts else {n: leaf(entry.get(n, np.zeros(m["hidden"]))) for n in ["h_0", "C_0"]}
        run = {"entry": entry, "w": {name: leaf(entry[name]) for name in parameters(m)}, "start": start}
        run |= {name: [None] * T for name in ["h", "up", "on", "gates"]}
        runs.append(run | {"state": (start["h_0"], start["C_0"])})
    return runs


def advance(m, run, t, x):
    """One step of one layer and direction; what it hands upward."""
    h, C, gates = step(m, run["w"], x, *run["state"])
    # Two copies of h_t, so that autograd keeps the two ways apart by which the gradient reaches it:
    # up to the output or the next layer, and on in time.
    up, on = h.clone(), h.clone()
    run["h"][t], run["up"][t], run["on"][t], run["gates"][t] = h, up, on, gates
    for value in [h, up, on, *gates.values()]:
        value.retain_grad()
    run["state"] = on, C
    return up


def listen(m, runs, rows):
    """Layer by layer over a sequence that is known; the top layer's rows."""
    per = len(directions(m))
    for first in range(0, len(runs), per):
        below, rows = rows, [[] for _ in rows]
        for run in runs[first : first + per]:
            order = range(len(rows))
            for t in order if run["entry"]["direction"] == "forward" else reversed(order):
                rows[t].append(advance(m, run, t, below[t]))
        rows = [torch.cat(r) for r in rows]
    return rows


def heard(e, t, y):
    """What the next step reads, after step t said y."""
    if e.get("teaching", True):
        return leaf(told(e)[t])
    if e["loss"] == "squared-error":
        return y.clone()
    return leaf(np.eye(len(y))[int(y.argmax())])


def speak(e, m, runs, x, head):
    """Step by step through all layers and the head, reading what was said; all that was read, and y."""
    read, said = [], []
    for t in range(len(e["target"])):
        read.append(x)
        for run in runs:
            x = advance(m, run, t, x)
        said.append(head["W_hy"] @ x + head["b_y"])
        x = heard(e, t, said[-1])
    return read, torch.stack(said)


def ends(m, runs):
    """What a decoder starts from: each layer's last states, its directions side by side."""
    per = len(directions(m))
    layers = [runs[first : first + per] for first in range(0, len(runs), per)]
    starts = [{n: torch.cat([run["state"][k] for run in layer]) for k, n in enumerate(["h_0", "C_0"])} for layer in layers]
    for start in starts:
        for n in ["h_0", "C_0"] if m["cell"] == "lstm" else ["h_0"]:
            start[n].retain_grad()
    return starts


def restated(e):
    m = e["model"]
    x = leaf(e["x"])
    head = {name: leaf(m["weights"]["head"][name]) for name in ["W_hy", "b_y"]}
    runs, spoken, read = begin(m, len(padded(e)) if known(e) else len(e["target"])), [], []
    if known(e):
        read = list(x) + [leaf(row) for row in padded(e)[len(x) :]]
        y = outputs(m, listen(m, runs, read)) @ head["W_hy"].T + head["b_y"]
    elif m["shape"] == "one-to-many":
        read, y = speak(e, m, runs, x[0], head)
    else:
        runs = begin(m, len(x))
        listen(m, runs, list(x))
        spoken = begin(decoder(m), len(e["target"]), ends(m, runs))
        read, y = speak(e, decoder(m), spoken, leaf(np.zeros(m["outputs"])), head)
    for row in read:
        row.retain_grad()
    loss_t = losses(e, y)
    loss_t.sum().backward()

    grad = lambda value: np.zeros(value.shape) if value.grad is None else value.grad.numpy()
    many = lambda values, of: np.stack([of(value) for value in values])
    value = lambda v: v.detach().numpy()
    trace = {"format": "unrolled-trace/1", "layers": [], "y": value(y), "loss_t": value(loss_t)}
    trace["loss"] = loss_t.sum().item()
    trace["gradients"] = {"layers": [], "head": {n: grad(v) for n, v in head.items()}, "x": grad(x)}
    for part in ["layers", "decoder"] if spoken else ["layers"]:
        trace[part], trace["gradients"][part] = [], []
        for run in runs if part == "layers" else spoken:
            place = {n: run["entry"][n] for n in ["layer", "direction"]}
            states = {n: many([g[n] for g in run["gates"]], value) for n in STATES[m["cell"]]}
            trace[part].append(place | {"h": many(run["h"], value)} | states)
            g = {"h": many(run["h"], grad), "h_from_loss": many(run["up"], grad)}
            g["h_from_future"] = many(run["on"], grad)
            if m["cell"] == "lstm":
                g["C"] = many([gates["C"] for gates in run["gates"]], grad)
            g |= {n: grad(v) for n, v in run["w"].items()}
            starts = [n for n in run["start"] if n in run["entry"] or run["start"][n].retains_grad]
            trace["gradients"][part].append(place | g | {n: grad(run["start"][n]) for n in starts})
    if m["shape"] in ["one-to-many", "encoder-decoder"]:
        trace["read"], trace["gradients"]["read"] = many(read, value), many(read, grad)
    return trace


# ---------------------------------------------------------------------------------------------
# PyTorch's modules

TORCH = {"rnn": ["h"], "lstm": ["i", "f", "C", "o"], "gru": ["r", "z", "h"]}


def torch_module(m):
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[m["cell"]]
    more = {"nonlinearity": m.get("activation", "tanh")} if m["cell"] == "rnn" else {}
    bidirectional = bool(m.get("bidirectional"))
    net = kind(m["inputs"], m["hidden"], m.get("layers", 1), bidirectional=bidirectional, **more)
    net.double()
    with torch.no_grad():
        for w in m["weights"]["layers"]:
            W_x, W_h, b = (reorder(m, a, TORCH[m["cell"]], -1.0) for a in split(m, w))
            end = suffix(w)
            getattr(net, f"weight_ih_{end}").copy_(torch.tensor(W_x))
            getattr(net, f"weight_hh_{end}").copy_(torch.tensor(W_h))
            getattr(net, f"bias_ih_{end}").copy_(torch.tensor(b))
            getattr(net, f"bias_hh_{end}").zero_()
            if after(m):
                getattr(net, f"bias_hh_{end}")[2 * m["hidden"] :] = torch.tensor(w["b_hh"])
    return net


def suffix(w):
    return f"l{w['layer'] - 1}" + ("_reverse" if w["direction"] == "backward" else "")


def torch_start(m):
    start = {}
    for n in ["h_0", "C_0"] if m["cell"] == "lstm" else ["h_0"]:
        rows = [w.get(n, [0.0] * m["hidden"]) for w in m["weights"]["layers"]]
        start[n] = torch.tensor(rows, dtype=torch.float64)[:, None].requires_grad_()
    return start


def torch_state(m, values):
    return tuple(values) if m["cell"] == "lstm" else values[0]


def torch_can(m):
    return (m["cell"] != "gru" or after(m)) and not m.get("layer_norm")


def torch_gradients(m, net, start, given=False):
    layers = []
    for k, w in enumerate(m["weights"]["layers"]):
        end = suffix(w)
        theirs = [getattr(net, f"{n}_{end}").grad.numpy() for n in ["weight_ih", "weight_hh", "bias_ih"]]
        g = joined(m, *(restore(m, a, TORCH[m["cell"]], -1.0) for a in theirs))
        if after(m):
            g["b_hh"] = getattr(net, f"bias_hh_{end}").grad.numpy()[2 * m["hidden"] :]
        g |= {n: v.grad.numpy()[k, 0] for n, v in start.items() if given or n in w}
        layers.append(g)
    return layers


def torch_head(m):
    head = torch.nn.Linear(width(m), m["outputs"]).double()
    with torch.no_grad():
        head.weight.copy_(torch.tensor(m["weights"]["head"]["W_hy"]))
        head.bias.copy_(torch.tensor(m["weights"]["head"]["b_y"]))
    return head


def torch_says(e):
    m = e["model"]
    if not known(e) or not torch_can(m):
        return None
    net, head, start = torch_module(m), torch_head(m), torch_start(m)
    x = torch.tensor(padded(e), requires_grad=True)
    top, _ = net(x[:, None], torch_state(m, list(start.values())))
    top.retain_grad()
    y = head(outputs(m, list(top[:, 0])))
    loss_t = losses(e, y)
    loss_t.sum().backward()
    H, said = m["hidden"], {"layers": {}}
    said |= {"y": y.detach().numpy(), "loss_t": loss_t.detach().numpy(), "loss": loss_t.sum().item()}
    said["gradients"] = {"layers": dict(enumerate(torch_gradients(m, net, start)))}
    said["gradients"]["head"] = {"W_hy": head.weight.grad.numpy(), "b_y": head.bias.grad.numpy()}
    said["gradients"]["x"] = x.grad.numpy()[: len(e["x"])]
    last = len(m["weights"]["layers"]) - len(directions(m))
    for d in range(len(directions(m))):
        columns = slice(d * H, (d + 1) * H)
        said["layers"][last + d] = {"h": top.detach().numpy()[:, 0, columns]}
        said["gradients"]["layers"][last + d]["h_from_loss"] = top.grad.numpy()[:, 0, columns]
    return said


def stepped_says(e):
    """The module again, one call a step: h_t leaves it twice, as output and as state."""
    m = e["model"]
    if not known(e) or not torch_can(m) or width(m) != m["hidden"]:
        return None
    net, head, start = torch_module(m), torch_head(m), torch_start(m)
    ups, states, state = [], [], list(start.values())
    for x in torch.tensor(padded(e)):
        up, state = net(x[None, None], torch_state(m, state))
        state = list(state) if m["cell"] == "lstm" else [state]
        for value in [up, *state]:
            value.retain_grad()
        ups.append(up)
        states.append(state)
    losses(e, head(outputs(m, [up[0, 0] for up in ups]))).sum().backward()
    grad = lambda v: np.zeros(v.shape) if v.grad is None else v.grad.numpy()
    said = {"layers": {}, "gradients": {"layers": {}}}
    L = m.get("layers", 1)
    for k in range(L):
        g = {"h_from_future": np.stack([grad(s[0])[k, 0] for s in states])}
        if k == L - 1:
            g["h_from_loss"] = np.stack([grad(u)[0, 0] for u in ups])
            g["h"] = g["h_from_loss"] + g["h_from_future"]
        said["gradients"]["layers"][k] = g
        said["layers"][k] = {"h": np.stack([s[0].detach().numpy()[k, 0] for s in states])}
        if m["cell"] == "lstm":
            said["layers"][k]["C"] = np.stack([s[1].detach().numpy()[k, 0] for s in states])
    return said


def spoken_says(e):
    """The modules where outputs are read again, one call a step: alone, or begun by an encoder's last states."""
    m = e["model"]
    if not reads_outputs(m) or not torch_can(m):
        return None
    net, head, start = torch_module(m), torch_head(m), torch_start(m)
    x = torch.tensor(e["x"], dtype=torch.float64, requires_grad=True)
    states, read, said = list(start.values()), x[0], {"gradients": {}}
    speaker, voice, part = m, net, "layers"
    if m["shape"] == "encoder-decoder":
        _, last = net(x[:, None], torch_state(m, states))
        last = last if m["cell"] == "lstm" else [last]
        # Layers times directions, 1, H: to layers, 1, directions times H.
        states = [s.reshape(m.get("layers", 1), 1, width(m)) for s in last]
        for state in states:
            state.retain_grad()
        speaker, part, read = decoder(m), "decoder", torch.zeros(m["outputs"])
        voice, begun = torch_module(speaker), dict(zip(["h_0", "C_0"], states))
    ups, ys = [], []
    for t in range(len(e["target"])):
        up, states = voice(read[None, None], torch_state(speaker, states))
        states = states if m["cell"] == "lstm" else [states]
        ups.append(up[0, 0])
        ys.append(head(ups[-1]))
        read = heard(e, t, ys[-1])
    y = torch.stack(ys)
    loss_t = losses(e, y)
    loss_t.sum().backward()
    said |= {"y": y.detach().numpy(), "loss_t": loss_t.detach().numpy(), "loss": loss_t.sum().item()}
    said["gradients"] = {"layers": dict(enumerate(torch_gradients(m, net, start))), "x": x.grad.numpy()}
    if part == "decoder":
        said["gradients"]["decoder"] = dict(enumerate(torch_gradients(speaker, voice, begun, given=True)))
    said["gradients"]["head"] = {"W_hy": head.weight.grad.numpy(), "b_y": head.bias.grad.numpy()}
    said[part] = {speaker.get("layers", 1) - 1: {"h": torch.stack(ups).detach().numpy()}}
    return said


# ---------------------------------------------------------------------------------------------
# Keras on TensorFlow

KERAS = {"rnn": ["h"], "lstm": ["i", "f", "C", "o"], "gru": ["z", "r", "h"]}


def keras_layer(m, w, D, **more):
    """Keras' layer with these weights, for sequences of D numbers."""
    H, L = m["hidden"], keras.layers
    args = {"return_sequences": True, "go_backwards": w["direction"] == "backward", **more}
    W_x, W_h, b = (reorder(m, a, KERAS[m["cell"]], -1.0) for a in split(m, w))
    if m["cell"] == "rnn":
        layer = L.SimpleRNN(H, activation=m.get("activation", "tanh"), **args)
    elif m["cell"] == "lstm":
        layer = L.LSTM(H, **args)
    else:
        layer = L.GRU(H, reset_after=after(m), **args)
    if after(m):
        b = np.stack([b, np.concatenate([np.zeros(2 * H), w["b_hh"]])])
    layer.build((1, None, D))
    layer.set_weights([W_x.T, W_h.T, b])
    return layer


def keras_gradients(m, W_x, W_h, b):
    H = m["hidden"]
    more = {"b_hh": b[1][2 * H :]} if after(m) else {}
    parts = [W_x.T, W_h.T, b[0] if after(m) else b]
    return joined(m, *(restore(m, a, KERAS[m["cell"]], -1.0) for a in parts)) | more


def keras_loss(e, y):
    if e["loss"] == "squared-error":
        return 0.5 * tf.reduce_sum((y - np.array(e["target"])) ** 2, 1)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(np.array(e["target"]), y)


def keras_says(e):
    m = e["model"]
    if not known(e) or m.get("layer_norm"):
        return None
    H = m["hidden"]
    x = tf.constant(padded(e)[None])
    W_hy = tf.constant(np.array(m["weights"]["head"]["W_hy"]))
    b_y = tf.constant(np.array(m["weights"]["head"]["b_y"]))
    hs, made = [], []
    with tf.GradientTape() as tape:
        for value in [x, W_hy, b_y]:
            tape.watch(value)
        below, halves = x, []
        for w in m["weights"]["layers"]:
            layer = keras_layer(m, w, below.shape[2])
            start = {n: tf.constant(np.array([w.get(n, np.zeros(H))])) for n in ["h_0", "C_0"]}
            state = list(start.values())[: 2 if m["cell"] == "lstm" else 1]
            for value in [*state, *layer.trainable_variables]:
                tape.watch(value.value if hasattr(value, "value") else value)
            h = layer(below, initial_state=state)
            if w["direction"] == "backward":
                h = tf.reverse(h, [1])
            hs.append(h)
            made.append((layer, start))
            halves.append(h)
            if len(halves) == len(directions(m)):
                below, halves = tf.concat(halves, 2), []
        top = below[0]
        if m["shape"] == "many-to-one":
            top = tf.concat([top[-1:, :H], top[:1, H:]], 1)
        y = top @ tf.transpose(W_hy) + b_y
        loss_t = keras_loss(e, y)
        loss = tf.reduce_sum(loss_t)
    wanted = {"x": x, "W_hy": W_hy, "b_y": b_y}
    for k, (layer, start) in enumerate(made):
        wanted |= {(k, j): v.value for j, v in enumerate(layer.trainable_variables)}
        wanted |= {(k, n): start[n] for n in start if n in m["weights"]["layers"][k]}
    found = tape.gradient(loss, list(wanted.values()))
    got = {n: None if v is None else v.numpy() for n, v in zip(wanted, found)}
    said = {"y": y.numpy(), "loss_t": loss_t.numpy(), "loss": loss.numpy()}
    said["layers"] = {k: {"h": h.numpy()[0]} for k, h in enumerate(hs)}
    said["gradients"] = {"head": {n: got[n] for n in ["W_hy", "b_y"]}, "x": got["x"][0][: len(e["x"])]}
    said["gradients"]["layers"] = {}
    for k, w in enumerate(m["weights"]["layers"]):
        g = keras_gradients(m, *(got[k, j] for j in range(3)))
        g |= {n: got[k, n][0] for n in ["h_0", "C_0"] if n in w}
        said["gradients"]["layers"][k] = g
    return said


def keras_spoken_says(e):
    """As `spoken_says`: Keras' layers, one call a step where outputs are read again."""
    m = e["model"]
    if not reads_outputs(m) or m.get("layer_norm"):
        return None
    names = ["h_0", "C_0"] if m["cell"] == "lstm" else ["h_0"]
    stack = lambda m: [keras_layer(m, w, m["inputs"] if w["layer"] == 1 else width(m), return_state=True) for w in m["weights"]["layers"]]
    starts = [{n: tf.constant(np.array([w.get(n, np.zeros(m["hidden"]))])) for n in names} for w in m["weights"]["layers"]]
    x, nets = tf.constant(np.array(e["x"])[None]), {"layers": stack(m)}
    head = {n: tf.constant(np.array(v)) for n, v in m["weights"]["head"].items()}
    speaker, part, per = m, "layers", len(directions(m))
    with tf.GradientTape() as tape:
        for value in [x, *head.values(), *(v for start in starts for v in start.values())]:
            tape.watch(value)
        states, read = [list(start.values()) for start in starts], x[:, 0]
        if m["shape"] == "encoder-decoder":
            speaker, part, below, ends = decoder(m), "decoder", x, []
            nets["decoder"] = stack(speaker)
            for first in range(0, len(states), per):
                said = [net(below, initial_state=state) for net, state in list(zip(nets["layers"], states))[first : first + per]]
                rows = [tf.reverse(s[0], [1]) if k else s[0] for k, s in enumerate(said)]
                below = tf.concat(rows, 2)
                ends.append([tf.concat([s[1 + n] for s in said], 1) for n in range(len(names))])
            states, read = ends, tf.zeros((1, m["outputs"]), tf.float64)
        ys = []
        for t in range(len(e["target"])):
            for k, net in enumerate(nets[part]):
                up, *states[k] = net(read[:, None], initial_state=states[k])
                read = up[:, 0]
            ys.append(read @ tf.transpose(head["W_hy"]) + head["b_y"])
            if e.get("teaching", True):
                read = tf.constant(np.array([told(e)[t]], dtype=float))
            elif e["loss"] == "squared-error":
                read = ys[-1]
            else:
                read = tf.one_hot(tf.argmax(ys[-1], 1), m["outputs"], dtype=tf.float64)
        y = tf.concat(ys, 0)
        loss_t = keras_loss(e, y)
        loss = tf.reduce_sum(loss_t)
    wanted = {("x", 0, 0): x} | {("head", n, 0): v for n, v in head.items()}
    wanted |= {(p, k, j): v.value for p in nets for k, net in enumerate(nets[p]) for j, v in enumerate(net.trainable_variables)}
    wanted |= {("start", k, n): start[n] for k, start in enumerate(starts) for n in start}
    found = tape.gradient(loss, list(wanted.values()))
    got = {n: np.zeros(w.shape) if v is None else v.numpy() for (n, w), v in zip(wanted.items(), found)}
    said = {"y": y.numpy(), "loss_t": loss_t.numpy(), "loss": loss.numpy()}
    said["gradients"] = {"head": {n: got["head", n, 0] for n in head}, "x": got["x", 0, 0][0]}
    for p, model in {"layers": m, part: speaker}.items():
        said["gradients"][p] = {k: keras_gradients(model, *(got[p, k, j] for j in range(3))) for k in range(len(nets[p]))}
    for k, w in enumerate(m["weights"]["layers"]):
        said["gradients"]["layers"][k] |= {n: got["start", k, n][0] for n in names if n in w}
    return said


# ---------------------------------------------------------------------------------------------
# ONNX's reference evaluator

ONNX = {"rnn": ["h"], "lstm": ["i", "o", "f", "C"], "gru": ["z", "r", "h"]}


def onnx_says(e):
    m = e["model"]
    if not known(e) or m.get("layer_norm") or m.get("activation") == "relu":
        return None
    H, cell, x = m["hidden"], m["cell"], padded(e)[:, None]
    states = ["initial_h", "initial_c"] if cell == "lstm" else ["initial_h"]
    names = ["X", "W", "R", "B", "", *states]
    attributes = {"hidden_size": H, "direction": "bidirectional" if m.get("bidirectional") else "forward"}
    if cell == "gru":
        attributes["linear_before_reset"] = int(after(m))
    node = onnx.helper.make_node(cell.upper(), names, ["Y", "Y_h"], **attributes)
    info = lambda n: onnx.helper.make_tensor_value_info(n, onnx.TensorProto.DOUBLE, None)
    graph = onnx.helper.make_graph([node], cell, [info(n) for n in names if n], [info("Y"), info("Y_h")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)])
    run, said, per = ReferenceEvaluator(model), {"layers": {}}, len(directions(m))
    for first in range(0, len(m["weights"]["layers"]), per):
        ws = m["weights"]["layers"][first : first + per]
        parts = [[reorder(m, a, ONNX[cell], -1.0) for a in split(m, w)] for w in ws]
        recurrent = [np.concatenate([np.zeros(2 * H), w["b_hh"]]) if after(m) else 0 * p[2] for w, p in zip(ws, parts)]
        feed = {"X": x, "W": np.stack([p[0] for p in parts]), "R": np.stack([p[1] for p in parts])}
        feed["B"] = np.stack([np.concatenate([p[2], r]) for p, r in zip(parts, recurrent)])
        for name, ours in zip(states, ["h_0", "C_0"]):
            feed[name] = np.array([[w.get(ours, np.zeros(H))] for w in ws], dtype=float)
        Y = run.run(["Y"], feed)[0]
        assert Y.dtype == np.float64 and Y.shape == (len(x), per, 1, H), (Y.dtype, Y.shape)
        said["layers"] |= {first + d: {"h": Y[:, d, 0]} for d in range(per)}
        x = np.concatenate([Y[:, d] for d in range(per)], axis=2)
    return said


# ---------------------------------------------------------------------------------------------
# Agreement


def agree(place, ours, theirs, who, saturated):
    """Every number that `theirs` has, against `ours`: to 1e-12 of the largest number in its row, and
    one by one to a tenth of what tests/reference.rs allows."""
    if isinstance(theirs, dict):
        for name, value in theirs.items():
            agree(f"{place}.{name}", ours[name], value, who, saturated)
        return
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert a.shape == b.shape, f"{place}: {a.shape}, {who} {b.shape}"
    finite = np.isfinite(b)
    assert np.array_equal(a[~finite], b[~finite], equal_nan=True), f"{place}: {who} overflows elsewhere"
    a, b = np.where(finite, a, 0), np.where(finite, b, 0)
    if saturated:
        # Near an update gate of 1 the rounding of 1 - z is all that is left of its derivative.
        # The frameworks' z is our 1 - z, so they lose it where we do not, and the reverse.
        a, b = (np.where(np.abs(a - b) < 1e-16, 0, v) for v in [a, b])
    assert ((a == 0) == (b == 0)).all(), f"{place}: {who} has other zeros"
    size = np.maximum(np.abs(a), np.abs(b))
    most = size.max(axis=-1, keepdims=True) if size.ndim else size
    for limit, floor in [(1e-12, 1), (1e-11, 1e-3)]:
        miss = np.abs(a - b) / np.maximum(np.maximum(size, floor * most), 1e-300)
        assert miss.max() <= limit, f"{place}: {who} differs by {miss.max():.1e} (floor {floor})"


def overlay(trace, said):
    """Records the numbers of a framework in place of the restated ones."""
    for name, value in said.items():
        if isinstance(value, dict):
            overlay(trace[name], value)
        else:
            trace[name] = value


def plain(value):
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        value = float(value)
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def record(name, e, saturated):
    trace = restated(e)
    said = {"torch.nn": torch_says(e), "torch.nn, stepped": stepped_says(e)}
    said |= {"torch.nn, spoken": spoken_says(e), "keras": keras_says(e)}
    said |= {"keras, spoken": keras_spoken_says(e), "onnx": onnx_says(e)}
    said = {who: what for who, what in said.items() if what is not None}
    for who, what in said.items():
        agree(name, trace, what, who, saturated)
    first = next((who for who in ["torch.nn", "torch.nn, spoken", "keras", "keras, spoken"] if who in said), None)
    recorded = first if first and not saturated else "torch autograd"
    if recorded in said:
        overlay(trace, said[recorded])
    source = {"recorded": recorded, "agree": ["torch autograd", *said]}
    source |= {"torch": torch.__version__, "keras": keras.__version__}
    source |= {"tensorflow": tf.__version__, "onnx": onnx.__version__, "numpy": np.__version__}
    text = json.dumps(plain({"source": source, "experiment": e, "trace": trace}), separators=(",", ":"))
    (HERE / "data" / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{name}: {recorded}, agreed by {len(said)}")


# ---------------------------------------------------------------------------------------------
# Cases

SHORT = {"m2m": "many-to-many", "m2o": "many-to-one", "o2o": "one-to-one", "o2m": "one-to-many"}
SHORT |= {"e2d": "encoder-decoder"}
SHORT |= {"se": "squared-error", "ce": "cross-entropy"}
CELLS = {
    "rnn-tanh": {"cell": "rnn", "activation": "tanh"},
    "rnn-relu": {"cell": "rnn", "activation": "relu"},
    "lstm": {"cell": "lstm"},
    "gru-before": {"cell": "gru", "reset": "before"},
    "gru-after": {"cell": "gru", "reset": "after"},
}


def case(cell, H, T, loss, shape, *, D=2, O=3, scale=1.0, bias=None, radius=None, start=False,
         layers=1, bidirectional=False, layer_norm=False, note="", prefix="", positive=False,
         feedback=False, teaching=True, said=None):
    """Draws one experiment and records it. `scale` 1 keeps the size of a signal about as it is;
    `radius` fixes the spectral radius of W_hh; `bias` maps a gate to the middle of its bias; `said` is
    the number of a decoder's steps."""
    start_name = "-h0" if start else ""
    name = f"{prefix}{cell}-h{H}-t{T}-{loss}-{shape}{start_name}{'-' + note if note else ''}"
    if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
        return
    draw = np.random.default_rng(zlib.crc32(name.encode()))
    # Few digits keep the files small; they are exact decimals to every reader.
    digits = lambda a: np.array([float(f"{v:.4g}") for v in np.ravel(a)]).reshape(np.shape(a))
    uniform = lambda *s, size=1.0: digits(draw.uniform(0 if positive else -size, size, s))
    m = {**CELLS[cell], "inputs": D, "hidden": H, "outputs": O, "shape": SHORT[shape]}
    m |= {"layers": layers} if layers > 1 else {}
    m |= {"bidirectional": True} if bidirectional else {}
    m |= {"layer_norm": True} if layer_norm else {}
    m |= {"feedback": True} if feedback else {}

    def entry(m, layer, direction, start):
        H, below = m["hidden"], m["inputs"] if layer == 1 else width(m)
        w = {"layer": layer, "direction": direction}
        for n in parameters(m):
            if n == "W_hh" and radius:
                W = uniform(H, H)
                w[n] = digits(W * radius / np.abs(np.linalg.eigvals(W)).max())
            elif n in ["W_xh", "W_hh"]:
                columns = below if n == "W_xh" else H
                w[n] = uniform(H, columns, size=scale * math.sqrt(3 / columns))
            elif n.startswith("W"):
                w[n] = uniform(H, H + below, size=scale * math.sqrt(3 / (H + below)))
            elif n.startswith("g"):
                w[n] = digits(1 + uniform(H, size=0.3))
            else:
                w[n] = digits(uniform(H, size=0.3) + (bias or {}).get(n[2:], 0.0))
        if start:
            w |= {n: uniform(H) for n in (["h_0", "C_0"] if cell == "lstm" else ["h_0"])}
        return w

    entries = lambda m, start: [entry(m, n + 1, d, start) for n in range(layers) for d in directions(m)]
    m["weights"] = {"layers": entries(m, start)}
    if shape == "e2d":
        m["weights"] |= {"decoder": [], "head": {}}
        m["weights"]["decoder"] = entries(decoder(m), False)
    m["weights"]["head"] = {"W_hy": uniform(O, width(m), size=math.sqrt(3 / width(m))), "b_y": uniform(O, size=0.3)}
    rows, read = said or (1 if shape in ["m2o", "o2o"] else T), 1 if shape in ["o2o", "o2m"] else T
    target = uniform(rows, O) if loss == "se" else draw.integers(0, O, rows).tolist()
    e = {"format": "unrolled/1", "precision": "f64", "model": m, "loss": SHORT[loss]}
    e |= {} if teaching else {"teaching": False}
    try:
        record(name, plain(e | {"x": uniform(read, D), "target": target}), note == "saturated")
    except AssertionError as disagreement:
        disagreements.append(str(disagreement))
        print(disagreement)


def one_layer():
    """One layer, one direction: every cell, shape, loss; from 1x1 to 64 wide, 1 to 120 long."""
    for cell in CELLS:
        case(cell, 1, 1, "se", "m2o", D=1, O=1)
        case(cell, 1, 6, "ce", "m2m", D=1, O=2, start=True)
        case(cell, 3, 7, "se", "m2m")
        case(cell, 3, 7, "ce", "m2o", D=4, O=5)
        case(cell, 8, 20, "ce", "m2m", D=5)
        case(cell, 8, 20, "se", "m2o", start=True)
        case(cell, 5, 100, "se", "m2m", D=1, O=1, scale=0.7)
        case(cell, 64, 10, "ce", "m2m", D=8, O=10)
        # The gradient that reaches step 1 is many orders of magnitude smaller than at step T.
        case(cell, 4, 120, "se", "m2o", scale=0.25, note="vanishing")
        case(cell, 64, 12, "se", "m2o", D=3, scale=0.3, start=True, note="vanishing")
    # Growing: a linear regime for relu, short strong ones for cells that saturate.
    case("rnn-relu", 6, 100, "se", "m2m", radius=1.6, positive=True, note="exploding")
    case("rnn-relu", 6, 60, "ce", "m2o", radius=1.6, start=True, note="exploding")
    case("rnn-relu", 1, 120, "se", "m2o", D=1, O=1, radius=3.0, positive=True, start=True, note="exploding")
    case("rnn-relu", 1, 120, "se", "m2m", D=1, O=1, radius=900.0, positive=True, start=True, note="overflowing")
    case("rnn-tanh", 6, 12, "se", "m2m", scale=2.0, note="exploding")
    case("rnn-tanh", 64, 8, "ce", "m2o", D=4, radius=1.6, note="exploding")
    case("lstm", 6, 12, "se", "m2m", scale=3.0, note="exploding")
    case("gru-before", 6, 12, "se", "m2m", scale=3.0, note="exploding")
    case("gru-after", 6, 12, "se", "m2m", scale=3.0, note="exploding")
    # Gates that stand open or shut, nearly (+-8) and exactly (+-40: sigmoid is 1.0 in f64).
    case("lstm", 4, 30, "se", "m2m", bias={"f": 8, "i": 6}, start=True, note="open")
    case("lstm", 4, 30, "ce", "m2m", bias={"f": 50, "i": -50, "o": 50}, start=True, note="saturated")
    case("lstm", 4, 100, "se", "m2o", bias={"f": 8, "i": -3}, start=True, note="highway")
    case("gru-before", 4, 30, "se", "m2m", bias={"z": -6, "r": 6}, start=True, note="copying")
    case("gru-before", 4, 30, "ce", "m2m", bias={"z": -50, "r": 50}, start=True, note="saturated")
    case("gru-before", 4, 30, "se", "m2m", bias={"z": 50, "r": -50}, start=True, note="saturated")
    case("gru-after", 4, 30, "se", "m2m", bias={"z": -6, "r": 6}, start=True, note="copying")
    case("gru-after", 4, 30, "ce", "m2m", bias={"z": -50, "r": 50}, start=True, note="saturated")
    case("gru-after", 4, 30, "se", "m2m", bias={"z": 50, "r": -50}, start=True, note="saturated")
    # The recipe of the field: a forget gate that starts open.
    case("lstm", 16, 40, "ce", "m2m", D=6, O=6, bias={"f": 1})
    case("gru-before", 16, 40, "ce", "m2o", D=6, O=6, bias={"z": -2.5})


def deep():
    """Stacks, both directions, layer normalisation, and the shapes that read one input."""
    for cell in CELLS:
        go = lambda *args, **kw: case(cell, *args, prefix="deep-", **kw)
        go(4, 8, "se", "m2m", layers=2, start=True, note="stacked")
        go(3, 12, "ce", "m2o", layers=3, note="stacked")
        go(4, 8, "ce", "m2m", bidirectional=True, start=True, note="both-ways")
        go(4, 9, "se", "m2o", bidirectional=True, note="both-ways")
        go(3, 8, "se", "m2m", layers=2, bidirectional=True, start=True, note="stacked-both-ways")
        go(3, 10, "ce", "m2o", layers=3, bidirectional=True, note="stacked-both-ways")
        if cell != "gru-after":  # Its candidate has no one sum W·[h, x] to normalise.
            go(5, 10, "se", "m2m", layer_norm=True, start=True, note="layer-norm")
            go(4, 9, "ce", "m2o", layers=2, bidirectional=True, layer_norm=True, note="layer-norm")
        go(4, 1, "se", "o2o")
        go(4, 9, "se", "o2m", start=True)
        go(3, 9, "ce", "o2m", layers=2, note="stacked")


def speaking():
    """What reads outputs, or zeros both ways: told the targets, or free; decoders begun by encoders."""
    for cell in CELLS:
        go = lambda *args, **kw: case(cell, *args, prefix="deep-", **kw)
        go(3, 8, "se", "o2m", bidirectional=True, layers=2, note="stacked-both-ways")
        go(4, 8, "se", "o2m", D=3, feedback=True, start=True, note="told")
        go(3, 8, "ce", "o2m", D=3, feedback=True, layers=2, note="stacked-told")
        go(3, 9, "se", "o2m", D=3, feedback=True, layers=2, start=True, teaching=False, note="stacked-free")
        go(4, 9, "ce", "o2m", D=3, feedback=True, teaching=False, note="free")
        go(1, 1, "se", "e2d", D=1, O=1, said=1, teaching=False, note="free")
        go(4, 7, "se", "e2d", start=True, said=5, note="told")
        go(3, 6, "ce", "e2d", layers=3, said=8, note="stacked-told")
        go(4, 7, "se", "e2d", start=True, said=6, teaching=False, note="free")
        go(3, 5, "ce", "e2d", layers=2, said=7, teaching=False, note="stacked-free")
        go(3, 6, "ce", "e2d", bidirectional=True, start=True, said=4, note="both-ways-told")
        go(3, 6, "se", "e2d", layers=2, bidirectional=True, start=True, said=7, teaching=False, note="stacked-both-ways-free")
        if cell != "gru-after":
            go(4, 6, "se", "m2m", layers=3, bidirectional=True, layer_norm=True, note="stacked-layer-norm")
            go(3, 7, "se", "o2m", D=3, feedback=True, layers=2, layer_norm=True, teaching=False, note="free-layer-norm")
            go(6, 5, "se", "e2d", layers=3, bidirectional=True, layer_norm=True, said=4, teaching=False, note="free-layer-norm")
            go(3, 5, "ce", "e2d", layer_norm=True, said=4, note="told-layer-norm")


disagreements = []
(HERE / "data").mkdir(exist_ok=True)
one_layer()
deep()
speaking()
sys.exit(f"{len(disagreements)} cases were not recorded" if disagreements else 0)
