"""scikit-learn, Lloyd, ten starts, at most 100 passes; inertia a row."""

import numpy
from common import attempt, emit, table, timed


def fit():
    from sklearn.cluster import KMeans
    x = numpy.ascontiguousarray(table("blobs").T.astype(numpy.float64))
    model = KMeans(10, n_init=10, max_iter=100, random_state=1)
    seconds, _ = timed(lambda: model.fit(x))
    emit("scikit-learn", seconds, model.inertia_ / len(x))


attempt("scikit-learn", fit)
