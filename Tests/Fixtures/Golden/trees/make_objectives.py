"""LightGBM's gamma, Tweedie and LambdaRank on tables that TreesObjectiveTests.swift makes too; writes objectives.json.

Needs lightgbm 4.7.0 and numpy. Every value of a table follows from a hash of row and column.
"""
import json
import os

import lightgbm
import numpy as np

from make_trees import table, uniform

ROWS, TRAIN = 6000, 4000
x, score = table(ROWS)
u = np.array([[uniform(r, c) for c in (9, 10, 11)] for r in range(ROWS)])
mean = np.exp(0.35 * (score - 3))
common = dict(verbose=-1, num_threads=1, learning_rate=0.1, num_leaves=31, min_data_in_leaf=20, seed=1)
out = {"lightgbm": lightgbm.__version__}


def fit(objective, y, **more):
    train = lightgbm.Dataset(x[:TRAIN], y[:TRAIN], categorical_feature=[4, 5], params=common, **more)
    return lightgbm.train(dict(common, objective=objective), train, 100)


# Gamma of shape 2: the sum of two exponentials.
y = mean * -(np.log(1 - u[:, 0]) + np.log(1 - u[:, 1])) / 2 + 1e-9
p = fit("gamma", y).predict(x[TRAIN:])
t = y[TRAIN:]
out["gamma_deviance"] = float(np.mean(2 * (np.log(p / t) + t / p - 1)))

# Zero for half of the rows, else exponential amounts.
y = np.where(u[:, 2] < 0.5, 0, -np.log(1 - u[:, 0]) * mean * 2)
p = fit("tweedie", y).predict(x[TRAIN:])
t = y[TRAIN:]
out["tweedie_loss"] = float(np.mean(p ** 0.5 / 0.5 + t * p ** -0.5 / 0.5))

# Groups of 20 rows: row r is in group r // 20; relevance 0 ... 4.
y = np.clip(np.floor((score + 2 * u[:, 0] - 2) / 2), 0, 4)
m = fit("lambdarank", y, group=np.full(TRAIN // 20, 20))
s = m.predict(x[TRAIN:])
t = y[TRAIN:]


def gain(targets):
    return sum((2 ** a - 1) / np.log2(i + 2) for i, a in enumerate(targets[:10]))


ndcg = []
for start in range(0, ROWS - TRAIN, 20):
    g, h = t[start:start + 20], s[start:start + 20]
    best = gain(sorted(g, reverse=True))
    ndcg.append(gain(g[np.argsort(-h, kind="stable")]) / best if best > 0 else 1)
out["ndcg_10"] = float(np.mean(ndcg))

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "objectives.json")
with open(path, "w") as file:
    json.dump(out, file, indent=2)
    file.write("\n")
print(out)
