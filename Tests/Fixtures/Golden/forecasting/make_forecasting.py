"""Golden values of exponential smoothing: statsmodels' ETSModel on a small generated series."""
import json
import os
import warnings

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
t = np.arange(72)
season = np.array([0.8, 1.1, 1.3, 0.8])
y = np.round((40 + 0.5 * t) * season[t % 4] * np.exp(0.03 * rng.standard_normal(72)), 3)

cases = []
for error, trend, damped, seasonal in [
    ("add", None, False, None), ("mul", None, False, None), ("add", "add", False, None), ("add", "add", True, None),
    ("mul", "add", False, None), ("add", None, False, "add"), ("add", "add", False, "add"), ("mul", "add", False, "add"),
    ("mul", "add", False, "mul"), ("mul", "add", True, "mul"),
]:
    model = ETSModel(y, error=error, trend=trend, damped_trend=damped, seasonal=seasonal,
                     seasonal_periods=4 if seasonal else None)
    fit = model.fit(disp=False, maxiter=2000)
    p = dict(zip(fit.param_names, fit.params))
    # Season of the first value's phase first: the oldest of the four start states.
    starts = [p[f"initial_seasonal.{k}"] for k in range(4)] if seasonal else [0.0]
    said = np.asarray(fit.fittedvalues)
    order = starts
    if seasonal:
        base = p["initial_level"] + (p["damping_trend"] if damped else 1) * p.get("initial_trend", 0)
        order = starts if np.isclose(said[0], base + starts[0] if seasonal == "add" else base * starts[0]) else starts[::-1]
    cases.append({
        "error": error, "trend": "damped" if damped else (trend or "none"), "season": seasonal or "none",
        "level": p["smoothing_level"], "slope": p.get("smoothing_trend", 0.0),
        "seasonal": p.get("smoothing_seasonal", 0.0), "damping": p.get("damping_trend", 1.0),
        "start_level": p["initial_level"], "start_slope": p.get("initial_trend", 0.0), "start_season": list(order),
        "log_likelihood": float(fit.llf), "fitted": said.tolist(), "forecast": np.asarray(fit.forecast(8)).tolist(),
    })
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forecasting.json"), "w") as file:
    json.dump({"values": y.tolist(), "cases": cases}, file, indent=1)
