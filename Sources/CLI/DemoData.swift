import CAssets
import Basics

/// The table bundled for `apus demo`: occupancy of an office room, told from its climate and light.
///
/// 8,143 rows, one a minute; columns `date`, `Temperature`, `Humidity`, `Light`, `CO2`, `HumidityRatio` and the
/// target `Occupancy` (0 or 1).
///
/// - Source: Candanedo and Feldheim, *Occupancy Detection*, UCI Machine Learning Repository, 2016, CC BY 4.0,
///   doi 10.24432/C5X01N. See `notice`.
package enum DemoData {
  /// File name to write it under.
  package static let fileName = "occupancy.csv"
  /// Column to predict.
  package static let target = "Occupancy"
  /// The CSV file, header line first.
  package static var csv: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: apus_demo_occupancy(nil, 0))
    _ = apus_demo_occupancy(&bytes, bytes.count)
    return bytes
  }

  /// Authors, source, licence and the changes made; to be shown or written wherever the table is.
  package static var notice: String {
    var bytes = [UInt8](repeating: 0, count: apus_demo_occupancy_notice(nil, 0))
    _ = apus_demo_occupancy_notice(&bytes, bytes.count)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes table and notice into the folder `path`; returns the path of the table.
  ///
  /// - Throws: `.io` with the system's reason.
  package static func write(to folder: String) throws -> String {
    let path = "\(folder)/\(fileName)"
    try FileSystem.write(csv, to: path)
    try FileSystem.write(Array(notice.utf8), to: "\(folder)/NOTICE")
    return path
  }
}
