"""scikit-learn TfidfVectorizer with its defaults; the quality is the number of features."""

import pandas
from common import DATA, attempt, emit, timed


def fit():
    from sklearn.feature_extraction.text import TfidfVectorizer
    texts = pandas.read_csv(DATA / "documents.csv")["text"].tolist()
    model = TfidfVectorizer()
    seconds, _ = timed(lambda: model.fit_transform(texts))
    emit("scikit-learn", seconds, len(model.vocabulary_))


attempt("scikit-learn", fit)
