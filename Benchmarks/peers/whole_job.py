"""pandas and LightGBM from file to saved model, in a process of its own: seconds and peak memory."""

import resource
import subprocess
import sys
import tempfile

from common import DATA, THREADS, emit, timed

SCRIPT = """
import sys, pandas, lightgbm
from sklearn.metrics import roc_auc_score
folder, threads, out = sys.argv[1:]
def read(name, categories=None):
    frame = pandas.read_csv(f"{folder}/{name}.csv")
    for column in [c for c in frame if c.startswith("cat")]:
        frame[column] = pandas.Categorical(frame[column], categories[column] if categories else None)
    return frame
train = read("mixed-train")
model = lightgbm.LGBMClassifier(n_jobs=int(threads), verbosity=-1).fit(train.drop(columns="y"), train["y"])
test = read("mixed-test", {c: train[c].cat.categories for c in train if c.startswith("cat")})
print(roc_auc_score(test["y"], model.predict_proba(test.drop(columns="y"))[:, 1]))
model.booster_.save_model(out)
"""

with tempfile.NamedTemporaryFile(suffix=".txt") as out:
    command = [sys.executable, "-c", SCRIPT, str(DATA), str(THREADS), out.name]
    seconds, done = timed(lambda: subprocess.run(command, capture_output=True, text=True, check=True))
auc = float(done.stdout)
emit("pandas + lightgbm", seconds, auc)
emit("pandas + lightgbm", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000, auc, part="memory")
