"""One set of `quality`: splits it, lets Apus and the peers learn, prints their test scores as one JSON line."""

import argparse
import json
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy
import pandas
import quality_sets
from sklearn import metrics

warnings.filterwarnings("ignore")
MISSING = ("", "?", "NA", "NaN", "nan", "null", "None")


def common_options():
    """What both programs that work on one set are asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--data", required=True)
    parser.add_argument("--apus", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def options():
    parser = common_options()
    parser.add_argument("--peers", default="")
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--shuffles", type=int, default=0)
    return parser.parse_args()


# Reading: cells stay the texts they are, so that Apus sees what the file holds.

def raw(entry, path, folder):
    frame = pandas.read_csv(
        Path(folder) / path, header=0 if entry.header else None, skiprows=entry.skip, dtype=str,
        keep_default_na=False, encoding_errors="replace")
    frame.columns = [str(name).removeprefix("\ufeff").strip() if entry.header else name for name in frame.columns]
    return frame


def split(entry, folder, rest=4, shuffle=None):
    """Training and test rows, dropped columns left out; test classes spelt as in training.

    Without rows of its own, the test has those whose number is `rest` modulo 5; `shuffle` seeds another order of rows.
    """
    frame = raw(entry, entry.train, folder)
    if shuffle is not None:
        frame = frame.sample(frac=1, random_state=shuffle).reset_index(drop=True)
    if entry.test:
        train, test = frame, raw(entry, entry.test, folder)
    else:
        is_test = numpy.arange(len(frame)) % 5 == rest
        train, test = frame[~is_test], frame[is_test]
    target = frame.columns[entry.target] if isinstance(entry.target, int) else entry.target
    known = set(train[target].str.strip())
    ends = test[target].str.strip()
    test = test.assign(**{target: ends.where(ends.isin(known), ends.str.rstrip("."))}) if entry.header else test.copy()
    if not entry.header:
        test[target] = ends.where(ends.isin(known), ends.str.rstrip("."))
    return train.drop(columns=list(entry.drop)), test.drop(columns=list(entry.drop)), target


# Peers' view: numbers, categories, parts of time, words.

def features(entry, train, test, target):
    both = pandas.concat([train, test]).drop(columns=[target])
    if entry.text:
        from sklearn.feature_extraction.text import TfidfVectorizer
        words = TfidfVectorizer(sublinear_tf=True, min_df=2).fit(train[entry.text])
        return words.transform(train[entry.text]), words.transform(test[entry.text])
    both = both.apply(lambda column: column.str.strip()).replace(list(MISSING), numpy.nan)
    made = {}
    for name, column in both.items():
        if name in entry.times:
            moment = pandas.to_datetime(column)
            made[f"{name}_hour"], made[f"{name}_weekday"] = moment.dt.hour, moment.dt.weekday
            continue
        number = pandas.to_numeric(column, errors="coerce")
        is_number = number.notna().sum() == column.notna().sum()
        made[f"c{name}" if isinstance(name, int) else str(name)] = number if is_number else column
    if len(entry.times) == 2:
        start, end = (pandas.to_datetime(both[name]) for name in entry.times)
        made["seconds_between"] = (end - start).dt.total_seconds()
    plain = {"".join(c if c.isalnum() else "_" for c in name): column for name, column in made.items()}
    table = pandas.DataFrame(plain)
    for name in [name for name in table if not pandas.api.types.is_numeric_dtype(table[name])]:
        table[name] = pandas.Categorical(table[name], sorted(table[name].iloc[:len(train)].dropna().unique()))
    return table.iloc[:len(train)], table.iloc[len(train):]


def headline(entry, classes):
    """Name of the metric that ranks, and whether more is better."""
    if entry.task == "regression":
        return "rmse", False
    return ("roc_auc", True) if len(classes) == 2 else ("accuracy", True)


def score(metric, truth, prediction):
    if metric == "rmse":
        return float(numpy.sqrt(numpy.mean((prediction - truth) ** 2)))
    if metric == "roc_auc":
        return float(metrics.roc_auc_score(truth, prediction[:, 1]))
    return float(metrics.accuracy_score(truth, prediction.argmax(1)))


# The sides. Each returns its prediction of the test rows: numbers, or probabilities of all classes.

class Problem:
    """What a peer learns from."""

    def __init__(self, entry, folder, chosen, rest=4, shuffle=None):
        self.chosen, self.task = chosen, entry.task
        train, test, target = split(entry, folder, rest, shuffle)
        self.raw, self.target = (train, test), target
        self.x, self.test_x = features(entry, train, test, target)
        if entry.task == "regression":
            self.classes = []
            self.y, self.test_y = (part[target].str.strip().astype(float).to_numpy() for part in (train, test))
        else:
            self.classes = sorted(train[target].str.strip().unique())
            codes = {name: code for code, name in enumerate(self.classes)}
            self.y, self.test_y = (part[target].str.strip().map(codes).to_numpy() for part in (train, test))
        self.metric, self.higher = headline(entry, self.classes)

    def model(self, **settings):
        import lightgbm
        kind = lightgbm.LGBMRegressor if self.task == "regression" else lightgbm.LGBMClassifier
        return kind(n_jobs=self.chosen.threads, verbosity=-1, random_state=self.chosen.seed, **settings)

    def predicted(self, model, x):
        return model.predict(x) if self.task == "regression" else model.predict_proba(x)

    def rows(self, index):
        return self.x.iloc[index] if hasattr(self.x, "iloc") else self.x[index]


def default(problem, _):
    return problem.predicted(problem.model().fit(problem.x, problem.y), problem.test_x)


def tuned(problem, seconds):
    """30 Optuna trials, or as many as the time allows, judged by folds (one held-out fold on large tables)."""
    import optuna
    from sklearn.model_selection import KFold, StratifiedKFold
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kind = KFold if problem.task == "regression" else StratifiedKFold
    folds = list(kind(5, shuffle=True, random_state=problem.chosen.seed).split(problem.x, problem.y))
    folds = folds if len(problem.y) <= 5000 else folds[:1]

    def objective(trial):
        settings = dict(
            n_estimators=trial.suggest_int("n_estimators", 50, 1000, log=True),
            learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            num_leaves=trial.suggest_int("num_leaves", 7, 255, log=True),
            min_child_samples=trial.suggest_int("min_child_samples", 3, 100, log=True),
            colsample_bytree=trial.suggest_float("colsample_bytree", 0.4, 1.0),
            subsample=trial.suggest_float("subsample", 0.5, 1.0), subsample_freq=1,
            reg_lambda=trial.suggest_float("reg_lambda", 1e-3, 30, log=True))
        trial.set_user_attr("settings", settings)
        losses = []
        for train, valid in folds:
            model = problem.model(**settings).fit(problem.rows(train), problem.y[train])
            prediction = problem.predicted(model, problem.rows(valid))
            losses.append(
                numpy.mean((prediction - problem.y[valid]) ** 2) if problem.task == "regression"
                else metrics.log_loss(problem.y[valid], prediction, labels=numpy.arange(len(problem.classes))))
        return float(numpy.mean(losses))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=problem.chosen.seed))
    study.optimize(objective, n_trials=30, timeout=seconds)
    best = problem.model(**study.best_trial.user_attrs["settings"]).fit(problem.x, problem.y)
    return problem.predicted(best, problem.test_x)


def flaml(problem, seconds):
    from flaml import AutoML
    search = AutoML()
    settings = dict(task=problem.task, time_budget=max(5, seconds), n_jobs=problem.chosen.threads, verbose=0,
                    seed=problem.chosen.seed)
    if problem.task == "classification":
        settings["metric"] = "roc_auc" if len(problem.classes) == 2 else "log_loss"
    search.fit(problem.x, problem.y, **settings)
    return problem.predicted(search, problem.test_x)


def apus(problem, entry):
    """Score, seconds and what was chosen, from `apus train` on files of the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in zip(("train", "test"), problem.raw):
            rows.to_csv(f"{folder}/{name}.csv", index=False, header=entry.header)
        place = f"#{list(problem.raw[0].columns).index(problem.target) + 1}"
        command = [
            problem.chosen.apus, "train", f"{folder}/train.csv", "--test", f"{folder}/test.csv", "--target",
            problem.target if entry.header else place, "--task", entry.task,
            *(["--budget", problem.chosen.budget] if problem.chosen.budget != "auto" else []),
            "--threads", str(problem.chosen.threads), "--seed", str(problem.chosen.seed), "--name", entry.name,
            "--workspace", f"{folder}/workspace", "--json", "--quiet"]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    if done.returncode > 1 or not done.stdout.strip():
        raise RuntimeError(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit {done.returncode}")
    answer = json.loads(done.stdout)
    test = {name: value["value"] for name, value in answer["test"].items()}
    return test, seconds, {"model": answer.get("model"), "candidates": len(answer.get("candidates", []))}


SIDES = {"lightgbm": default, "lightgbm-optuna": tuned, "flaml": flaml}
SHUFFLED_ROWS = 1500


def judged(problem, entry, chosen):
    """All sides on one split: the result that is printed."""
    result = {"metric": problem.metric, "higher_is_better": problem.higher, "rows": len(problem.y),
              "test_rows": len(problem.test_y), "scores": {}, "seconds": {}, "failed": {}}
    budget = 60.0
    try:
        test, budget, told = apus(problem, entry)
        result["scores"]["apus"], result["seconds"]["apus"] = test.get(problem.metric), budget
        result["apus"] = {**told, "test": test}
    except Exception as error:
        result["failed"]["apus"] = f"{error}"[:200]
    for who in [name for name in chosen.peers.split(",") if name]:
        start = time.perf_counter()
        try:
            result["scores"][who] = score(problem.metric, problem.test_y, SIDES[who](problem, budget))
        except Exception as error:
            result["failed"][who] = f"{type(error).__name__}: {error}"[:200]
        result["seconds"][who] = time.perf_counter() - start
    return result


def main():
    chosen = options()
    entry = quality_sets.named(chosen.name)
    problem = Problem(entry, chosen.data, chosen)
    result = judged(problem, entry, chosen)
    if not entry.test and len(problem.y) <= SHUFFLED_ROWS:
        result["shuffles"] = [
            judged(Problem(entry, chosen.data, chosen, shuffle=seed), entry, chosen)["scores"]
            for seed in range(chosen.shuffles)]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
