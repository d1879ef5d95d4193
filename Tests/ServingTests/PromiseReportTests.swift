import Basics
import Dashboard
import Testing

/// What reports say of limits, directions, fronts and mitigation.
struct PromiseReportTests {
  static let report: JSONValue = {
    var report = ReportSamples.report
    report["pareto"] = [
      "metric": "roc_auc", "higher_is_better": true, "prefer": "speed",
      "points": [
        [
          "candidate": 1, "algorithm": "ridge", "value": 0.8405, "latency_microseconds": 12.5, "size_bytes": 2345,
          "front": true, "chosen": true,
        ],
        [
          "candidate": 2, "algorithm": "trees<b>", "value": 0.8511, "latency_microseconds": 4567, "size_bytes": 987_654,
          "front": true, "chosen": false,
        ],
        [
          "candidate": 3, "algorithm": "forest", "value": 0.8399, "latency_microseconds": 9999, "size_bytes": 5_000_000,
          "front": false, "chosen": false,
        ],
      ], "mixture": .null,
    ]
    report["constraints"] = [
      "latency_microseconds": ["limit": 50, "value": 14.25], "size_bytes": ["limit": 1000, "value": 2345],
      "monotone": [
        [
          "column": "inc<ome", "direction": "increasing", "rows": 500, "values": 25, "largest_violation": 0,
          "kept": true,
        ]
      ], "excluded_algorithms": ["random-forest"],
    ]
    report["mitigation"] = [
      "method": "thresholds", "constraint": "demographic_parity", "attributes": ["sex"],
      "thresholds": [["values": ["f"], "threshold": 0.4321]],
      "gaps": [
        [
          "attribute": "sex", "metric": "demographic_parity", "before": ReportSamples.measured(0.1987, 0.15, 0.2491),
          "after": ReportSamples.measured(0.0123, 0.0011, 0.0456), "lowest": "f", "highest": "m", "aimed_at": true,
        ]
      ],
      "price": [
        [
          "metric": "accuracy", "before": 0.8765, "after": 0.8654,
          "change": ReportSamples.measured(-0.0111, -0.02, -0.0022),
        ]
      ],
    ]
    return report
  }()

  @Test func promisesFrontAndMitigationAreShown() throws {
    let page = try ReportTests.checked(Self.report, ReportSamples.analysis).page
    for title in ["Promises", "Quality and speed", "Quality and size", "Mitigation by thresholds"] {
      #expect(page.contains("<h3 class=\"chart-title\">\(title)</h3>"), "\(title)")
    }
    for text in ["14.2", "Broken", "random-forest", "0.1987", "0.0123", "−0.0111", "0.4321", "inc&lt;ome", "1 ms"] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("trees<b>") && !page.contains("inc<ome"))
    let text = RunReport.markdown(report: Self.report, analysis: ReportSamples.analysis)
    for part in ["## Promises", "## Mitigation by thresholds", "## Price of mitigation", "## Quality, speed and size"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(text.contains("chosen") && text.contains("inc\\<ome"))
  }

  @Test func nothingIsShownWhereNothingWasAsked() throws {
    let page = try ReportTests.checked(ReportSamples.report, ReportSamples.analysis).page
    for title in ["Promises", "Quality and speed", "Mitigation by"] {
      #expect(!page.contains("<h3 class=\"chart-title\">\(title)"), "\(title)")
    }
  }
}
