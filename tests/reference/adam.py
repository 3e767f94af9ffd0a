"""Steps of torch.optim.Adam: with gradients that are given, and along with PyTorch's autograd from an experiment file."""

import gzip
import json
import sys

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def given(seed, parameters, steps):
    """Gradients of many sizes, zeros and changes of sign among them, and the parameters after every step."""
    torch.manual_seed(seed)
    theta = torch.randn(parameters, requires_grad=True)
    size = 10.0 ** torch.linspace(-9, 3, parameters)
    adam = torch.optim.Adam([theta], lr=0.01)
    case = {"start": theta.tolist(), "gradients": [], "after": []}
    for step in range(steps):
        gradient = torch.randn(parameters) * size
        gradient[step % parameters] = 0.0
        theta.grad = gradient.clone()
        adam.step()
        case["gradients"].append(gradient.tolist())
        case["after"].append(theta.tolist())
    return case


def loss(e, w, head):
    """The equations of the format."""
    cell, h = e["model"]["cell"], w["h_0"]
    C, total, first = w["C_0"], 0.0, len(e["x"]) - len(e["target"])
    for t, x in enumerate(torch.tensor(e["x"])):
        if cell == "rnn":
            h = torch.tanh(w["W_xh"] @ x + w["W_hh"] @ h + w["b_h"])
        else:
            v = torch.cat([h, x])
            f, i, o = (torch.sigmoid(w[f"W_{g}"] @ v + w[f"b_{g}"]) for g in "fio")
            C = f * C + i * torch.tanh(w["W_C"] @ v + w["b_C"])
            h = o * torch.tanh(C)
        if t >= first:
            y = head["W_hy"] @ h + head["b_y"]
            total = total + torch.nn.functional.cross_entropy(y[None], torch.tensor([e["target"][t - first]]))
    return total


def learnt(path, steps):
    with gzip.open(path) as file:
        e = json.load(file)["experiment"]
    H, layer = e["model"]["hidden"], e["model"]["weights"]["layers"][0]
    w = {name: torch.tensor(value, requires_grad=name[0] in "Wb") for name, value in layer.items() if name[0] in "WbhC"}
    w.setdefault("h_0", torch.zeros(H))
    w.setdefault("C_0", torch.zeros(H))
    head = {name: torch.tensor(value, requires_grad=True) for name, value in e["model"]["weights"]["head"].items()}
    order = ["W_xh", "W_hh", "b_h"] if e["model"]["cell"] == "rnn" else [*(f"W_{g}" for g in "fiCo"), *(f"b_{g}" for g in "fiCo")]
    parameters = [w[name] for name in order] + [head["W_hy"], head["b_y"]]
    adam = torch.optim.Adam(parameters, lr=0.01)
    losses = []
    for _ in range(steps):
        adam.zero_grad()
        now = loss(e, w, head)
        now.backward()
        adam.step()
        losses.append(now.item())
    flat = torch.cat([p.detach().reshape(-1) for p in parameters])
    return {"experiment": e, "losses": losses, "after": flat.tolist()}


def write(path, data):
    names = ["rnn-tanh-h8-t20-ce-m2m", "lstm-h8-t20-ce-m2m"]
    cases = {"source": f"PyTorch {torch.__version__}, Python {sys.version.split()[0]}", "given": [given(1, 13, 60), given(2, 5, 200)],
             "learnt": [learnt(data / f"{name}.json.gz", 25) for name in names]}
    path.write_bytes(gzip.compress(json.dumps(cases).encode(), mtime=0))
