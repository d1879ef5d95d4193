"""Writes svm.json: support vector machines and nearest neighbours of scikit-learn on small tables."""
import json
import numpy as np
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC, SVR

rng = np.random.default_rng(5)
n = 120
x = rng.normal(size=(n, 3))
y = ((x[:, 0] ** 2 + x[:, 1] + 0.3 * rng.normal(size=n)) > 0.6).astype(int)
three = np.digitize(x[:, 0] + 0.5 * x[:, 1] ** 2 + 0.2 * rng.normal(size=n), [0.0, 0.8])
values = np.sin(x[:, 0]) + 0.5 * x[:, 1] + 0.1 * rng.normal(size=n)
values = (values - values.mean()) / values.std()
new = rng.normal(size=(15, 3))
out = {"x": x.tolist(), "y": y.tolist(), "three": three.tolist(), "values": values.tolist(), "new": new.tolist()}


def objective(model, kernel_matrix, linear):
    a = model.dual_coef_[0]
    s = model.support_
    return 0.5 * a @ kernel_matrix[np.ix_(s, s)] @ a + linear(a)


def kernels(model):
    g = model._gamma
    dot = x @ x.T
    sq = (x ** 2).sum(1)
    return {"rbf": np.exp(-g * (sq[:, None] + sq[None] - 2 * dot)), "linear": dot,
            "poly": (g * dot + model.coef0) ** model.degree, "sigmoid": np.tanh(g * dot + model.coef0)}[model.kernel]


fits = {}
for name, kernel, extra in [("rbf", "rbf", {}), ("linear", "linear", {}), ("poly", "poly", {"coef0": 1.0, "degree": 3}),
                            ("sigmoid", "sigmoid", {"gamma": 0.1, "coef0": 0.2}), ("rbf_c10", "rbf", {"C": 10.0, "gamma": 0.5})]:
    m = SVC(kernel=kernel, tol=1e-8, **extra).fit(x, y)
    fits[name] = {"decision": m.decision_function(new).tolist(), "gamma": m._gamma,
                  "objective": objective(m, kernels(m), lambda a: -np.abs(a).sum()), "support": int(m.n_support_.sum())}
m = SVC(tol=1e-8, class_weight="balanced").fit(x, y)
fits["balanced"] = {"decision": m.decision_function(new).tolist()}
w = rng.uniform(0.2, 3, size=n)
m = SVC(tol=1e-8).fit(x, y, sample_weight=w)
fits["weighted"] = {"decision": m.decision_function(new).tolist()}
out["weights"] = w.tolist()
m = SVC(tol=1e-8, decision_function_shape="ovo").fit(x, three)
fits["three"] = {"decision": m.decision_function(new).tolist()}
for kernel in ["rbf", "linear"]:
    m = SVR(kernel=kernel, tol=1e-8).fit(x, values)
    fits["svr_" + kernel] = {"predicted": m.predict(new).tolist(),
                             "objective": objective(m, kernels(m), lambda a: 0.1 * np.abs(a).sum() - a @ values[m.support_])}
out["fits"] = fits
out["neighbours"] = {}
for metric in ["euclidean", "manhattan", "cosine"]:
    for weights in ["uniform", "distance"]:
        c = KNeighborsClassifier(7, weights=weights, metric=metric, algorithm="brute").fit(x, three)
        r = KNeighborsRegressor(7, weights=weights, metric=metric, algorithm="brute").fit(x, values)
        out["neighbours"][metric + "_" + weights] = {"probabilities": c.predict_proba(new).tolist(), "values": r.predict(new).tolist()}
json.dump(out, open("svm.json", "w"), separators=(",", ":"))
