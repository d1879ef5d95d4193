"""One table of `estimators`: each algorithm that suits it, by Apus and by its peer, one JSON line each."""

import json
import subprocess
import tempfile
import warnings

import numpy
import pandas
import quality_set
import quality_sets

warnings.filterwarnings("ignore")
SMALL = 15_000  # rows up to which kernel machines and neighbours are fitted
ROTATED = 40_000  # rows up to which tables are split five ways


def options():
    parser = quality_set.common_options()
    parser.add_argument("--only", default="")
    parser.add_argument("--same-columns", action="store_true")
    parser.add_argument("--splits", type=int, default=5)
    return parser.parse_args()


# Peers' columns: raw for LightGBM; integer codes for other trees; else standardised numbers and a column a category.

def coded(problem):
    parts = []
    for part in (problem.x, problem.test_x):
        part = part.copy()
        for name in part:
            if str(part[name].dtype) == "category":
                part[name] = part[name].cat.codes
        parts.append(part.astype(float))
    middle = parts[0].median()
    return [part.fillna(middle) for part in parts]


def standardised(problem):
    if not hasattr(problem.x, "iloc"):
        return problem.x, problem.test_x
    both = pandas.concat([problem.x, problem.test_x])
    count = len(problem.y)
    names = [name for name in both if str(both[name].dtype) == "category"]
    numbers = both.drop(columns=names).astype(float)
    numbers = numbers.fillna(numbers.iloc[:count].median())
    train = numbers.iloc[:count]
    numbers = (numbers - train.mean()) / train.std(ddof=0).replace(0, 1)
    if names:
        categories = pandas.get_dummies(both[names].astype(str)).astype(float)
        numbers = pandas.concat([numbers, categories], axis=1)
    both = numbers.to_numpy()
    return both[:count], both[count:]


def said(model, x, problem):
    """Numbers, or a score for each class."""
    if problem.task == "regression":
        return model.predict(x)
    if hasattr(model, "predict_proba"):
        return model.predict_proba(x)
    score = model.decision_function(x)
    return numpy.c_[-score, score] if score.ndim == 1 else score


# Algorithms: name, settings of Apus, the peer's model by task, its columns, rows at most, whether it suits text.

def estimators(problem):
    from sklearn import ensemble, linear_model, naive_bayes, neighbors, svm, tree
    seed, threads = problem.chosen.seed, problem.chosen.threads
    is_text, is_number = not hasattr(problem.x, "iloc"), problem.task == "regression"
    rows = len(problem.y)
    found = []

    def add(name, settings, model, view, suits=True):
        if suits:
            found.append((name, settings, model, view))

    boosted = dict(iteration_count=100, leaf_count=31, learning_rate=0.1, minimum_rows_per_leaf=20, l2=0,
                   column_fraction=1, row_fraction=1, early_stopping_rounds=0)
    raw = lambda problem: (problem.x, problem.test_x)  # noqa: E731
    add("gradient-boosted-trees", boosted, lambda: problem.model(), raw, not is_text)
    kinds = (ensemble.RandomForestRegressor, ensemble.ExtraTreesRegressor, tree.DecisionTreeRegressor,
             neighbors.KNeighborsRegressor) if is_number else (
        ensemble.RandomForestClassifier, ensemble.ExtraTreesClassifier, tree.DecisionTreeClassifier,
        neighbors.KNeighborsClassifier)
    chance = dict(n_jobs=threads, random_state=seed)
    trees = 300 if rows <= SMALL else 100  # few rows: enough trees that chance does not decide
    add("random-forest", {"tree_count": trees}, lambda: kinds[0](trees, **chance), coded, not is_text)
    add("extra-trees", {"tree_count": trees}, lambda: kinds[1](trees, **chance), coded, not is_text)
    add("decision-tree", {"minimum_rows_per_leaf": 10}, lambda: kinds[2](min_samples_leaf=10, random_state=seed), coded,
        not is_text)
    is_small = not is_text and rows <= SMALL
    add("k-nearest-neighbours", {"neighbour_count": 15}, lambda: kinds[3](15), standardised, is_small)
    if is_number:
        add("ridge", {"penalty": 1}, lambda: linear_model.Ridge(1), standardised)
        add("lasso", {"penalty": 1}, lambda: linear_model.Lasso(1), standardised)
        add("support-vector-regression", {"c": 10, "epsilon": 0.1}, lambda: svm.SVR(C=10), standardised, is_small)
        return found
    add("logistic-regression", {"penalty": 1}, lambda: linear_model.LogisticRegression(C=1, max_iter=2000),
        standardised)
    add("linear-svc", {"penalty": 1}, lambda: svm.LinearSVC(C=1, dual="auto"), standardised)
    add("support-vector-classifier", {"c": 1}, lambda: svm.SVC(C=1), standardised, is_small)
    add("gaussian-naive-bayes", {}, lambda: naive_bayes.GaussianNB(), standardised, not is_text)
    add("multinomial-naive-bayes", {}, lambda: naive_bayes.MultinomialNB(), standardised, is_text)
    return found


