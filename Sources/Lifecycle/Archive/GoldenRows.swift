import Basics
import Frames
import Modeling

/// A few rows and what the model says of them, bit by bit.
package struct GoldenRows: Sendable {
  /// The rows as JSON objects by column name.
  var rows: [JSONValue]
  /// Numbers of the predictions, row-major.
  var outputs: [Double]
  /// Decided class codes; empty for regression.
  var codes: [Int32]

  /// Rows kept at most.
  static let count = 16

  /// Takes the rows of `frame` with the lowest keys, so that no order of rows has a say in which they are, and records
  /// what `score` says of them once they have been through JSON.
  init(_ frame: Frame, keys: [UInt64], contract: Schema, score: (Frame) throws -> Predictions) throws {
    let chosen = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(Self.count).sorted()
    rows = RowJSON.objects(try frame.conformed(to: contract), rows: chosen)
    let predictions = try score(RowDecoder(contract: contract).decode(rows).frame)
    outputs = Self.numbers(predictions)
    codes = predictions.classCodes
  }

  func write(to archive: inout ArchiveWriter) {
    archive.set("rows", .array(rows))
    archive.add("outputs", doubles: outputs)
    archive.add("codes", int32s: codes)
  }

  init(from archive: ArchiveReader) throws {
    rows = try archive.value("rows").arrayValue ?? []
    outputs = try archive.doubles("outputs")
    codes = try archive.int32s("codes")
    guard !rows.isEmpty else { throw archive.corrupt("has no golden rows") }
  }

  /// The rows as a frame under the contract.
  func frame(_ contract: Schema) throws -> Frame { try RowDecoder(contract: contract).decode(rows).frame }

  func agree(with model: ModelArchive) throws -> Bool {
    let predictions = try model.score(RowDecoder(contract: model.contract).decode(rows).frame)
    return Self.numbers(predictions).map(\.bitPattern) == outputs.map(\.bitPattern) && predictions.classCodes == codes
  }

  private static func numbers(_ predictions: Predictions) -> [Double] {
    switch predictions.storage {
    case .values(let values): values
    case .probabilities(let values, _): values
    }
  }
}
