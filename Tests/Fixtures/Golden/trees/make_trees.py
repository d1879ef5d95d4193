"""Quality of LightGBM on the made-up tables of TreesSupport.swift; writes expected.json beside itself.

Needs lightgbm 4.7.0, numpy and scikit-learn 1.9.1. Every value of a table follows from a hash of row and column.
"""
import json
import os

import lightgbm
import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def combine(a, b):
    return mix(((a + 0x9E3779B97F4A7C15 + (b << 6) + (b >> 2)) & MASK) ^ (b * 0xFF51AFD7ED558CCD & MASK))


def uniform(row, column):
    return (combine(row, column) >> 11) * 2.0**-53


def table(rows):
    x, score = [], []
    for r in range(rows):
        a = uniform(r, 0) * 4 - 2
        b = float("nan") if uniform(r, 1) < 0.1 else uniform(r, 2) * 10
        c = int(uniform(r, 3) * 40)
        d = uniform(r, 4) < 0.5
        level = int(uniform(r, 6) * 12)
        e = float("nan") if uniform(r, 5) < 0.05 else level
        f = int(uniform(r, 7) * 3)
        x.append([a, b, c, d, e, f])
        score.append(
            a * a + (3 if b != b else b * 0.2) + (1.5 if c > 20 else 0) * (1 if d else -1)
            + (level * 7) % 12 * 0.3 + (1 if f == 1 else 0))
    return np.array(x, float), np.array(score)


x, score = table(6000)
noise = np.array([uniform(r, 9) for r in range(6000)])
train, test = slice(0, 4000), slice(4000, 6000)
common = dict(verbose=-1, n_jobs=1)
out = {"lightgbm": lightgbm.__version__}

y = score + 0.3 * noise
m = lightgbm.LGBMRegressor(**common).fit(x[train], y[train], categorical_feature=[4, 5])
out["rmse"] = float(np.sqrt(np.mean((m.predict(x[test]) - y[test]) ** 2)))
y = (score + 2 * noise > 4.2).astype(int)
m = lightgbm.LGBMClassifier(**common).fit(x[train], y[train], categorical_feature=[4, 5])
p = m.predict_proba(x[test])[:, 1]
out["log_loss"] = float(log_loss(y[test], p))
out["roc_auc"] = float(roc_auc_score(y[test], p))
y = np.where(score < 3, 0, np.where(score < 5, 1, 2))
m = lightgbm.LGBMClassifier(**common).fit(x[train], y[train], categorical_feature=[4, 5])
out["softmax_log_loss"] = float(log_loss(y[test], m.predict_proba(x[test])))

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json")
with open(path, "w") as file:
    json.dump(out, file, indent=2)
    file.write("\n")
print(out)
