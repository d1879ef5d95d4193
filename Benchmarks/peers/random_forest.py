"""scikit-learn: 100 full trees on 200,000 rows."""

from common import THREADS, attempt, emit, floats, timed
from sklearn.metrics import roc_auc_score


def forest():
    from sklearn.ensemble import RandomForestClassifier
    (x, y, _), (test_x, test_y, _) = floats(200_000)
    model = RandomForestClassifier(100, n_jobs=THREADS, random_state=1)
    seconds, _ = timed(lambda: model.fit(x, y))
    emit("scikit-learn", seconds, roc_auc_score(test_y[-100_000:], model.predict_proba(test_x[-100_000:])[:, 1]))


attempt("scikit-learn", forest)
