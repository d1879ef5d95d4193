"""Golden coefficients and objectives of scikit-learn for the linear family. Run: python make_family.py > family.json"""
import json
import numpy as np
from sklearn.linear_model import (ElasticNet, GammaRegressor, Lasso, LinearRegression, LogisticRegression,
                                  PoissonRegressor, TweedieRegressor)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR

base = json.load(open("linear.json"))
x, w, y = np.array(base["x"]), np.array(base["weights"]), np.array(base["y"])
b, m = np.array(base["binary"]), np.array(base["multi"])
r = np.random.RandomState(3)
n = len(x)
z = (x - x.mean(0)) / x.std(0)
mean = np.exp(0.6 * z[:, 0] - 0.4 * z[:, 1] + 0.7)
counts = r.poisson(mean).astype(float)
amounts = np.round(r.gamma(2.0, mean / 2), 4) + 0.001
claims = np.round(np.array([sum(r.gamma(1.5, 0.8, k)) for k in r.poisson(mean)]), 4)
out = {"counts": counts.tolist(), "amounts": amounts.tolist(), "claims": claims.tolist(), "fits": {}, "objectives": {}}

def put(name, model):
    out["fits"][name] = {"coef": np.atleast_2d(model.coef_).tolist(), "intercept": np.atleast_1d(model.intercept_).tolist()}

put("ols", LinearRegression().fit(x, y))
put("ols_weighted", LinearRegression().fit(x, y, sample_weight=w))
cd = dict(tol=1e-14, max_iter=1000000)
put("lasso", Lasso(alpha=0.1, **cd).fit(x, y))
put("lasso_weighted", Lasso(alpha=0.3, **cd).fit(x, y, sample_weight=w))
put("elastic_net", ElasticNet(alpha=0.2, l1_ratio=0.4, **cd).fit(x, y))
put("elastic_net_weighted", ElasticNet(alpha=0.05, l1_ratio=0.7, **cd).fit(x, y, sample_weight=w))
saga = dict(solver="saga", tol=1e-14, max_iter=2000000)
# saga is slow on unscaled columns: columns are scaled for these fits, and our tests scale alike.
lin = dict(tol=1e-14, max_iter=1000000)
put("l1", LogisticRegression(C=0.5, l1_ratio=1, **saga).fit(z, b))
put("elastic", LogisticRegression(C=0.5, l1_ratio=0.3, **saga).fit(z, b))
put("l1_multi", LogisticRegression(C=0.5, l1_ratio=1, **saga).fit(z, m))
put("balanced", LogisticRegression(C=1.0, class_weight="balanced", solver="newton-cholesky", tol=1e-12).fit(x, b))
glm = dict(solver="newton-cholesky", tol=1e-12, max_iter=10000)
put("poisson", PoissonRegressor(alpha=0.01, **glm).fit(x, counts))
put("poisson_weighted", PoissonRegressor(alpha=0.1, **glm).fit(x, counts, sample_weight=w))
put("gamma", GammaRegressor(alpha=0.01, **glm).fit(x, amounts))
put("tweedie", TweedieRegressor(power=1.5, alpha=0.01, **glm).fit(x, claims))
put("tweedie_weighted", TweedieRegressor(power=1.2, alpha=0.05, **glm).fit(x, claims, sample_weight=w))
put("tweedie_low", TweedieRegressor(power=1.0, link="log", alpha=0.0, **glm).fit(x, counts))
out["z"] = z.tolist()

def hinge(model, x, y, c, power):
    s = 2 * y - 1
    v = model.coef_.ravel()
    loss = np.maximum(0, 1 - s * (x @ v + model.intercept_)) ** power
    return float(0.5 * v @ v + c * loss.sum())

def tube(model, x, y, c, e, power):
    v = model.coef_.ravel()
    loss = np.maximum(0, np.abs(y - x @ v - model.intercept_) - e) ** power
    return float(0.5 * v @ v + c * loss.sum())

# A free intercept: libsvm has one; liblinear gets one through a large intercept_scaling.
out["objectives"]["hinge"] = hinge(SVC(C=0.7, kernel="linear", tol=1e-10).fit(z, b), z, b, 0.7, 1)
out["objectives"]["squared_hinge"] = hinge(LinearSVC(C=0.7, dual=False, intercept_scaling=1e4, tol=1e-12, max_iter=1000000).fit(z, b), z, b, 0.7, 2)
out["objectives"]["tube"] = tube(SVR(C=0.7, epsilon=0.2, kernel="linear", tol=1e-10).fit(z, y), z, y, 0.7, 0.2, 1)
print(json.dumps(out))
