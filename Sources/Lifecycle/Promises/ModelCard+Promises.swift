import Basics
import Frames

extension ModelCard {
  /// Limits and directions that the model was held to.
  var promises: String {
    let kept = archive.provenance["constraints"]
    var lines: [String] = []
    if let limit = kept?["latency_microseconds"]?["limit"]?.doubleValue {
      lines.append("A single row takes at most \(TrainingConstraints.text(microseconds: limit)) (see the gate).")
    }
    if let limit = kept?["size_bytes"]?["limit"]?.integerValue {
      lines.append("The archive has at most \(TrainingConstraints.text(bytes: Int(limit))) (see the gate).")
    }
    for entry in kept?["monotone"]?.arrayValue ?? [] {
      let column = "`\(Self.cell(entry["column"]?.stringValue ?? ""))`"
      let rows = "\(entry["rows"]?.integerValue ?? 0) rows"
      lines.append(
        entry["kept"]?.boolValue == true
          ? "Predictions are \(entry["direction"]?.stringValue ?? "monotone") in \(column), verified on \(rows)."
          : "Predictions should be \(entry["direction"]?.stringValue ?? "monotone") in \(column) but are not.")
    }
    return lines.isEmpty ? "" : "## Promises\n\n" + lines.map { "- \($0)" }.joined(separator: "\n")
  }

  /// What is done so that groups are treated alike, and its price.
  var mitigation: String {
    guard let json = archive.provenance["mitigation"], let method = json["method"]?.stringValue else { return "" }
    var text = "## Mitigation\n\n"
    if let groups = archive.groups {
      let names = groups.fields.map { "`\(Self.cell($0.name))`" }.joined(separator: ", ")
      text += "By \(method): \(groups.sentence) Rows must bring \(names); the model itself does not read it."
    } else {
      text +=
        "By \(method): rows were weighted until class and group were independent. The group is not needed to predict."
    }
    let gaps = (json["gaps"]?.arrayValue ?? []).map { gap in
      "| \(Self.cell(gap["attribute"]?.stringValue ?? "")) | \(gap["metric"]?.stringValue ?? "") | "
        + "\(Self.interval(gap["before"])) | \(Self.interval(gap["after"])) |"
    }
    let prices = (json["price"]?.arrayValue ?? []).map { price in
      "| \(price["metric"]?.stringValue ?? "") | \(Self.number(price["before"]?.doubleValue)) | "
        + "\(Self.number(price["after"]?.doubleValue)) | \(Self.interval(price["change"])) |"
    }
    return text + "\n\n| groups by | gap | without | with |\n|---|---|---:|---:|\n" + gaps.joined(separator: "\n")
      + "\n\n| metric | without | with | change |\n|---|---:|---:|---:|\n" + prices.joined(separator: "\n")
  }

  private static func interval(_ json: JSONValue?) -> String {
    "\(number(json?["value"]?.doubleValue)) (\(number(json?["low"]?.doubleValue)) … \(number(json?["high"]?.doubleValue)))"
  }
}
