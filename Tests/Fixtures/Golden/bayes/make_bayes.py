"""Golden probabilities of scikit-learn's naive Bayes. Run: python make_bayes.py > bayes.json"""
import json
import numpy as np
import scipy.sparse as sp
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB

r = np.random.RandomState(5)
n = 60
y = r.randint(0, 3, n)
x = np.round(r.normal(size=(n, 3)) * [1, 20, 0.01] + np.outer(y, [0.7, -9, 0.004]) + [0, 100, 0], 5)
w = np.round(r.uniform(0.2, 3, n), 3)
s = sp.random(n, 10, 0.3, "csr", random_state=r)
s.data = np.ceil(s.data * 4) + (np.arange(len(s.data)) % 3 == 0) * 0.25
s = (s + sp.csr_matrix((np.ones(n), (np.arange(n), y * 3)), shape=(n, 10))).tocsr()
s.sort_indices()
d = s.toarray()
both = np.hstack([x, d])
out = {"y": y.tolist(), "weights": w.tolist(), "x": x.tolist(),
       "sparse": {"offsets": s.indptr.tolist(), "indices": s.indices.tolist(), "values": s.data.tolist(), "width": 10},
       "fits": {"gaussian": GaussianNB().fit(both, y).predict_proba(both).tolist(),
                "gaussian_weighted": GaussianNB(var_smoothing=0).fit(both, y, sample_weight=w).predict_proba(both).tolist(),
                "multinomial": MultinomialNB().fit(d, y).predict_proba(d).tolist(),
                "multinomial_weighted": MultinomialNB(alpha=0.3).fit(d, y, sample_weight=w).predict_proba(d).tolist(),
                "bernoulli": BernoulliNB().fit(d, y).predict_proba(d).tolist(),
                "bernoulli_weighted": BernoulliNB(alpha=0.3, binarize=1.5).fit(d, y, sample_weight=w).predict_proba(d).tolist()}}
print(json.dumps(out))