def with_target(columns, target):
    columns = columns.copy()
    columns[target.name] = target.to_numpy()
    return columns


def tables(problem, view):
    """Training and test rows for Apus: as they came, or with the columns that the peer's trees get."""
    if not problem.chosen.same_columns or view is not coded:
        return problem.raw
    made = coded(problem)
    return [with_target(part, own[problem.target]) for part, own in zip(made, problem.raw)]


def apus(problem, entry, name, settings, view):
    with tempfile.TemporaryDirectory() as folder:
        both = tables(problem, view)
        for part, rows in zip(("train", "test"), both):
            rows.to_csv(f"{folder}/{part}.csv", index=False, header=entry.header)
        place = f"#{list(both[0].columns).index(problem.target) + 1}"
        command = [
            problem.chosen.apus, "train", f"{folder}/train.csv", "--test", f"{folder}/test.csv", "--target",
            problem.target if entry.header else place, "--task", entry.task, "--algorithm", name, "--budget",
            "1 trials", "--no-nested", "--threads", str(problem.chosen.threads), "--seed", str(problem.chosen.seed),
            "--workspace", f"{folder}/workspace", "--json", "--quiet"]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode > 1 or not done.stdout.strip():
        raise RuntimeError(done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit {done.returncode}")
    answer = json.loads(done.stdout)
    winner = answer["candidates"][answer["chosen"]] if isinstance(answer["chosen"], int) else answer["chosen"]
    if winner.get("algorithm", name) != name:
        raise RuntimeError(f"apus kept {winner['algorithm']}: {name} is no better on its folds")
    return answer["test"][problem.metric]["value"]


def is_short(problem, own, peer):
    if problem.metric == "rmse":
        return own > 1.01 * peer
    return own < peer - 0.002


def peer(problem, model, view):
    x, test_x = view(problem)
    return quality_set.score(problem.metric, problem.test_y, said(model().fit(x, problem.y), test_x, problem))


def main():
    chosen = options()
    entry = quality_sets.named(chosen.name)
    problems = [quality_set.Problem(entry, chosen.data, chosen)]
    if not entry.test and len(problems[0].y) <= ROTATED:
        problems += [quality_set.Problem(entry, chosen.data, chosen, rest) for rest in range(chosen.splits - 1)]
    wanted = [name for name in chosen.only.split(",") if name]
    # The same algorithms for each split, each with the problem it was made for.
    for entries in zip(*(estimators(problem) for problem in problems)):
        name, settings = entries[0][:2]
        if wanted and name not in wanted:
            continue
        line = {"algorithm": name, "set": entry.name, "metric": problems[0].metric}
        try:
            pairs = [(peer(problem, model, view), apus(problem, entry, name, settings, view))
                     for problem, (_, _, model, view) in zip(problems, entries)]
            line["splits"] = [{"peer": float(left), "apus": float(right)} for left, right in pairs]
            line["peer"], line["apus"] = (float(numpy.mean(side)) for side in zip(*pairs))
            line["short"] = bool(is_short(problems[0], line["apus"], line["peer"]))
        except Exception as error:
            line["failed"] = f"{error}"[:200]
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
