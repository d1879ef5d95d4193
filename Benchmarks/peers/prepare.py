"""scikit-learn: median, standard scale, one-hot, sparse; the quality is the number of features."""

import pandas
from common import DATA, attempt, emit, timed


def fit():
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    frame = pandas.read_csv(DATA / "mixed-train.csv").drop(columns="y")
    texts = [column for column in frame if column.startswith("cat")]
    numbers = [column for column in frame if column not in texts]
    steps = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("texts", OneHotEncoder(handle_unknown="ignore"), texts)])
    seconds, made = timed(lambda: steps.fit_transform(frame))
    emit("scikit-learn", seconds, made.shape[1])


attempt("scikit-learn", fit)
