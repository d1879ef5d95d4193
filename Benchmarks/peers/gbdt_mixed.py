"""LightGBM with its own categoricals: 100 trees of 31 leaves."""

import pandas
from common import DATA, THREADS, attempt, emit, timed
from sklearn.metrics import roc_auc_score


def read(name, categories=None):
    frame = pandas.read_csv(DATA / f"{name}.csv")
    for column in frame.columns[frame.columns.str.startswith("cat")]:
        frame[column] = pandas.Categorical(frame[column], categories[column] if categories else None)
    return frame


def lightgbm():
    import lightgbm
    train = read("mixed-train")
    test = read("mixed-test", {c: train[c].cat.categories for c in train if c.startswith("cat")})
    settings = dict(objective="binary", num_leaves=31, learning_rate=0.1, num_threads=THREADS, verbosity=-1)
    data = lambda: lightgbm.Dataset(train.drop(columns="y"), train["y"])
    seconds, model = timed(lambda: lightgbm.train(settings, data(), 100))
    emit("lightgbm", seconds, roc_auc_score(test["y"], model.predict(test.drop(columns="y"))))


attempt("lightgbm", lightgbm)
