"""Golden values of fairness from fairlearn. Run: python make_fairness.py > fairness.json"""
import json
import warnings
import numpy as np
import fairlearn.metrics as f
from sklearn import metrics as m

warnings.filterwarnings("ignore")
rng = np.random.default_rng(5)
n = 600
group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
side = rng.choice(["x", "y"], n)
y = (rng.random(n) < np.where(group == "a", 0.5, 0.35)).astype(int)
p = np.round(np.clip(0.3 * y + 0.15 * (group == "a") + 0.05 * (side == "x") + 0.5 * rng.random(n), 0, 1), 4)
d = (p > 0.5).astype(int)
w = rng.integers(1, 4, n).astype(float)


def measures(s, weights):
    k = dict(sensitive_features=s, sample_weight=weights)
    by = f.MetricFrame(
        metrics=dict(accuracy=m.accuracy_score, selection_rate=f.selection_rate, true_positive_rate=f.true_positive_rate,
                     false_positive_rate=f.false_positive_rate, positive_predictive_value=m.precision_score),
        y_true=y, y_pred=d, sensitive_features=s,
        sample_params={a: dict(sample_weight=weights) for a in
                       ("accuracy", "selection_rate", "true_positive_rate", "false_positive_rate", "positive_predictive_value")})
    table = by.by_group
    names = [list(i) if isinstance(i, tuple) else [i] for i in table.index]
    return dict(
        groups=[dict(values=a, metrics={c: float(v) for c, v in zip(table.columns, r)}) for a, r in zip(names, table.values)],
        difference=dict(
            demographic_parity=float(f.demographic_parity_difference(y, d, **k)),
            equalized_odds=float(f.equalized_odds_difference(y, d, **k)),
            equal_opportunity=float(f.equal_opportunity_difference(y, d, **k)),
            predictive_parity=float(by.difference()["positive_predictive_value"]), accuracy=float(by.difference()["accuracy"])),
        ratio=dict(
            demographic_parity=float(f.demographic_parity_ratio(y, d, **k)),
            equalized_odds=float(f.equalized_odds_ratio(y, d, **k)),
            equal_opportunity=float(f.equal_opportunity_ratio(y, d, **k)),
            predictive_parity=float(by.ratio()["positive_predictive_value"]), accuracy=float(by.ratio()["accuracy"])))


both = np.c_[group, side]
cells = {(g, c): ((group == g).mean() * (y == c).mean() / ((group == g) & (y == c)).mean()) for g in "abc" for c in (0, 1)}
print(json.dumps(dict(
    group=group.tolist(), side=side.tolist(), truth=y.tolist(), probabilities=p.tolist(), weights=w.tolist(),
    plain=measures(group, None), weighted=measures(group, w), crossed=measures(both, None),
    reweighing=[float(cells[(g, c)]) for g, c in zip(group, y)])))
