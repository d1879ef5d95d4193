"""Golden values of EASE and implicit ALS by dense linear algebra in numpy."""
import json
import os

import numpy as np

rng = np.random.default_rng(3)
users, items = 14, 9
x = (rng.random((users, items)) < 0.35).astype(float)
x[np.arange(users), rng.integers(0, items, users)] = 1
x[rng.integers(0, users, items), np.arange(items)] = 1
penalty = 3.0
p = np.linalg.inv(x.T @ x + penalty * np.eye(items))
b = -p / np.diag(p)
np.fill_diagonal(b, 0)
pairs = [[int(u), int(i)] for u, i in zip(*np.nonzero(x))]

counts = x.T @ x
shrinkage = 2.0
cosine = counts / (np.sqrt(np.outer(np.diag(counts), np.diag(counts))) + shrinkage)
np.fill_diagonal(cosine, 0)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "recommendation.json"), "w") as file:
    json.dump({"users": users, "items": items, "pairs": pairs, "penalty": penalty, "ease_scores": (x @ b).tolist(),
               "ease_basket": (np.eye(items)[1] + np.eye(items)[4]) .dot(b).tolist(), "shrinkage": shrinkage,
               "similarity_scores": (x @ cosine).tolist()}, file, indent=1)
