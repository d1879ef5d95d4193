import Basics

/// Documents of runs, written by hand: every part is there once.
enum ReportSamples {
  static func measured(_ value: Double, _ low: Double, _ high: Double) -> JSONValue {
    ["value": .number(value), "low": .number(low), "high": .number(high)]
  }

  static let report: JSONValue = [
    "run": "r-1", "model": "m@2", "task": "classification", "target": "y", "metric": "roc_auc",
    "test": ["roc_auc": measured(0.8317, 0.7911, 0.8702), "log_loss": measured(0.4321, 0.4012, 0.4683)],
    "train_value": 0.9133, "validation_value": 0.8405, "higher_is_better": true, "chosen": 1, "promoted": false,
    "members": [["candidate": 1, "weight": 1]],
    "candidates": [
      candidate("baseline", 0.5, [0.5, 0.5]), candidate("ridge", 0.8405, [0.8262, 0.8548]),
      candidate("trees", 0.8233, [0.8233], droppedAfter: 1), candidate("forest", nil, [], failure: "Out of <memory>."),
    ],
    "gate": [
      "passed": false,
      "checks": [
        ["name": "goal", "passed": false, "value": 0.8317, "limit": 0.85, "why": "Test roc_auc 0.8317 misses 0.85."]
      ],
    ],
    "verdict": [
      "kind": "balanced", "baseline": 0.5, "sentence": "What was learnt carries over.", "advice": .null,
    ],
    "findings": [
      ["kind": "a", "severity": "warning", "message": "'x' is missing often.", "command": "apus data show"],
      ["kind": "b", "severity": "info", "message": "3 rows repeat."],
    ],
    "plan": ["'x' becomes pieces."], "notes": ["'y' has 2 values."], "rows": ["training": 1234, "test": 321],
    "seconds": 12.5, "peak_memory_bytes": 52_428_800, "sealed_openings": 1,
    "importance": [["column": "x", "value": 0.4]],
  ]

  static func candidate(
    _ name: String, _ mean: Double?, _ folds: [Double], droppedAfter: Int? = nil, failure: String? = nil
  ) -> JSONValue {
    [
      "algorithm": .string(name), "parameters": ["penalty": 0.25],
      "cross_validation": [
        "mean": .finite(mean), "folds": .array(folds.map { .number($0) }),
        "dropped_after": droppedAfter.map { .integer(Int64($0)) } ?? .null,
        "failure": failure.map { .string($0) } ?? .null, "training_mean": 0.91,
      ],
      "fit_seconds": 0.5, "predict_microseconds_per_row": 0.36,
    ]
  }

