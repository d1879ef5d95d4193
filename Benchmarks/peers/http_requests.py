"""FastAPI on uvicorn with uvloop and httptools, a worker a thread; the same load as for Apus."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import load
import pandas
from common import DATA, THREADS, attempt, emit
from sklearn.metrics import roc_auc_score

PORT = 5792


def serve():
    import lightgbm
    frame = pandas.read_csv(DATA / "requests.csv")
    test = frame.index % 5 == 4
    x, y = frame.drop(columns="y"), (frame["y"] == "yes").astype(int)
    model = lightgbm.train(dict(objective="binary", verbosity=-1), lightgbm.Dataset(x[~test], y[~test]), 100)
    auc = roc_auc_score(y[test], model.predict(x[test]))
    with tempfile.TemporaryDirectory() as folder:
        model.save_model(f"{folder}/model.txt")
        command = [
            sys.executable, "-m", "uvicorn", "fastapi_server:app", "--port", str(PORT), "--workers", str(THREADS),
            "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"]
        process = subprocess.Popen(
            command, cwd=Path(__file__).parent, env=dict(os.environ, MODEL=f"{folder}/model.txt", OMP_NUM_THREADS="1"))
        try:
            wait(process)
            found = load.measure(f"http://127.0.0.1:{PORT}/predict", str(DATA / "request-rows.json"))
        finally:
            process.terminate()
            process.wait()
    if found["failed"]:
        raise RuntimeError(f"{found['failed']} requests failed")
    emit("fastapi", found["requests_per_second"], auc)
    emit("fastapi", found["p99_ms"], auc, part="p99")


def wait(process):
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/openapi.json", timeout=1).read()
            return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"uvicorn ended with {process.returncode}") from None
            time.sleep(0.05)
    raise RuntimeError("uvicorn did not start within 30 s")


attempt("fastapi", serve)
