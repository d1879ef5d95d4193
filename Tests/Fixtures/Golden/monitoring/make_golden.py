"""Writes golden.json: distances by scipy, detector alarms by river. See README.md."""
import json

import numpy as np
from river import drift
from river._river_rust.drift import AdaptiveWindowing
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

rng = np.random.default_rng(7)


def uniform(n):
    """SplitMix64 fractions, so that the test makes the same stream without a fixture."""
    out, state = [], 42
    mask = (1 << 64) - 1
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        out.append((z >> 11) * 2.0**-53)
    return out


distances = []
for k in (2, 3, 8, 32):
    p, q = rng.integers(0, 50, k).tolist(), rng.integers(0, 50, k).tolist()
    distances.append({"p": p, "q": q, "value": float(jensenshannon(p, q, base=2))})
distances.append({"p": [1, 0], "q": [0, 1], "value": float(jensenshannon([1, 0], [0, 1], base=2))})

u = uniform(6000)
errors = [1.0 if x < (0.1 if i < 3000 else 0.3) else 0.0 for i, x in enumerate(u)]
levels = [x + (0.0 if i < 2000 else 0.8 if i < 4000 else -0.5) for i, x in enumerate(u)]


def alarms(detector, stream):
    found = []
    for index, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            found.append(index)
    return found


def adwin(stream):
    """The window itself: drift.ADWIN throws the whole window away after an alarm, the paper keeps the newer part."""
    window = AdaptiveWindowing(delta=0.002, clock=32, max_buckets=5, min_window_length=5, grace_period=10)
    found = [[i, int(window.get_width())] for i, x in enumerate(stream) if window.update(x)]
    return {"alarms": [i for i, _ in found], "widths": [w for _, w in found]}


first, second = [round(x * 20) for x in u[:500]], [round(x * 24) - 1 for x in u[500:900]]
golden = {
    "jensen_shannon": distances,
    "adwin_errors": adwin(errors),
    "adwin_levels": adwin(levels),
    "page_hinkley_errors": alarms(drift.PageHinkley(threshold=30), errors),
    "page_hinkley_levels": alarms(drift.PageHinkley(), levels),
    "page_hinkley_up": alarms(drift.PageHinkley(mode="up"), levels),
    "wasserstein": {"value": float(wasserstein_distance(first, second)), "sd": float(np.std(first, ddof=1))},
    "moments": {"mean": float(np.mean(levels)), "variance": float(np.var(levels, ddof=1))},
}
with open("golden.json", "w") as file:
    json.dump(golden, file, indent=1)