  static let analysis: JSONValue = [
    "curves": [
      "roc": [["x": 0, "y": 0, "threshold": 0.9], ["x": 0.1234, "y": 0.7321, "threshold": 0.5], ["x": 1, "y": 1]],
      "precision_recall": [["x": 0.5, "y": 0.9], ["x": 1, "y": 0.4]],
      "lift": [["x": 0.1, "y": 2.5], ["x": 1, "y": 1]],
    ],
    "confusion": ["classes": ["no", "yes"], "counts": [181, 19, 31, 90]],
    "calibration": [
      "bins": [["predicted": 0.2, "observed": measured(0.2468, 0.1, 0.4), "weight": 30]],
      "expected_calibration_error": measured(0.0911, 0.0612, 0.1204), "maximum_calibration_error": 0.2,
    ],
    "thresholds": [
      ["threshold": 0.3, "precision": measured(0.6137, 0.5, 0.7), "recall": measured(0.9, 0.8, 1), "cost": 210],
      ["threshold": 0.6, "precision": measured(0.8, 0.7, 0.9), "recall": measured(0.5, 0.4, 0.6), "cost": 190.5],
    ],
    "abstention": [
      "area": 0.1, "points": [["coverage": 0.5, "risk": measured(0.05, 0.01, 0.1)], ["coverage": 1, "risk": 0.16]],
    ],
    "conformal": [
      "nominal": 0.9, "coverage": measured(0.91, 0.88, 0.94), "size": 1.3, "single": 0.7, "empty": 0,
      "by_class": ["yes": measured(0.7654, 0.7, 0.83)],
    ],
    "slices": [
      [
        "conditions": [["column": "x", "value": "5–9"]], "rows": 57, "metric": measured(0.7012, 0.6, 0.8),
        "effect": measured(0.31, 0.2, 0.4), "chance": 1e-9,
      ]
    ],
    "fairness": [
      "attributes": ["sex"],
      "audits": [
        [
          "attributes": ["sex"], "minimum_count": 30,
          "groups": [
            ["values": ["f"], "rows": 150, "metrics": ["selection_rate": measured(0.2345, 0.2, 0.3)], "small": false],
            ["values": ["m"], "rows": 171, "metrics": ["selection_rate": measured(0.4567, 0.4, 0.5)], "small": false],
          ],
          "disparities": [
            [
              "measure": "demographic_parity", "difference": measured(0.2222, 0.15, 0.3), "ratio": .null, "lowest": "f",
              "highest": "m",
            ]
          ],
        ]
      ],
      "proxies": ["sex": [["column": "height", "roc_auc": 0.88, "mutual_information": 0.3, "strong": true]]],
      "mitigation": [
        [
          "attribute": "sex", "constraint": "demographic_parity", "accuracy_before": 0.8443, "accuracy_after": 0.8101,
          "price": 0.0342,
          "fit": [
            "gap_before": 0.2101, "gap_after": 0.0051, "thresholds": [["values": ["f"], "threshold": 0.41]],
            "met": true,
          ],
        ]
      ],
    ],
    "learning_curve": [
      "metric": "roc_auc", "sentence": "Twice the rows would help a little.",
      "points": [["rows": 100, "value": 0.7123, "error": 0.02], ["rows": 200, "value": 0.7891, "error": 0]],
    ],
    "drop_column": [["column": "height", "value": 0.0613, "low": 0.0402, "high": 0.0824, "share": 1]],
    "left_out": ["Something was left out."],
    "importance": [["column": "x", "value": 0.2513, "low": 0.2411, "high": 0.2622, "share": 0.8]],
    "dependence": [
      [
        "column": "x", "output": "yes", "individual": [[0.1, 0.2, 0.4], [0.2, 0.3, 0.3]],
        "points": [
          ["value": "1", "number": 1, "mean": 0.15, "low": 0.1, "high": 0.2],
          ["value": "2", "number": 2, "mean": 0.25, "low": 0.2, "high": 0.3],
          ["value": "(missing)", "number": .null, "mean": 0.3579, "low": 0.3, "high": 0.4],
        ],
      ]
    ],
    "shares": [
      "output": "yes", "baseline": 0.3769,
      "columns": [["column": "x", "mean_absolute": 0.1, "points": [[0.1, 0], [-0.2, 0.9], [0.05, .null]]]],
    ],
    "examples": [
      [
        "outputs": [["class": "yes", "baseline": 0.3769, "contributions": [["column": "x", "value": 0.2117]]]],
        "elements": [["column": "text", "element": "good", "score_share": 0.7]], "prediction": "yes", "actual": "no",
      ]
    ],
    "robustness": [
      "metric": "roc_auc", "baseline": 0.8317,
      "entries": [
        ["kind": "noise", "amount": 0.1, "column": .null, "value": 0.82, "loss": measured(0.0117, 0.001, 0.02)]
      ],
    ],
  ]

  static let regression: JSONValue = [
    "residuals": [
      "bins": [
        ["predicted": 10, "observed": 11.25, "absolute_error": 1.75, "rows": 40],
        ["predicted": 20, "observed": 19, "absolute_error": 2, "rows": 41],
      ],
      "mean": -0.04, "deviation": 4.064, "quantiles": [-31.95, -5, -2, 0.1, 1.5, 5, 15],
    ],
    "predicted_and_actual": [[41.97, 40.01], [12, 13]],
    "conformal": ["nominal": 0.9, "coverage": 0.92, "size": 12.29, "single": .null, "by_class": [:]],
    "examples": [
      [
        "outputs": [["class": .null, "baseline": 31.89, "contributions": [["column": "age", "value": -3.5]]]],
        "prediction": 28.39, "actual": 30,
      ]
    ],
  ]
}
