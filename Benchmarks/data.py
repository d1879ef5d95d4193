"""Makes the data of the benchmarks, seeded, once; real data where `--from` has it.

Binary tables are `NAME.bin`, float32 or uint8, column after column, with their shape in `NAME.json`.
"""

import argparse
import gzip
import json
import sys
from pathlib import Path

import numpy as np


def write_table(out, name, columns, kind="f32"):
    table = np.ascontiguousarray(np.asarray(columns, dtype=np.uint8 if kind == "u8" else np.float32))
    table.tofile(out / f"{name}.bin")
    (out / f"{name}.json").write_text(json.dumps({"rows": table.shape[1], "columns": table.shape[0], "type": kind}))


def floats_matrix(rows=1_200_000):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((rows, 28), dtype=np.float32)
    x[:, 21:] = np.abs(x[:, :7] * x[:, 7:14]) + 0.3 * x[:, 21:]
    score = (x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.5 * x[:, 3] - 0.7 * (x[:, 4] > 0.5) * x[:, 5]
             + 0.4 * x[:, 21] - 0.3 * x[:, 22] ** 2 + 0.3 * x[:, 6] * x[:, 23])
    y = rng.random(rows) < 1 / (1 + np.exp(-(score - score.mean())))
    number = score + rng.standard_normal(rows) * 0.5
    return x, y, number


def floats(out, _):
    """1.2 million rows: 28 numbers, a class, a number to predict."""
    x, y, number = floats_matrix()
    write_table(out, "floats", [*x.T, y, number])


def floats_csv(out, _):
    """A million rows of 28 numbers as text."""
    import polars
    x, _, _ = floats_matrix(1_000_000)
    polars.DataFrame({f"f{i}": x[:, i] for i in range(28)}).write_csv(out / "floats.csv", float_precision=7)


