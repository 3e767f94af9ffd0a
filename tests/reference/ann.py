"""The feed-forward network: nn.Linear on the whole window, φ, nn.Linear, differentiated by PyTorch's autograd.

At step t the window is x_1 … x_t and zeros, laid out as one vector: PyTorch multiplies it whole, anew at every step. What
each step's part of the sum gets is the gradient of a zero that is added to that part in every window that holds it.
"""

import gzip
import json
import zlib

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def trace(e):
    m, x = e["model"], torch.tensor(e["x"], requires_grad=True)
    entry, head = m["weights"]["layers"][0], m["weights"]["head"]
    steps, places = len(e["x"]), m["places"]
    first, last = torch.nn.Linear(places * m["inputs"], m["hidden"]), torch.nn.Linear(m["hidden"], m["outputs"])
    for parameter, value in [(first.weight, entry["W_xh"]), (first.bias, entry["b_h"]), (last.weight, head["W_hy"]), (last.bias, head["b_y"])]:
        parameter.data = torch.tensor(value)
    probe = torch.zeros(steps, m["hidden"], requires_grad=True)
    phi = {"tanh": torch.tanh, "relu": torch.relu}[m["activation"]]
    h, s = [], []
    for t in range(1, steps + 1):
        window = torch.zeros(places, m["inputs"])
        window = torch.cat([x[:t], window[t:]]).flatten()
        a = first(window) + probe[:t].sum(0)
        s.append((a - first.bias).tolist())
        h.append(phi(a))
        h[-1].retain_grad()
    outputs = range(steps - 1, steps) if m["shape"] == "many-to-one" else range(steps)
    y = torch.stack([last(h[t]) for t in outputs])
    if e["loss"] == "squared-error":
        losses = 0.5 * ((y - torch.tensor(e["target"])) ** 2).sum(1)
    else:
        losses = torch.nn.functional.cross_entropy(y, torch.tensor(e["target"]), reduction="none")
    losses.sum().backward()
    dh = [(torch.zeros(m["hidden"]) if state.grad is None else state.grad).tolist() for state in h]
    zeros = torch.zeros(steps, m["hidden"]).tolist()
    names = {"layer": 1, "direction": "forward"}
    gradients = {
        "layers": [names | {
            "h": dh, "h_from_loss": dh, "h_from_future": zeros, "s": probe.grad.tolist(),
            "W_xh": first.weight.grad.tolist(), "b_h": first.bias.grad.tolist(),
        }],
        "head": {"W_hy": last.weight.grad.tolist(), "b_y": last.bias.grad.tolist()},
        "x": x.grad.tolist(),
    }
    return {
        "format": "unrolled-trace/1",
        "layers": [names | {"h": [state.tolist() for state in h], "s": s}],
        "y": y.tolist(), "loss_t": losses.tolist(), "loss": losses.sum().item(), "gradients": gradients,
    }


def experiment(name, activation, hidden, steps, loss, shape, places):
    torch.manual_seed(zlib.crc32(name.encode()))
    D, O = 3, 4
    outputs = 1 if shape in ("many-to-one", "one-to-one") else steps
    target = torch.randn(outputs, O) if loss == "squared-error" else torch.randint(O, (outputs,))
    # Sums of size 1: a saturated unit's slope would be the rounding of 1 - h².
    w, v = torch.randn(hidden, places * D) / (places * D) ** 0.5, torch.randn(O, hidden) / hidden**0.5
    layer = {"layer": 1, "direction": "forward", "W_xh": w.tolist(), "b_h": torch.randn(hidden).tolist()}
    head = {"W_hy": v.tolist(), "b_y": torch.randn(O).tolist()}
    return {
        "format": "unrolled/1", "precision": "f64",
        "model": {
            "cell": "ann", "inputs": D, "hidden": hidden, "outputs": O, "shape": shape, "activation": activation,
            "places": places, "weights": {"layers": [layer], "head": head},
        },
        "loss": loss, "x": torch.randn(steps, D).tolist(), "target": target.tolist(),
    }


SHAPES = {"m2o": "many-to-one", "m2m": "many-to-many", "o2o": "one-to-one"}
LOSSES = {"se": "squared-error", "ce": "cross-entropy"}


def write(folder):
    sizes = [(5, 8, "se", "m2o", 8), (5, 8, "ce", "m2m", 8), (16, 40, "ce", "m2o", 40), (3, 40, "se", "m2m", 40)]
    sizes += [(4, 5, "ce", "m2o", 9), (4, 5, "se", "m2m", 9), (6, 1, "ce", "o2o", 1)]
    for activation in ["tanh", "relu"]:
        for hidden, steps, loss, shape, places in sizes:
            name = f"ann-{activation}-h{hidden}-t{steps}-{loss}-{shape}" + (f"-of{places}" if places > steps else "")
            e = experiment(name, activation, hidden, steps, LOSSES[loss], SHAPES[shape], places)
            pair = {"source": {"recorded": "torch.nn.Linear", "torch": torch.__version__}, "experiment": e, "trace": trace(e)}
            text = json.dumps(pair, separators=(",", ":")) + "\n"
            with open(folder / f"{name}.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
                file.write(text.encode())
