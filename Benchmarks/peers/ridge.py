"""scikit-learn by Cholesky, on double-precision numbers as Apus has them."""

import numpy
from common import attempt, emit, floats, timed
from sklearn.linear_model import Ridge


def fit():
    (x, _, y), (test_x, _, test_y) = floats()
    x = x.astype(numpy.float64)
    model = Ridge(1, solver="cholesky")
    seconds, _ = timed(lambda: model.fit(x, y.astype(numpy.float64)))
    emit("scikit-learn", seconds, numpy.sqrt(numpy.mean((model.predict(test_x) - test_y) ** 2)))


attempt("scikit-learn", fit)
