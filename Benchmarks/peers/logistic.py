"""scikit-learn, Newton and L-BFGS, C = 1, on double-precision numbers as Apus has them."""

import numpy
from common import attempt, emit, floats, timed
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

(x, y, _), (test_x, test_y, _) = floats()
x = x.astype(numpy.float64)


def fit(solver):
    model = LogisticRegression(C=1, solver=solver, max_iter=100)
    seconds, _ = timed(lambda: model.fit(x, y))
    emit(f"scikit-learn {solver}", seconds, roc_auc_score(test_y, model.predict_proba(test_x)[:, 1]))


for solver in ("newton-cholesky", "lbfgs"):
    attempt(f"scikit-learn {solver}", lambda: fit(solver))
