"""Golden values of tests, intervals, clusterings, lists, calibration and explanations. Run: python make_evaluation.py > evaluation.json"""
import itertools
import json
import math
import warnings
import numpy as np
from scipy import stats
from sklearn import cluster, metrics as m
from sklearn.linear_model import LogisticRegression
import shap

warnings.filterwarnings("ignore")
rng = np.random.default_rng(11)


def plain(x):
    return [float(v) for v in np.asarray(x).ravel()]


def delong(n, digits):
    """From the definition: every pair of a positive and a negative, then sample covariances (DeLong 1988, eq. 3-5)."""
    y = (rng.random(n) < 0.4).astype(int)
    base = rng.normal(size=n)
    scores = [1 / (1 + np.exp(-(0.9 * y + base + s * rng.normal(size=n) - 0.5))) for s in (0.3, 0.8)]
    scores = [np.round(s, digits) for s in scores]
    areas, v10, v01 = [], [], []
    for s in scores:
        pos, neg = s[y == 1][:, None], s[y == 0][None, :]
        kernel = (pos > neg) + 0.5 * (pos == neg)
        areas.append(kernel.mean())
        v10.append(kernel.mean(1))
        v01.append(kernel.mean(0))
    cov = np.cov(np.array(v10)) / len(v10[0]) + np.cov(np.array(v01)) / len(v01[0])
    se = math.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    z = (areas[0] - areas[1]) / se
    q = stats.norm.ppf(0.975)
    return dict(truth=y.tolist(), a=plain(scores[0]), b=plain(scores[1]), area_a=areas[0], area_b=areas[1],
                low_a=areas[0] - q * math.sqrt(cov[0, 0]), high_a=areas[0] + q * math.sqrt(cov[0, 0]),
                low=areas[0] - areas[1] - q * se, high=areas[0] - areas[1] + q * se, doubt=float(stats.norm.cdf(-z)))


def distributions():
    ps = [1e-12, 1e-4, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999]
    ts = [(-3.2, 1), (-0.5, 4), (0.7, 2.5), (2.1, 30), (6.0, 7), (1.3, 400)]
    bs = [(0.2, 2, 3), (0.9, 0.5, 0.5), (0.5, 40, 45), (0.01, 1, 200)]
    ws = [(0, 10), (3, 17), (50, 60), (10, 10)]
    def wilson(k, n):
        r = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        return [r.low, r.high]
    pv = [0.001, 0.04, 0.03, 0.5, 0.03, 0.9, 0.012]
    return dict(normal=[[p, float(stats.norm.ppf(p))] for p in ps],
                student=[[t, f, float(stats.t.cdf(t, f))] for t, f in ts],
                student_quantile=[[p, f, float(stats.t.ppf(p, f))] for p, f in [(0.975, 3), (0.9, 1), (0.05, 12.5)]],
                beta=[[x, a, b, float(stats.beta.cdf(x, a, b))] for x, a, b in bs],
                wilson=[[k, n] + wilson(k, n) for k, n in ws],
                hochberg=[pv, plain(stats.false_discovery_control(pv))])


def clusterings():
    out = []
    for width, count in ((2, 3), (4, 5)):
        centres = rng.normal(size=(count, width)) * 3
        truth = rng.integers(0, count, 120)
        x = np.round(centres[truth] + rng.normal(size=(120, width)), 3)
        km = cluster.KMeans(count, n_init=3, random_state=0).fit(x)
        codes = km.labels_.copy()
        centroids = np.array([x[codes == k].mean(0) for k in range(count)])
        w = rng.integers(0, 3, 120)
        xr, cr, tr = np.repeat(x, w, 0), np.repeat(codes, w), np.repeat(truth, w)
        cw = np.array([xr[cr == k].mean(0) for k in range(count)])
        out.append(dict(
            width=width, points=plain(x), clusters=codes.tolist(), truth=truth.tolist(), weights=plain(w),
            plain=dict(silhouette=float(m.silhouette_score(x, codes)), inertia=float(((x - centroids[codes]) ** 2).sum()),
                       davies_bouldin=float(m.davies_bouldin_score(x, codes)),
                       adjusted_rand=float(m.adjusted_rand_score(truth, codes))),
            weighted=dict(silhouette=float(m.silhouette_score(xr, cr)), inertia=float(((xr - cw[cr]) ** 2).sum()),
                          davies_bouldin=float(m.davies_bouldin_score(xr, cr)),
                          adjusted_rand=float(m.adjusted_rand_score(tr, cr))),
            mutual=float(m.normalized_mutual_info_score(truth, codes))))
    return out


def rankings():
    items, users, k = 30, 25, 5
    score = rng.normal(size=(users, items))
    relevant = rng.random((users, items)) < 0.15
    relevant[0] = False
    lists = [[int(i) for i in np.argsort(-s)[:12]] for s in score]
    keep = relevant.any(1)
    ndcg = np.mean([m.ndcg_score([r.astype(float)], [s], k=k) for r, s in zip(relevant[keep], score[keep])])
    recall = np.mean([len(set(l[:k]) & set(np.flatnonzero(r))) / r.sum() for l, r in zip(np.array(lists)[keep], relevant[keep])])
    def ap(l, r):
        hits, total = 0, 0.0
        for place, item in enumerate(l[:k], 1):
            if r[item]:
                hits += 1
                total += hits / place
        return total / min(k, r.sum())
    return dict(k=k, lists=lists, relevant=[np.flatnonzero(r).tolist() for r in relevant],
                metrics=dict(ndcg_at_k=float(ndcg), recall_at_k=float(recall),
                             map_at_k=float(np.mean([ap(l, r) for l, r in zip(np.array(lists)[keep], relevant[keep])]))))


