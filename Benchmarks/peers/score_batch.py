"""LightGBM: a million rows through 500 trees of 31 leaves."""

from common import THREADS, attempt, emit, table, timed
from sklearn.metrics import roc_auc_score


def model():
    """Learnt from the last 200,000 rows; with all columns."""
    import lightgbm
    columns = table("floats")
    settings = dict(objective="binary", num_leaves=31, learning_rate=0.1, num_threads=THREADS, verbosity=-1)
    data = lightgbm.Dataset(columns[:28, -200_000:].T, columns[28, -200_000:])
    return columns, lightgbm.train(settings, data, 500)


def score():
    columns, trees = model()
    x = columns[:28, :1_000_000].T.copy()
    trees.predict(x[:1000])
    seconds, predictions = timed(lambda: trees.predict(x, num_threads=THREADS))
    emit("lightgbm", len(x) / seconds, roc_auc_score(columns[28, :1_000_000], predictions))


if __name__ == "__main__":
    attempt("lightgbm", score)