def mixed_table(rows, seed):
    rng = np.random.default_rng(2)
    levels = [5, 20, 100, 1000, 5000]
    effects = [rng.standard_normal(count) * 0.5 for count in levels]
    rng = np.random.default_rng(seed)
    table, score = {}, np.zeros(rows)
    for i in range(10):
        x = rng.standard_normal(rows) * (1 + i)
        score += np.tanh(x / (1 + i)) * (0.4 if i % 3 else -0.6)
        if i % 2 == 0:
            x[rng.random(rows) < 0.1] = np.nan
        table[f"x{i}"] = np.round(x, 6)
    for i, (count, effect) in enumerate(zip(levels, effects)):
        weight = 1 / np.arange(1, count + 1) ** 0.9
        code = rng.choice(count, rows, p=weight / weight.sum())
        score += effect[code]
        text = np.array([f"c{i}-{j:04}" for j in range(count)], dtype=object)[code]
        if i < 2:
            text[rng.random(rows) < 0.05] = None
        table[f"cat{i}"] = text
    table["y"] = (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(int)
    return table


def mixed(out, _):
    """500,000 rows to learn from, 100,000 to test on: ten numbers, five categories, missing cells."""
    import pandas
    pandas.DataFrame(mixed_table(500_000, 3)).to_csv(out / "mixed-train.csv", index=False)
    pandas.DataFrame(mixed_table(100_000, 4)).to_csv(out / "mixed-test.csv", index=False)


def blobs(out, _):
    """A million rows of 21 numbers in overlapping groups."""
    rng = np.random.default_rng(5)
    centers = rng.standard_normal((14, 21)) * 2
    x = centers[rng.integers(0, 14, 1_000_000)] + rng.standard_normal((1_000_000, 21)) * 1.5
    write_table(out, "blobs", x.T)


def images(out, given):
    """60,000 and 10,000 images of 28 x 28: Fashion-MNIST where it is given, else noisy prototypes."""
    folder = Path(given) / "image" / "fashion-mnist" if given else None
    if folder and folder.exists():
        def idx(name, skip):
            return np.frombuffer(gzip.decompress((folder / name).read_bytes()), dtype=np.uint8)[skip:]
        x = np.concatenate([idx(f"{part}-images-idx3-ubyte.gz", 16) for part in ("train", "t10k")]).reshape(-1, 784)
        y = np.concatenate([idx(f"{part}-labels-idx1-ubyte.gz", 8) for part in ("train", "t10k")])
    else:
        rng = np.random.default_rng(6)
        y = rng.integers(0, 10, 70_000)
        prototypes = rng.random((10, 784)) * 160
        x = np.clip(prototypes[y] + rng.standard_normal((70_000, 784)) * 90, 0, 255).astype(np.uint8)
    write_table(out, "images", np.vstack([x.T, y[None].astype(np.uint8)]), "u8")


def documents(out, _):
    """50,000 documents of words by Zipf's law, about 21 MB."""
    rng = np.random.default_rng(7)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjxqz"))
    share = 1 / np.arange(1, 27) ** 0.6
    words = ["".join(rng.choice(letters, n, p=share / share.sum())) for n in np.clip(rng.poisson(5.5, 60_000), 2, 12)]
    weight = 1 / np.arange(1, 60_001) ** 1.02
    lengths = np.clip(rng.lognormal(3.97, 0.55, 50_000).astype(int), 5, 400)
    drawn = rng.choice(60_000, lengths.sum(), p=weight / weight.sum())
    start = 0
    with open(out / "documents.csv", "w", encoding="utf-8") as file:
        file.write("text,number\n")
        for row, length in enumerate(lengths):
            text = [words[i] for i in drawn[start:start + length]]
            start += length
            text[0] = text[0].capitalize()
            text[9::11] = [word + "," for word in text[9::11]]
            text[14::17] = [f"{word}. {row % 3000}" for word in text[14::17]]
            file.write(f'"{" ".join(text)}.",{row % 7}\n')


def drift(out, _):
    """100,000 rows twice, 20 columns, the second without truth; five of its columns are shifted."""
    import pandas
    for name, seed, shift in (("reference", 8, 0.0), ("current", 9, 0.35)):
        rng = np.random.default_rng(seed)
        table = {}
        for i in range(14):
            table[f"x{i}"] = np.round(rng.gamma(2, 1 + i, 100_000) * (1 + (shift if i < 3 else 0)), 5)
        for i in range(6):
            weight = np.linspace(1, 3, 8) ** (1 + (4 * shift if i < 2 else 0))
            table[f"c{i}"] = rng.choice([f"level-{j}" for j in range(8)], 100_000, p=weight / weight.sum())
        if name == "reference":
            table["y"] = np.round(np.log1p(table["x5"]) + rng.standard_normal(100_000) * 0.1, 5)
        pandas.DataFrame(table).to_csv(out / f"drift-{name}.csv", index=False)


def requests(out, _):
    """20,000 rows of eight numbers to learn from, and 500 request bodies of one row."""
    import pandas
    rng = np.random.default_rng(10)
    x = np.round(rng.standard_normal((20_000, 8)), 4)
    y = rng.random(20_000) < 1 / (1 + np.exp(-(x[:, 0] * 2 - x[:, 1] + x[:, 2] * x[:, 3])))
    table = pandas.DataFrame(x, columns=[f"x{i}" for i in range(8)])
    table["y"] = np.where(y, "yes", "no")
    table.to_csv(out / "requests.csv", index=False)
    rows = [{"rows": [dict(zip(table.columns[:8], map(float, row)))]} for row in x[:500]]
    (out / "request-rows.json").write_text("\n".join(json.dumps(row) for row in rows))


MAKERS = {
    "floats": floats, "floats-csv": floats_csv, "mixed": mixed, "blobs": blobs, "images": images,
    "documents": documents, "drift": drift, "requests": requests,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(MAKERS))
    parser.add_argument("--out", required=True)
    parser.add_argument("--from", dest="given")
    chosen = parser.parse_args()
    out = Path(chosen.out)
    out.mkdir(parents=True, exist_ok=True)
    for name in chosen.names:
        mark = out / f".made-{name}" if not (name == "images" and chosen.given) else out / ".made-images-real"
        if not mark.exists():
            print(f"making {name} …", file=sys.stderr, flush=True)
            MAKERS[name](out, chosen.given)
            for other in out.glob(f".made-{name}*"):
                other.unlink()
            mark.touch()


if __name__ == "__main__":
    main()
