"""What the peers' scripts share: options, data, one JSON line an outcome."""

import argparse
import json
import time
from pathlib import Path

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=".data")
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()
THREADS = options.threads
DATA = Path(options.data)


def table(name):
    """Columns of a binary table, `[columns, rows]`."""
    shape = json.loads((DATA / f"{name}.json").read_text())
    kind = np.uint8 if shape["type"] == "u8" else np.float32
    return np.fromfile(DATA / f"{name}.bin", dtype=kind).reshape(shape["columns"], shape["rows"])


def floats(train=None):
    """Rows to learn from and 200,000 to test on: features row by row, class, number."""
    columns = table("floats")
    rows = columns.shape[1] * 5 // 6
    parts = (slice(0, train or rows), slice(rows, None))
    return [(np.ascontiguousarray(columns[:28, part].T), columns[28, part], columns[29, part]) for part in parts]


def timed(body):
    start = time.perf_counter()
    result = body()
    return time.perf_counter() - start, result


def emit(peer, value, quality=None, part=None):
    line = {"peer": peer, "value": float(value)}
    if quality is not None:
        line["quality"] = float(quality)
    if part:
        line["part"] = part
    print(json.dumps(line), flush=True)


def attempt(peer, body):
    """Runs one peer; a failure is told instead of ending the others."""
    try:
        body()
    except Exception as error:  # a peer that is not installed or fails is an answer too
        print(json.dumps({"peer": peer, "unavailable": f"{type(error).__name__}: {error}"[:200]}), flush=True)
