"""Writes an experiment file of a PyTorch model: nn.RNN, nn.LSTM or nn.GRU, and the nn.Linear that reads it.

    python from_pytorch.py STATE SEQUENCE OUT [--relu]

STATE     what torch.save(model.state_dict(), …) wrote, or the same as JSON. Any number of layers, both directions.
SEQUENCE  JSON: {"x": T rows of D numbers, "target": rows of O numbers, or one class index per output}. With one
          target for several steps the shape is many-to-one, with one per step many-to-many.
--relu    for nn.RNN(nonlinearity="relu"): the weights do not show it.

From Python: json.dump(experiment(model.state_dict(), x, target), file). Only reading a STATE that is no JSON needs
PyTorch. Many-to-one reads h_n, the last state of each direction, side by side: torch.cat([h_n[-2], h_n[-1]], -1).
"""

import json
import re
import sys

# PyTorch's gates from top to bottom, as the file calls them.
GATES = {1: ["h"], 4: ["i", "f", "C", "o"], 3: ["r", "z", "h"]}
CELLS = {1: "rnn", 4: "lstm", 3: "gru"}
WEIGHT = re.compile(r"(.*)weight_hh_l(\d+)(_reverse)?$")


def rows(value):
    """Numbers of a tensor, an array or nested lists, as lists."""
    return value.tolist() if hasattr(value, "tolist") else value


def numbers(state):
    """The recurrent weights of a state, by their names without what stands before; and that."""
    names = [match for match in map(WEIGHT.match, state) if match]
    prefixes = sorted({match[1] for match in names})
    if len(prefixes) != 1:
        sys.exit(f"one nn.RNN, nn.LSTM or nn.GRU is wanted, found {prefixes or 'none'}")
    return {key[len(prefixes[0]) :]: rows(value) for key, value in state.items() if key.startswith(prefixes[0])}, prefixes[0]


def entry(of, layer, reverse):
    """One entry of weights.layers: a layer in one direction."""
    end = f"l{layer}{'_reverse' if reverse else ''}"
    if f"weight_hr_{end}" in of:
        sys.exit("proj_size is not known to the experiment file")
    V, U = of[f"weight_ih_{end}"], of[f"weight_hh_{end}"]
    size = len(U[0])
    zero = [0.0] * len(U)
    b_x, b_h = of.get(f"bias_ih_{end}", zero), of.get(f"bias_hh_{end}", zero)
    gates = GATES[len(U) // size]
    made = {"layer": layer + 1, "direction": "backward" if reverse else "forward"}
    if gates == ["h"]:
        return made | {"W_xh": V, "W_hh": U, "b_h": [a + b for a, b in zip(b_x, b_h)]}
    for k, gate in enumerate(gates):
        part = range(k * size, (k + 1) * size)
        # PyTorch's z keeps, the file's replaces: σ(−a) = 1 − σ(a).
        sign = -1.0 if gate == "z" else 1.0
        made[f"W_{gate}"] = [[sign * v for v in U[j] + V[j]] for j in part]
        if len(gates) == 3 and gate == "h":
            # The reset is applied after the product, to the recurrent bias too.
            made["b_h"], made["b_hh"] = [b_x[j] for j in part], [b_h[j] for j in part]
        else:
            made[f"b_{gate}"] = [sign * (b_x[j] + b_h[j]) for j in part]
    return made


def experiment(state, x, target, activation="tanh"):
    """An experiment file as a dictionary: the state of a model, T rows of inputs, rows of targets or class indices."""
    x, target = rows(x), rows(target)
    of, prefix = numbers(state)
    first = of["weight_hh_l0"]
    hidden, cell = len(first[0]), CELLS[len(first) // len(first[0])]
    both = "weight_hh_l0_reverse" in of
    layers = 1 + max(int(match[2]) for match in map(WEIGHT.match, of) if match)
    width = hidden * (2 if both else 1)
    heads = [key for key, value in state.items() if key.endswith("weight") and not key.startswith(f"{prefix}weight_") and len(rows(value)[0]) == width]
    if len(heads) != 1:
        sys.exit(f"one nn.Linear that reads {width} numbers is wanted, found {heads or 'none'}")
    W = rows(state[heads[0]])
    b = rows(state.get(heads[0].removesuffix("weight") + "bias", [0.0] * len(W)))
    model = {"cell": cell, "inputs": len(of["weight_ih_l0"][0]), "hidden": hidden, "outputs": len(W), "layers": layers, "bidirectional": both}
    if cell == "rnn":
        model["activation"] = activation
    if cell == "gru":
        model["reset"] = "after"
    model["shape"] = "many-to-many" if len(target) == len(x) > 1 else "many-to-one" if len(x) > 1 else "one-to-one"
    entries = [entry(of, layer, reverse) for layer in range(layers) for reverse in ([False, True] if both else [False])]
    model["weights"] = {"layers": entries, "head": {"W_hy": W, "b_y": b}}
    loss = "squared-error" if isinstance(target[0], list) else "cross-entropy"
    return {"format": "unrolled/1", "model": model, "loss": loss, "x": x, "target": target}


def load(path):
    """A state, of JSON or of torch.save."""
    if path.endswith(".json"):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--relu"]
    if len(words) != 3:
        sys.exit(__doc__)
    with open(words[1], encoding="utf-8") as file:
        sequence = json.load(file)
    made = experiment(load(words[0]), sequence["x"], sequence["target"], "relu" if "--relu" in sys.argv else "tanh")
    with open(words[2], "w", encoding="utf-8") as file:
        json.dump(made, file)
