"""Golden coefficients of scikit-learn. Run: python make_linear.py > linear.json"""
import json
import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression, Ridge

r = np.random.RandomState(7)
n, p = 60, 4
x = np.round(r.normal(size=(n, p)) * [1, 10, 0.1, 3] + [0, 50, 2, -1], 4)
w = np.round(r.uniform(0.2, 3, n), 3)
noise = r.normal(size=n)
y = np.round(x @ [1.5, -0.2, 8, 0.3] + 2 + noise, 4)
score = (x - x.mean(0)) / x.std(0) @ [1.2, -0.7, 0.4, 0.0]
b = (score + r.normal(size=n) > 0).astype(int)
m = np.digitize(score + r.normal(size=n), [-0.8, 0.7])
s = sp.random(n, 12, 0.25, "csr", random_state=r)
s.data = np.round(s.data, 3)
ys = np.round(s.toarray()[:, 0] * 3 - s.toarray()[:, 5] * 2 + x[:, 0] + 0.1 * noise, 4)
xs = np.hstack([x, s.toarray()])
tight = dict(tol=1e-12, max_iter=100000)
out = {"x": x.tolist(), "weights": w.tolist(), "y": y.tolist(), "binary": b.tolist(), "multi": m.tolist(),
       "sparse": {"offsets": s.indptr.tolist(), "indices": s.indices.tolist(), "values": s.data.tolist(), "width": 12},
       "y_sparse": ys.tolist(), "fits": {}}

def put(name, model):
    out["fits"][name] = {"coef": np.atleast_2d(model.coef_).tolist(),
                         "intercept": np.atleast_1d(model.intercept_).tolist()}

put("ridge", Ridge(alpha=1.0).fit(x, y))
put("ridge_weighted", Ridge(alpha=2.5).fit(x, y, sample_weight=w))
put("ridge_sparse", Ridge(alpha=0.5).fit(xs, ys))
put("binary", LogisticRegression(C=1.0, solver="newton-cholesky", **tight).fit(x, b))
put("binary_weighted", LogisticRegression(C=0.4, solver="newton-cholesky", **tight).fit(x, b, sample_weight=w))
put("binary_sparse", LogisticRegression(C=1.0, solver="newton-cholesky", **tight).fit(xs, b))
put("multi", LogisticRegression(C=1.0, solver="newton-cholesky", **tight).fit(x, m))
put("multi_weighted", LogisticRegression(C=2.0, solver="newton-cholesky", **tight).fit(x, m, sample_weight=w))
print(json.dumps(out))
