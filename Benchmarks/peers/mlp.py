"""PyTorch: 784-256-128-10, Adam, five passes in batches of 128."""

import numpy
from common import THREADS, attempt, emit, table, timed


def fit():
    import torch
    torch.set_num_threads(THREADS)
    torch.manual_seed(1)
    columns = table("images")
    x = torch.from_numpy(numpy.ascontiguousarray(columns[:784].T.astype(numpy.float32) / 255))
    y = torch.from_numpy(columns[784].astype(numpy.int64))
    rows = len(x) * 6 // 7
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128), torch.nn.ReLU(),
        torch.nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    loss = torch.nn.CrossEntropyLoss()

    def train():
        for _ in range(5):
            order = torch.randperm(rows)
            for start in range(0, rows, 128):
                part = order[start:start + 128]
                optimizer.zero_grad(set_to_none=True)
                loss(model(x[part]), y[part]).backward()
                optimizer.step()

    seconds, _ = timed(train)
    with torch.no_grad():
        emit("torch", seconds, (model(x[rows:]).argmax(1) == y[rows:]).float().mean().item())


attempt("torch", fit)
