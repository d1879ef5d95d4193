"""Golden values of metrics, curves and calibration from scikit-learn. Run: python make_metrics.py > metrics.json"""
import json
import warnings
import numpy as np
from sklearn import metrics as m
from sklearn.isotonic import IsotonicRegression

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)


def plain(x):
    return [float(v) for v in np.asarray(x).ravel()]


def binary(n, weighted, ties):
    y = (rng.random(n) < 0.35).astype(int)
    p = 1 / (1 + np.exp(-(1.4 * (y - 0.4) + rng.normal(size=n))))
    p = np.round(p, 1 if ties else 6)
    w = rng.integers(0, 4, n).astype(float) if weighted else None
    d = (p > 0.5).astype(int)
    P = np.c_[1 - p, p]
    k = dict(sample_weight=w)
    out = dict(
        roc_auc=m.roc_auc_score(y, p, **k), average_precision=m.average_precision_score(y, p, **k),
        accuracy=m.accuracy_score(y, d, **k), balanced_accuracy=m.balanced_accuracy_score(y, d, **k),
        precision=m.precision_score(y, d, **k), recall=m.recall_score(y, d, **k), f1=m.f1_score(y, d, **k),
        macro_f1=m.f1_score(y, d, average="macro", **k), mcc=m.matthews_corrcoef(y, d, **k),
        log_loss=m.log_loss(y, P, **k), brier=m.brier_score_loss(y, p, scale_by_half=False, **k))
    fpr, tpr, _ = m.roc_curve(y, p, drop_intermediate=False, sample_weight=w)
    return dict(classes=2, truth=y.tolist(), probabilities=plain(P), weights=None if w is None else plain(w),
                metrics={a: float(b) for a, b in out.items()}, roc_x=plain(fpr), roc_y=plain(tpr))


def multi(n, classes, weighted):
    y = rng.integers(0, classes, n)
    s = rng.normal(size=(n, classes)) + 1.2 * np.eye(classes)[y]
    P = np.exp(s)
    P /= P.sum(1, keepdims=True)
    d = P.argmax(1)
    w = rng.integers(0, 4, n).astype(float) if weighted else None
    k = dict(sample_weight=w)
    out = dict(
        roc_auc=m.roc_auc_score(y, P, multi_class="ovr", average="macro", **k),
        average_precision=m.average_precision_score(np.eye(classes)[y], P, average="macro", **k),
        accuracy=m.accuracy_score(y, d, **k), balanced_accuracy=m.balanced_accuracy_score(y, d, **k),
        precision=m.precision_score(y, d, average="macro", **k), recall=m.recall_score(y, d, average="macro", **k),
        macro_f1=m.f1_score(y, d, average="macro", **k), mcc=m.matthews_corrcoef(y, d, **k),
        log_loss=m.log_loss(y, P, **k), brier=m.brier_score_loss(y, P, scale_by_half=False, **k))
    return dict(classes=classes, truth=y.tolist(), probabilities=plain(P), weights=None if w is None else plain(w),
                metrics={a: float(b) for a, b in out.items()})


def numbers(n, weighted):
    y = rng.normal(size=n) * 20 + 100
    p = y + rng.normal(size=n) * 6
    w = rng.integers(0, 4, n).astype(float) if weighted else None
    k = dict(sample_weight=w)
    repeated = np.repeat(np.abs(y - p), w.astype(int)) if weighted else np.abs(y - p)
    out = dict(
        rmse=m.root_mean_squared_error(y, p, **k), mae=m.mean_absolute_error(y, p, **k), r2=m.r2_score(y, p, **k),
        mape=m.mean_absolute_percentage_error(y, p, **k), median_absolute_error=np.median(repeated),
        pinball=m.mean_pinball_loss(y, p, alpha=0.5, **k))
    return dict(truth=plain(y), predicted=plain(p), weights=None if w is None else plain(w),
                metrics={a: float(b) for a, b in out.items()}, pinball_90=float(m.mean_pinball_loss(y, p, alpha=0.9, **k)))


def isotonic(n):
    x = np.round(rng.random(n), 2)
    y = (rng.random(n) < x**2).astype(float)
    w = rng.integers(1, 4, n).astype(float)
    fit = IsotonicRegression(out_of_bounds="clip").fit(x, y, sample_weight=w)
    at = np.linspace(-0.1, 1.1, 41)
    return dict(x=plain(x), y=plain(y), weights=plain(w), at=plain(at), fitted=plain(fit.predict(at)))


print(json.dumps(dict(
    binary=[binary(60, False, False), binary(60, True, False), binary(200, False, True), binary(200, True, True)],
    multiclass=[multi(90, 3, False), multi(120, 5, True)],
    numbers=[numbers(41, False), numbers(80, True)], isotonic=isotonic(80))))
