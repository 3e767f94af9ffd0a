"""Models as PyTorch itself makes them, through docs/from_pytorch.py, beside what PyTorch says of them.

`make.py` gives PyTorch weights of the file format; here the format is given PyTorch's. Nothing is mapped back: the trace
holds what modules and autograd return as it is.
"""

import gzip
import json
import pathlib
import sys
import tempfile

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs"))
import from_pytorch  # noqa: E402

D, H, O, T = 3, 4, 2, 6
KINDS = {"rnn-tanh": torch.nn.RNN, "rnn-relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class Model(torch.nn.Module):
    def __init__(self, kind, layers, both, bias):
        super().__init__()
        more = {"nonlinearity": kind[4:]} if kind.startswith("rnn") else {}
        self.core = KINDS[kind](D, H, layers, bidirectional=both, bias=bias, **more)
        self.fc = torch.nn.Linear(2 * H if both else H, O, bias=bias)

    def forward(self, x, last):
        rows, states = self.core(x[:, None])
        if not last:
            return rows, self.fc(rows[:, 0])
        h_n = states[0] if isinstance(states, tuple) else states
        ends = h_n[-2:, 0].flatten() if self.core.bidirectional else h_n[-1, 0]
        return rows, self.fc(ends)[None]


def case(kind, layers, both, last, classes, bias):
    model = Model(kind, layers, both, bias)
    x = torch.randn(T, D, requires_grad=True)
    count = 1 if last else T
    target = torch.randint(O, (count,)) if classes else torch.randn(count, O)
    rows, y = model(x, last)
    if classes:
        loss_t = torch.nn.functional.cross_entropy(y, target, reduction="none")
    else:
        loss_t = 0.5 * ((y - target) ** 2).sum(1)
    loss_t.sum().backward()
    # As a practitioner does it: what torch.save wrote is read.
    with tempfile.NamedTemporaryFile(suffix=".pt") as file:
        torch.save(model.state_dict(), file.name)
        state = from_pytorch.load(file.name)
    made = from_pytorch.experiment(state, x.detach(), target, kind[4:] if kind.startswith("rnn") else "tanh")
    trace = {"y": y, "loss_t": loss_t, "loss": loss_t.sum()}
    top = [{}] * ((2 if both else 1) * (layers - 1))
    top += [{"h": rows[:, 0, k * H : (k + 1) * H]} for k in range(2 if both else 1)]
    trace["layers"] = top
    trace["gradients"] = {"x": x.grad, "head": {"W_hy": model.fc.weight.grad}}
    if bias:
        trace["gradients"]["head"]["b_y"] = model.fc.bias.grad
    return made, trace


def plain(value):
    if isinstance(value, dict):
        return {name: plain(of) for name, of in value.items()}
    if isinstance(value, list):
        return [plain(of) for of in value]
    return value.detach().tolist() if isinstance(value, torch.Tensor) else value


def write(folder):
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(20)
    for kind in KINDS:
        for layers, both, last, classes, bias in [(1, False, True, False, True), (2, True, True, True, True), (3, False, False, True, True), (2, True, False, False, True), (1, True, True, False, False)]:
            made, trace = case(kind, layers, both, last, classes, bias)
            name = f"pytorch-{kind}-{layers}{'-both' if both else ''}-{made['model']['shape']}{'' if bias else '-bare'}"
            text = json.dumps({"experiment": made, "trace": plain(trace)}, separators=(",", ":"))
            (folder / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
