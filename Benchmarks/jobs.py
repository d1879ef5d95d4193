"""Every row of the table, one line each (see README.md for how each is measured)."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    name: str
    what: str
    unit: str                       # of the value; "s", "ms", "us", "MB" are better lower, "…/s" higher
    quality: str | None             # what stands in the quality columns
    reach: dict                     # part -> ratio to reach (time of Apus / time of the fastest peer)
    data: tuple = ()
    packages: tuple = ("scikit-learn",)
    units: dict = field(default_factory=dict)   # part -> unit, where parts differ
    more_is_better: bool = True     # of the quality
    same_quality: float = 0.001     # relative difference that counts as equal
    busy: bool = False              # another process is kept busy beside both
    command: bool = False           # needs the `apus` program
    script: str | None = None       # of the peers, where the name is not its file's


LIST = [
    Job("gbdt-1m", "1M x 28 floats, 100 trees x 255 leaves", "s", "auc", {"": 0.55}, ("floats",), ("lightgbm",
        "xgboost", "scikit-learn")),
    Job("gbdt-1m-busy", "the same beside one busy process", "s", "auc", {"": 0.55}, ("floats",), ("lightgbm",),
        busy=True),
    Job("gbdt-mixed", "500k rows, categories up to 5000 levels", "s", "auc", {"": 0.6}, ("mixed",), ("lightgbm",
        "pandas", "scikit-learn")),
    Job("random-forest", "100 full trees, 200k x 28", "s", "auc", {"": 0.1}, ("floats",)),
    Job("logistic", "1M x 28", "s", "auc", {"": 1.2}, ("floats",)),
    Job("ridge", "1M x 28", "s", "rmse", {"": 1.2}, ("floats",), more_is_better=False),
    Job("k-means", "k = 10, 1M x 21, 10 starts", "s", "inertia", {"": 0.9}, ("blobs",), more_is_better=False),
    Job("mlp", "784-256-128-10, 5 epochs, 60k rows", "s", "accuracy", {"": 1.2}, ("images",), ("torch",),
        same_quality=0.01),
    Job("tf-idf", "50k documents", "s", "features", {"": 0.1}, ("documents",), ("scikit-learn", "pandas")),
    Job("score-batch", "500 trees x 31 leaves, 1M rows", "rows/s", "auc", {"": 0.025}, ("floats",), ("lightgbm",
        "scikit-learn"), same_quality=0.005),
    Job("score-row", "the same, one row in process", "us", "auc", {"": 0.12}, ("floats",), ("lightgbm",
        "onnxruntime", "onnxmltools", "scikit-learn"), same_quality=0.005),
    Job("csv-floats", "1M rows of 28 numbers", "MB/s", "rows", {"": 0.67}, ("floats-csv",), ("polars", "pandas",
        "pyarrow")),
    Job("csv-mixed", "500k rows of numbers and categories", "MB/s", "rows", {"": 0.67}, ("mixed",), ("polars",
        "pandas", "pyarrow")),
    Job("prepare", "impute, scale, one-hot, 500k rows", "s", "features", {"": 0.1}, ("mixed",), ("scikit-learn",
        "pandas")),
    Job("drift", "100k against 100k x 20", "s", "right", {"": 0.15}, ("drift",), ("nannyml", "scipy", "pandas"),
        command=True, same_quality=0),
    Job("whole-job", "read, prepare, fit, test, save", "s", "auc", {"": 0.5, "memory": 0.5}, ("mixed",),
        ("lightgbm", "pandas", "scikit-learn"), {"memory": "MB"}, command=True),
    Job("start-up", "command, server, memory, size", "ms", None, {"command": 0.008, "server": 0.03, "memory": 0.025,
        "size": 0.1}, (), ("mlflow",), {"server": "s", "memory": "MB", "size": "MB"}, command=True),
    Job("http", "one row a request", "req/s", "auc", {"": 0.33, "p99": 0.35}, ("requests",), ("fastapi",
        "uvicorn[standard]", "orjson", "lightgbm", "scikit-learn", "pandas"), {"p99": "ms"}, same_quality=0.02,
        command=True, script="http_requests"),
]


def named(name):
    for job in LIST:
        if job.name == name:
            return job
    raise SystemExit(f"run: no job '{name}'; there are {', '.join(j.name for j in LIST)}.")
