"""Writes reduction.json: reductions of scikit-learn on small tables."""
import json
import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.kernel_approximation import Nystroem

rng = np.random.default_rng(3)
x = rng.normal(size=(80, 6)) @ rng.normal(size=(6, 6)) + rng.normal(size=6)
p = PCA().fit(x)
out = {"x": x.tolist(), "variances": p.explained_variance_.tolist(), "directions": p.components_.tolist(),
       "whitened": PCA(3, whiten=True).fit_transform(x)[:10].tolist()}
s = sp.random(60, 40, density=0.15, random_state=4, format="csr")
s.sort_indices()
t = TruncatedSVD(8, algorithm="arpack", random_state=0).fit(s)
out["sparse"] = {"offsets": s.indptr.tolist(), "indices": s.indices.tolist(), "values": s.data.tolist(),
                 "singular": t.singular_values_.tolist()}
z = (x - x.mean(0)) / x.std(0)
n = Nystroem(gamma=0.2, n_components=80, random_state=0).fit(z)
f = n.transform(z[:12])
out["kernel"] = (f @ f.T).tolist()
json.dump(out, open("reduction.json", "w"), separators=(",", ":"))
