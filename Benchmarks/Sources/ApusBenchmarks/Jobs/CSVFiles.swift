import Frames

/// A file of a million rows of 28 numbers, read from the page cache; the quality is the number of rows.
enum CSVFloats: Job {
  static let name = "csv-floats"

  static func run(_ setting: Setting) throws -> [Outcome] { try read("\(setting.data)/floats.csv", setting) }

  /// Megabytes a second.
  static func read(_ path: String, _ setting: Setting) throws -> [Outcome] {
    let size = try fileSize(path)
    _ = try readCSV(path, setting.workers).rowCount
    let (seconds, rows) = try timed { try readCSV(path, setting.workers).rowCount }
    return [Outcome(size / 1e6 / seconds, quality: Double(rows))]
  }
}

/// A file of 500,000 rows of numbers, categories and missing cells.
enum CSVMixed: Job {
  static let name = "csv-mixed"

  static func run(_ setting: Setting) throws -> [Outcome] {
    try CSVFloats.read("\(setting.data)/mixed-train.csv", setting)
  }
}
