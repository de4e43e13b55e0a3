"""Writes the models of this folder with PyTorch's own exporter, and what PyTorch says of the same rows (cases.json).

Made with PyTorch 1.13 on a processor: python3 export.py
"""

import json
import pathlib

import torch
from torch import nn

here = pathlib.Path(__file__).parent
torch.manual_seed(3)
names = ["a", "b", "c"]
X = torch.randn(5, 3)
cases = {}


def mlp(outputs, end=None):
    parts = [nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, outputs)]
    return nn.Sequential(*parts, *([end] if end else [])).eval()


class Squeezed(nn.Module):
    """One number a row, without a dimension for columns."""

    def __init__(self, end=None):
        super().__init__()
        self.net = mlp(1)
        self.end = end

    def forward(self, x):
        y = self.net(x).squeeze(-1)
        return self.end(y) if self.end else y


class TwoInputs(nn.Module):
    """Two numbers in one input, a whole number that is looked up in another."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(2, 4)
        self.kinds = nn.Embedding(6, 4)
        self.last = nn.Linear(8, 1)

    def forward(self, numbers, kind):
        return self.last(torch.cat([torch.relu(self.dense(numbers)), self.kinds(kind).squeeze(1)], 1))


def save(name, model, given, *, wanted, inputs=("input",), dynamic=True, features=names, rows=None, classes=None):
    axes = {**{each: {0: "batch"} for each in inputs}, "output": {0: "batch"}} if dynamic else None
    torch.onnx.export(model, given, str(here / f"{name}.onnx"), input_names=list(inputs), output_names=["output"], dynamic_axes=axes)
    rows = rows or [dict(zip(features, row)) for row in X.tolist()]
    cases[name] = {"features": features, "classes": classes, "rows": rows, "wanted": wanted.tolist()}


def two_shares(yes):
    return torch.stack([1 - yes, yes], 1)


with torch.no_grad():
    three = ["x", "y", "z"]
    m = mlp(3)
    save("logits", m, X, wanted=torch.softmax(m(X), 1), classes=three)
    m = mlp(3, nn.Softmax(1))
    save("softmax", m, X, wanted=m(X), classes=three)
    m = mlp(3, nn.LogSoftmax(1))
    save("log-softmax", m, X, wanted=m(X).exp(), classes=three)
    m = nn.Sequential(nn.BatchNorm1d(3), mlp(3)).eval().double()
    save("double", m, X.double(), wanted=torch.softmax(m(X.double()), 1), classes=three)
    m = Squeezed()
    save("squeezed-logit", m, X, wanted=two_shares(torch.sigmoid(m(X))), classes=["no", "yes"])
    m = Squeezed(torch.sigmoid)
    save("squeezed-sigmoid", m, X, wanted=two_shares(m(X)), classes=["no", "yes"])
    m = Squeezed()
    save("squeezed-number", m, X, wanted=m(X))
    m = mlp(1)
    save("one-row-at-a-time", m, X[:1], wanted=m(X)[:, 0], dynamic=False)
    save("four-rows-at-a-time", m, X[:4], wanted=m(X)[:, 0], dynamic=False)
    m = TwoInputs().eval()
    kinds = torch.tensor([[0], [1], [5], [2], [3]])
    rows = [{"a": row[0], "b": row[1], "kind": kind} for row, (kind,) in zip(X.tolist(), kinds.tolist())]
    given = (X[:, :2], kinds)
    save("two-inputs", m, given, wanted=m(*given)[:, 0], inputs=("numbers", "kind"), features=["a", "b", "kind"], rows=rows)
    m = nn.Conv2d(1, 2, 2).eval()
    torch.onnx.export(m, torch.randn(1, 1, 4, 4), str(here / "image.onnx"))

(here / "cases.json").write_text(json.dumps(cases, indent=2))
