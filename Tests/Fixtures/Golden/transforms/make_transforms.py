"""Golden values of scikit-learn transforms. Run: python make_transforms.py > transforms.json"""
import json
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import RobustScaler, StandardScaler

texts = [
    "Free entry in 2 a weekly comp to win FA Cup final tkts 21st May",
    "Ok lar... Joking wif u oni... win the cup",
    "", "the the THE cup, the Cup! don't win_it",
    "Größe über alles: naïve café ÉCOLE № ½ x² Ελλάδα ΣΟΦΟΣ",
    "weekly weekly free free entry — the final final cup 21st",
    "日本語 テキスト and 123 456 emoji 😀 text", "a b c d e final in in the cup",
]
numbers = [3.5, None, -1.25, 1e6, 0.1, 0.2, None, 7.0, 7.0, -3e-4]

def tfidf(**options):
    v = TfidfVectorizer(**options)
    m = v.fit_transform(texts).tocsr()
    m.sort_indices()
    return {"terms": v.get_feature_names_out().tolist(), "offsets": m.indptr.tolist(), "indices": m.indices.tolist(),
            "values": m.data.tolist()}

column = np.array([[np.nan if v is None else v] for v in numbers])
present = column[~np.isnan(column[:, 0])]
standard, robust = StandardScaler().fit(column), RobustScaler().fit(column)
out = {
    "texts": texts, "numbers": numbers,
    "words": tfidf(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
    "unigrams": tfidf(ngram_range=(1, 1), min_df=1, token_pattern=r"(?u)\b\w+\b"),
    "characters": tfidf(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, min_df=2),
    "standard": {"mean": standard.mean_[0], "scale": standard.scale_[0],
                 "values": standard.transform(present)[:, 0].tolist()},
    "robust": {"values": robust.transform(present)[:, 0].tolist()},
    "median": SimpleImputer(strategy="median").fit(column).statistics_[0],
    "mean": SimpleImputer(strategy="mean").fit(column).statistics_[0],
    "most-frequent": SimpleImputer(strategy="most_frequent").fit(column).statistics_[0],
}
print(json.dumps(out))
