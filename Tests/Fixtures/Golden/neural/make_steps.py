"""Writes steps.json: one forward and backward pass and two optimiser steps of small networks, by PyTorch in double precision.

Usage: python make_steps.py > steps.json
"""

import json

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def standardised(x, axis=0):
    return (x - x.mean(axis, keepdims=True)) / x.std(axis, keepdims=True)


def flat(parameters, shapes):
    """Parameters in the order and layout of Apus: weights as [input, output]."""
    return [float(v) for p, turn in zip(parameters, shapes) for v in turn(p.detach()).reshape(-1)]


plain = lambda p: p
turned = lambda p: p.t()


def dense(name, sizes, activation, norm, seed):
    generator = np.random.default_rng(seed)
    rows = 12
    x = generator.normal(size=(rows, sizes[0])).round(3)
    torch.manual_seed(seed)
    layers, shapes = [], []
    parameters = []
    for index, (a, b) in enumerate(zip(sizes, sizes[1:])):
        last = index == len(sizes) - 2
        linear = torch.nn.Linear(a, b, bias=last or not norm)
        layers.append(linear)
        parameters.append(linear.weight)
        shapes.append(turned)
        if norm and not last:
            bn = torch.nn.BatchNorm1d(b)
            torch.nn.init.normal_(bn.weight, 1, 0.2)
            torch.nn.init.normal_(bn.bias, 0, 0.2)
            layers.append(bn)
            parameters += [bn.weight, bn.bias]
            shapes += [plain, plain]
        else:
            parameters.append(linear.bias)
            shapes.append(plain)
        if not last:
            layers.append(activation())
    return name, torch.nn.Sequential(*layers), parameters, shapes, x, generator, rows


def finish(case, inputs, loss_of, optimizer):
    name, net, parameters, shapes, x, generator, rows = case
    out = {"x": x.reshape(rows, -1).tolist(), "weights": flat(parameters, shapes)}
    for step in range(2):
        optimizer.zero_grad()
        loss = loss_of(net(inputs))
        loss.backward()
        if step == 0:
            out["objective"] = float(loss)
            out["gradient"] = flat([p.grad for p in parameters], shapes)
        optimizer.step()
    out["stepped"] = flat(parameters, shapes)
    return out


cases = {}

case = dense("classes", [4, 6, 5, 3], lambda: torch.nn.GELU(approximate="tanh"), False, 1)
target = case[5].integers(0, 3, case[6])
criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
cases["classes"] = finish(
    case, torch.tensor(standardised(case[4])), lambda s: criterion(s, torch.tensor(target)),
    torch.optim.AdamW(case[1].parameters(), lr=0.01, weight_decay=0))
cases["classes"]["target"] = target.tolist()

case = dense("numbers", [3, 7, 4, 1], torch.nn.ReLU, True, 2)
values = case[5].normal(size=case[6]).round(3)
goal = torch.tensor(standardised(values))
cases["numbers"] = finish(
    case, torch.tensor(standardised(case[4])), lambda s: 0.5 * ((s[:, 0] - goal) ** 2).mean(),
    torch.optim.SGD(case[1].parameters(), lr=0.05, momentum=0.9))
cases["numbers"]["target"] = values.tolist()


class Images(torch.nn.Module):
    """Two blocks on 5 x 6 pixels: 3 and then 6 filters; a dense layer of 4."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(1, 3, 3, padding=1, bias=False)
        self.norm = torch.nn.BatchNorm2d(3)
        self.second = torch.nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm2 = torch.nn.BatchNorm2d(6)
        self.dense = torch.nn.Linear(6, 4)
        self.last = torch.nn.Linear(4, 3)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.norm(self.first(x))), 2)
        x = torch.max_pool2d(torch.relu(self.norm2(self.second(x))), 2)
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.last(torch.relu(self.dense(x)))


torch.manual_seed(5)
net = Images()
for bn in (net.norm, net.norm2):
    torch.nn.init.normal_(bn.weight, 1, 0.2)
    torch.nn.init.normal_(bn.bias, 0, 0.2)
generator = np.random.default_rng(5)
rows = 9
x = generator.normal(size=(rows, 30)).round(3)
target = generator.integers(0, 3, rows)
taps = lambda p: p.permute(2, 3, 1, 0)
parameters = [net.first.weight, net.norm.weight, net.norm.bias, net.second.weight, net.norm2.weight, net.norm2.bias,
              net.dense.weight, net.dense.bias, net.last.weight, net.last.bias]
shapes = [taps, plain, plain, taps, plain, plain, turned, plain, turned, plain]
images = torch.tensor(((x - x.mean()) / x.std()).reshape(rows, 1, 5, 6))
cases["images"] = finish(
    ("images", net, parameters, shapes, x, generator, rows), images,
    lambda s: torch.nn.functional.cross_entropy(s, torch.tensor(target)),
    torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0))
cases["images"]["target"] = target.tolist()


def rounded(value):
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


print(json.dumps({name: {key: rounded(v) for key, v in case.items()} for name, case in cases.items()}))
