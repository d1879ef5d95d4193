"""Trains small ensembles with LightGBM and scikit-learn and writes their trees and what `shap` says of some rows.

    python make_shap.py        # writes cases.json beside it
"""

import json
import math
import os

import lightgbm
import numpy
import shap
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

random = numpy.random.default_rng(5)
FEATURES = 6


def table(count, missing):
    x = random.normal(size=(count, FEATURES)).astype(numpy.float32).astype(float)
    y = x[:, 0] * 2 + numpy.sin(3 * x[:, 1]) + x[:, 2] * x[:, 3] + 0.3 * random.normal(size=count)
    if missing:
        x[random.random(x.shape) < 0.1] = numpy.nan
    return x, y


def empty(width):
    return {"feature": [], "threshold": [], "missing_left": [], "left": [], "right": [], "categories": [], "words": [],
            "roots": [], "leaves": [], "cover": [], "leaf_width": width}


def add(out, node, split, leaf):
    """Adds a subtree, parents first; `split(node)` is None for a leaf."""
    test = split(node)
    if test is None:
        values, cover = leaf(node)
        out["leaves"] += values
        out["cover"].append(cover)
        return ~(len(out["cover"]) - 1)
    here = len(out["feature"])
    feature, threshold, missing_left, words, left, right = test
    out["feature"].append(feature)
    out["threshold"].append(threshold)
    out["missing_left"].append(int(missing_left))
    out["categories"].append(len(out["words"]) if words is not None else -1)
    out["words"] += words or []
    out["left"].append(0)
    out["right"].append(0)
    out["left"][here] = add(out, left, split, leaf)
    out["right"][here] = add(out, right, split, leaf)
    return here


def of_lightgbm(model):
    out = empty(1)

    def split(node):
        if "split_feature" not in node:
            return None
        words = None
        threshold, missing_left = node["threshold"], node["default_left"]
        if node["decision_type"] == "==":  # codes of level k are k + 2; missing and unknown levels go right
            bits = sum(1 << (int(level) + 2) for level in threshold.split("||"))
            words, threshold, missing_left = [bits & 0x7FFFFFFF], 0.0, False
        return (node["split_feature"], threshold, missing_left, words, node["left_child"], node["right_child"])

    for tree in model.dump_model()["tree_info"]:
        out["roots"].append(add(out, tree["tree_structure"], split,
                                lambda n: ([n["leaf_value"]], float(n.get("leaf_count", 1)))))
    return out


def of_sklearn(model, width):
    out = empty(width)
    for estimator in model.estimators_:
        t = estimator.tree_

        def leaf(i):
            values = t.value[i][0]
            if width == 1 and len(values) == 2:
                values = values[1:]
            return [float(v) for v in values], float(t.weighted_n_node_samples[i])

        def split(i):
            if t.children_left[i] < 0:
                return None
            return (int(t.feature[i]), float(t.threshold[i]), False, None, t.children_left[i], t.children_right[i])

        out["roots"].append(add(out, 0, split, leaf))
    return out


def cells(x):
    return [[None if numpy.isnan(v) else float(v) for v in row] for row in x]


def case(name, kind, trees, x, background, paths, interventions, levels=0):
    """`paths` and `interventions`: (values [row, output, feature], baseline [output])."""
    out = {"name": name, "kind": kind, "trees": trees, "rows": cells(x), "background": cells(background), "levels": levels,
           "path_values": numpy.asarray(paths[0]).ravel().tolist(), "path_baseline": numpy.ravel(paths[1]).tolist()}
    if interventions:
        out["background_values"] = numpy.asarray(interventions[0]).ravel().tolist()
        out["background_baseline"] = numpy.ravel(interventions[1]).tolist()
    return out


def enumerated(predict, x, background):
    """Interventional Shapley values by their definition, over all subsets of features: `shap` itself rounds to 32 bits."""
    sets = [[f for f in range(FEATURES) if bits >> f & 1] for bits in range(1 << FEATURES)]
    values = []
    for row in x:
        worth = []
        for own in sets:
            mixed = background.copy()
            mixed[:, own] = row[own]
            worth.append(numpy.mean(predict(mixed), axis=0))
        shares = numpy.zeros((FEATURES,) + numpy.shape(worth[0]))
        for bits, own in enumerate(sets):
            for f in range(FEATURES):
                if not bits >> f & 1:
                    weight = math.factorial(len(own)) * math.factorial(FEATURES - 1 - len(own)) / math.factorial(FEATURES)
                    shares[f] += weight * (worth[bits | 1 << f] - worth[bits])
        values.append(shares.T)
    return numpy.array(values), numpy.mean(predict(background), axis=0)


def explained(model, x, background, outputs):
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = numpy.asarray(explainer.shap_values(x, check_additivity=False))
    if outputs > 1:
        values = values.transpose(0, 2, 1) if values.shape[-1] == outputs else values
    predict = model.predict_proba if outputs > 1 else model.predict
    exact = enumerated(predict, x, background)
    other = shap.TreeExplainer(model, background, feature_perturbation="interventional")
    theirs = numpy.asarray(other.shap_values(x, check_additivity=False))
    theirs = theirs.transpose(0, 2, 1) if outputs > 1 else theirs
    assert numpy.abs(theirs - exact[0]).max() < 1e-6
    return [(values, numpy.ravel(explainer.expected_value)), exact]


cases = []
OPTIONS = {"verbose": -1, "num_leaves": 12, "min_data_in_leaf": 5, "num_threads": 1}
x, y = table(400, True)
model = lightgbm.train(OPTIONS | {"objective": "regression"}, lightgbm.Dataset(x, y), 6)
both = explained(model, x[:12], x[100:120], 1)
cases.append(case("lightgbm, missing values", "squared-error", of_lightgbm(model), x[:12], x[100:120], *both))

binary = (y > 0).astype(int)
model = lightgbm.train(OPTIONS | {"objective": "binary", "num_leaves": 31, "min_data_in_leaf": 2},
                       lightgbm.Dataset(x, binary), 4)
values = model.predict(x[:12], pred_contrib=True)
cases.append(case("lightgbm, two classes", "logistic", of_lightgbm(model), x[:12], x[100:120],
                  (values[:, :-1], values[0, -1:]), None))

x2 = x.copy()
x2[:, 5] = random.integers(0, 8, len(x2))
y2 = y + numpy.isin(x2[:, 5], [1, 4, 6]) * 3
data = lightgbm.Dataset(x2, y2, categorical_feature=[5])
model = lightgbm.train(OPTIONS | {"objective": "regression", "min_data_per_group": 5, "cat_smooth": 1}, data, 5)
values = model.predict(x2[:12], pred_contrib=True)
cases.append(case("lightgbm, categories", "squared-error", of_lightgbm(model), x2[:12], x2[100:120],
                  (values[:, :-1], values[0, -1:]), None, levels=8))

x, y = table(300, False)
model = RandomForestRegressor(5, max_leaf_nodes=20, random_state=0).fit(x, y)
cases.append(case("scikit-learn, forest of numbers", "forest", of_sklearn(model, 1), x[:12], x[100:120],
                  *explained(model, x[:12], x[100:120], 1)))
three = numpy.digitize(y, [-1, 1])
model = RandomForestClassifier(4, max_depth=7, random_state=0).fit(x, three)
cases.append(case("scikit-learn, forest of three classes", "forest-3", of_sklearn(model, 3), x[:12], x[100:120],
                  *explained(model, x[:12], x[100:120], 3)))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json"), "w") as file:
    json.dump({"cases": cases}, file)
