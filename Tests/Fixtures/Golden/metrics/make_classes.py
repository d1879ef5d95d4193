"""Metrics of single classes from scikit-learn, of the problems in metrics.json. Run: python make_classes.py > classes.json"""

import json
from pathlib import Path

import numpy
from sklearn import metrics

problems = json.loads((Path(__file__).parent / "metrics.json").read_text())


def by_class(problem):
    truth, count = numpy.array(problem["truth"]), problem["classes"]
    probabilities = numpy.array(problem["probabilities"]).reshape(len(truth), count)
    decided = (probabilities[:, 1] > 0.5).astype(int) if count == 2 else probabilities.argmax(1)
    weights = problem["weights"]
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, decided, labels=range(count), sample_weight=weights, zero_division=numpy.nan)
    areas = [
        metrics.roc_auc_score(truth == k, probabilities[:, k], sample_weight=weights) for k in range(count)]
    rows = numpy.bincount(truth, weights=weights, minlength=count)
    return {"rows": list(map(float, rows)), "precision": list(precision), "recall": list(recall), "f1": list(f1),
            "roc_auc": areas}


print(json.dumps({group: [by_class(problem) for problem in problems[group]] for group in ("binary", "multiclass")}))
