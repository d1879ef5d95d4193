"""LightGBM as in gbdt_1m, while the runner keeps another process busy."""

from common import attempt
from gbdt_1m import lightgbm

attempt("lightgbm", lambda: lightgbm(False))
attempt("lightgbm-quantized", lambda: lightgbm(True))
