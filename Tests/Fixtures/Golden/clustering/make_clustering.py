"""Writes clustering.json: clusterings of scikit-learn on a small table."""
import json
import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture

rng = np.random.default_rng(8)
centers = np.array([[0, 0, 0], [5, 1, 0], [1, 6, 2], [6, 6, -3]], float)
x = np.concatenate([c + s * rng.normal(size=(m, 3)) for c, s, m in zip(centers, [0.6, 0.9, 0.5, 1.1], [60, 50, 40, 30])]
                   + [rng.uniform(-4, 10, size=(20, 3))])
clean = x[:180]
x = x[rng.permutation(len(x))]
out = {"x": x.tolist(), "clean": clean.tolist()}
start = x[:4]
m = KMeans(4, init=start, n_init=1, tol=0, max_iter=300).fit(x)
out["kmeans"] = {"start": start.tolist(), "inertia": m.inertia_, "labels": m.labels_.tolist(),
                 "silhouette": silhouette_score(x, m.labels_)}
out["dbscan"] = {str(eps): DBSCAN(eps=eps, min_samples=5).fit(x).labels_.tolist() for eps in [0.8, 1.2]}
out["hdbscan"] = {str(size): HDBSCAN(min_cluster_size=size, copy=True).fit(x).labels_.tolist() for size in [5, 10, 15]}
out["mixture"] = {}
for kind in ["full", "diag", "tied"]:
    best = GaussianMixture(4, covariance_type=kind, tol=1e-10, max_iter=2000, n_init=5, random_state=0).fit(clean)
    out["mixture"][kind] = {"log_likelihood": best.score(clean), "bic": best.bic(clean)}
json.dump(out, open("clustering.json", "w"), separators=(",", ":"))