def forecasts():
    past = plain(np.round(50 + 10 * np.sin(np.arange(48) * math.pi / 6) + rng.normal(size=48), 3))
    truth = np.round(50 + 10 * np.sin(np.arange(48, 60) * math.pi / 6) + rng.normal(size=12), 3)
    predicted = np.round(truth + rng.normal(size=12), 3)
    low, high = predicted - 1.2, predicted + 1.2
    scale = np.abs(np.array(past[12:]) - np.array(past[:-12])).mean()
    outside = np.maximum(np.maximum(low - truth, truth - high), 0)
    return dict(past=past, season=12, truth=plain(truth), predicted=plain(predicted), low=plain(low), high=plain(high), coverage=0.8,
                metrics=dict(mase=float(np.abs(truth - predicted).mean() / scale),
                             smape=float((2 * np.abs(truth - predicted) / (np.abs(truth) + np.abs(predicted))).mean()),
                             interval_coverage=float(((low <= truth) & (truth <= high)).mean()),
                             interval_score=float((high - low + 2 / 0.2 * outside).mean())))


def averages():
    y, d = rng.integers(0, 4, 150), rng.integers(0, 4, 150)
    d = np.where(rng.random(150) < 0.5, y, d)
    w = rng.integers(0, 4, 150).astype(float)
    out = {}
    for average in ("macro", "weighted"):
        for name, f in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
            out[f"{average}_{name}"] = float(f(y, d, average=average, sample_weight=w))
    return dict(truth=y.tolist(), decided=d.tolist(), weights=plain(w), metrics=out)


def beta():
    p = np.clip(rng.beta(0.7, 0.9, 400), 1e-3, 1 - 1e-3)
    y = (rng.random(400) < 1 / (1 + np.exp(-(0.6 * np.log(p) - 1.4 * np.log(1 - p) - 0.3)))).astype(int)
    x = np.c_[np.log(p), -np.log(1 - p)]
    fit = LogisticRegression(C=1e12, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(x, y)
    return dict(probabilities=plain(p), truth=y.tolist(), a=float(fit.coef_[0, 0]), b=float(fit.coef_[0, 1]), c=float(fit.intercept_[0]))


def model(x):
    return x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + 0.5 * (x[:, 3] > 0.2) * x[:, 0] - 0.3 * x[:, 4] ** 2


def explanations():
    background, rows = np.round(rng.normal(size=(15, 5)), 4), np.round(rng.normal(size=(4, 5)), 4)
    exact = []
    for row in rows:
        def value(s):
            mixed = background.copy()
            mixed[:, list(s)] = row[list(s)]
            return model(mixed).mean()
        share = []
        for j in range(5):
            rest = [k for k in range(5) if k != j]
            share.append(sum(math.factorial(len(s)) * math.factorial(4 - len(s)) / 120 * (value(s + (j,)) - value(s))
                             for size in range(5) for s in itertools.combinations(rest, size)))
        exact.append(share)
    kernel = shap.KernelExplainer(model, background).shap_values(rows, nsamples=1000, silent=True)
    assert np.abs(np.array(exact) - kernel).max() < 1e-8
    x = np.round(rng.normal(size=(200, 5)), 2)
    # ALE after Apley and Zhu, eq. 15-16, borders at the inverse of the empirical distribution function.
    s = np.sort(x[:, 0])
    borders = np.unique(s[np.r_[0, np.ceil(np.arange(1, 9) * 200 / 8).astype(int) - 1]])
    place = np.clip(np.searchsorted(borders, x[:, 0], side="left"), 1, len(borders) - 1)
    lo, hi = x.copy(), x.copy()
    lo[:, 0], hi[:, 0] = borders[place - 1], borders[place]
    steps = model(hi) - model(lo)
    height = np.r_[0, np.cumsum([steps[place == k].mean() for k in range(1, len(borders))])]
    counts = np.array([(place == k).sum() for k in range(1, len(borders))])
    height -= (counts * (height[1:] + height[:-1]) / 2).sum() / 200
    def dependence(v):
        y = x.copy()
        y[:, 0] = v
        return float(model(y).mean())
    return dict(background=plain(background), rows=plain(rows), shares=plain(exact), x=plain(x), borders=plain(borders), ale=plain(height),
                dependence=[[float(v), dependence(v)] for v in (np.min(x[:, 0]), np.max(x[:, 0]))])


def expected_calibration(n):
    y = (rng.random(n) < 0.4).astype(int)
    p = np.round(np.clip(0.4 * y + 0.6 * rng.random(n), 0, 1), 4)
    bins = np.minimum((p * 10).astype(int), 9)
    ece = sum(abs(p[bins == b].sum() - y[bins == b].sum()) for b in range(10)) / n
    return dict(truth=y.tolist(), probabilities=plain(p), equal_width=float(ece))


print(json.dumps(dict(
    delong=[delong(60, 8), delong(300, 1)], distributions=distributions(), clusterings=clusterings(), rankings=rankings(),
    forecasts=forecasts(), averages=averages(), beta=beta(), explanations=explanations(), calibration=expected_calibration(300))))
