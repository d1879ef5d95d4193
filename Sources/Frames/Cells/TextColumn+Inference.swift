import Basics
import Kernels

extension TextColumn {
  /// A typed column and what was noticed on the way.
  struct Inferred {
    var field: Field
    var column: Column
    var notes: [String] = []
  }

  /// What all levels of a column can be read as.
  private struct Candidates {
    var integer = true, number = true, styled = true, boolean = true, timestamp = true
    var isGrouped = false, hasLongUngrouped = false
    var currencies: Set<String?> = []
    var dayFirst = true, monthFirst = true
    var hasOrderedDates = false, hasShortYears = false
    var valueCount = 0
    /// Levels such as `unknown`.
    var soft: [Int] = []

    var isOpen: Bool { integer || number || styled || boolean || timestamp }
  }

  /// The narrowest kind that all values fit: integer, number, boolean, timestamp, then category or text.
  ///
  /// - Parameter line: the line of a position in the file, for notes.
  func inferred(name: String, line: (Int) -> Int) -> Inferred {
    var isValue = [Bool](repeating: true, count: levels.count)
    let candidates = candidates(&isValue)
    guard candidates.valueCount > 0 else {
      let column = Column(
        zeroed: .category(codes: [Int32](repeating: 0, count: codes.count), levels: []),
        validity: codes.isEmpty ? nil : Validity(repeating: false, count: codes.count))
      let notes = codes.isEmpty ? [] : ["column '\(name)' is empty in every row."]
      return Inferred(field: Field(name, .category), column: column, notes: notes)
    }
    if candidates.integer || candidates.number || isConsistentlyStyled(candidates) {
      return numeric(name, candidates, isValue)
    }
    if candidates.boolean, candidates.soft.isEmpty { return boolean(name, isValue) }
    if candidates.timestamp, candidates.dayFirst || candidates.monthFirst {
      return timestamp(name, candidates, isValue)
    }
    return texts(name, isValue, line)
  }

  private func candidates(_ isValue: inout [Bool]) -> Candidates {
    var found = Candidates()
    let text = levels.bytes.span
    for index in 0..<levels.count {
      let cell = text.extracting(span(index))
      switch DecimalText.marker(cell) {
      case .always:
        isValue[index] = false
        continue
      case .amongNumbers:
        found.soft.append(index)
        continue
      case .none: found.valueCount += 1
      }
      if found.isOpen { Self.narrow(&found, cell) }
    }
    // Only soft markers: they are all there is, so they are categories.
    if found.valueCount == 0, !found.soft.isEmpty {
      found.valueCount = found.soft.count
      (found.integer, found.number, found.styled, found.boolean, found.timestamp) = (false, false, false, false, false)
    }
    return found
  }

  private static func narrow(_ found: inout Candidates, _ cell: Span<UInt8>) {
    if found.integer { found.integer = DecimalText.integer(cell, allowsLeadingZeros: false) != nil }
    if found.number { found.number = DecimalText.number(cell, allowsLeadingZeros: false) != nil }
    if found.styled {
      if let styled = StyledNumber(cell) {
        found.isGrouped = found.isGrouped || styled.isGrouped
        found.hasLongUngrouped = found.hasLongUngrouped || styled.isLongUngrouped
        found.currencies.insert(styled.currency)
      } else {
        found.styled = false
      }
    }
    if found.boolean { found.boolean = CellParser.spelledBoolean(cell) != nil }
    if found.timestamp {
      let instant = TimestampText(cell)
      found.timestamp = instant.isInstant
      found.hasShortYears = found.hasShortYears || instant.hasShortYear
      if instant.yearMonthDay == nil {
        found.hasOrderedDates = true
        found.dayFirst = found.dayFirst && instant.dayMonthYear != nil
        found.monthFirst = found.monthFirst && instant.monthDayYear != nil
      }
    }
  }

  /// One currency for all or none, digits grouped everywhere or nowhere.
  private func isConsistentlyStyled(_ found: Candidates) -> Bool {
    found.styled && found.currencies.count == 1 && !(found.isGrouped && found.hasLongUngrouped)
  }

  private func softNote(_ name: String, _ soft: [Int], _ what: String) -> [String] {
    guard !soft.isEmpty else { return [] }
    let counts = counts()
    let rows = soft.reduce(0) { $0 + counts[$1] }
    return ["column '\(name)': \(rows) cells such as 'unknown' among \(what) were taken as missing."]
  }

  private func numeric(_ name: String, _ found: Candidates, _ isValue: [Bool]) -> Inferred {
    var isValue = isValue
    for index in found.soft { isValue[index] = false }
    let text = levels.bytes.span
    var notes = softNote(name, found.soft, "numbers")
    var field = Field(name, found.integer ? .integer : .number)
    let storage: Column.Storage
    if found.integer {
      storage = .integer(
        spread(
          (0..<levels.count).map {
            isValue[$0] ? DecimalText.integer(text.extracting(span($0)), allowsLeadingZeros: false) ?? 0 : 0
          }, 0))
    } else {
      let values = (0..<levels.count).map { index -> Double in
        guard isValue[index] else { return 0 }
        let cell = text.extracting(span(index))
        return DecimalText.number(cell, allowsLeadingZeros: false) ?? StyledNumber(cell)?.value ?? 0
      }
      if !found.number {
        let currency = found.currencies.compactMap(\.self).first
        field.unit = currency
        let signs = [currency.map { "currency '\($0)'" }, found.isGrouped ? "thousands separators" : nil].compactMap(
          \.self)
        notes.append("column '\(name)': numbers written with \(signs.joined(separator: " and ")) were read as numbers.")
      }
      storage = .number(spread(values, 0))
    }
    let validity = validity(keeping: isValue)
    field.mayBeMissing = validity != nil
    return Inferred(field: field, column: Column(zeroed: storage, validity: validity), notes: notes)
  }

  private func boolean(_ name: String, _ isValue: [Bool]) -> Inferred {
    let text = levels.bytes.span
    let values = (0..<levels.count).map { CellParser.spelledBoolean(text.extracting(span($0))) ?? false }
    let validity = validity(keeping: isValue)
    let field = Field(name, .boolean, mayBeMissing: validity != nil)
    return Inferred(field: field, column: Column(zeroed: .boolean(spread(values, false)), validity: validity))
  }

  private func timestamp(_ name: String, _ found: Candidates, _ isValue: [Bool]) -> Inferred {
    var isValue = isValue
    for index in found.soft { isValue[index] = false }
    var notes = softNote(name, found.soft, "dates")
    var format = TimestampFormat.yearMonthDay
    if found.hasOrderedDates {
      // German and French dates use full stops, ISO-minded people hyphens, with the day first; slashes alone do not
      // tell.
      let usesSlash = levels.bytes.contains(47)
      format =
        found.dayFirst && found.monthFirst
        ? (usesSlash ? .monthDayYear : .dayMonthYear) : found.dayFirst ? .dayMonthYear : .monthDayYear
      if found.dayFirst, found.monthFirst {
        notes.append("column '\(name)': no date tells whether day or month comes first; read as \(format.rawValue).")
      }
    }
    if found.hasShortYears { notes.append("column '\(name)': years of two digits were read as 1969 … 2068.") }
    let text = levels.bytes.span
    let values = (0..<levels.count).map {
      isValue[$0] ? TimestampText(text.extracting(span($0))).instant(format) ?? 0 : 0
    }
    let validity = validity(keeping: isValue)
    let field = Field(name, .timestamp, mayBeMissing: validity != nil, timestampFormat: format.rawValue)
    return Inferred(
      field: field, column: Column(zeroed: .timestamp(spread(values, 0)), validity: validity), notes: notes)
  }

  // MARK: Categories and texts

  private func texts(_ name: String, _ isValue: [Bool], _ line: (Int) -> Int) -> Inferred {
    let (strings, latin1) = strings()
    var notes: [String] = []
    if let first = latin1.map({ levels.offsets[$0] }).min() {
      notes.append(
        "column '\(name)': \(latin1.count) texts are not UTF-8 (first on line \(line(first))); "
          + "they were read as Latin-1."
      )
    }
    let validity = validity(keeping: isValue)
    if isProse(isValue, rows: validity?.presentCount ?? codes.count) {
      let column = Column(zeroed: .text(spread(strings, "")), validity: validity).clearingMissing()
      return Inferred(field: Field(name, .text, mayBeMissing: validity != nil), column: column, notes: notes)
    }
    let isASCII = !levels.bytes.contains { $0 >= 128 }
    let (kept, map) = isASCII ? order(strings, isValue) : orderOfStrings(strings, isValue)
    var mapped = codes
    for row in mapped.indices { mapped[row] = mapped[row] < 0 ? 0 : map[Int(mapped[row])] }
    let field = Field(name, .category, categories: kept, mayBeMissing: validity != nil)
    return Inferred(
      field: field, column: Column(zeroed: .category(codes: mapped, levels: kept), validity: validity), notes: notes)
  }

  /// Levels by their UTF-8 bytes, and the new code of each.
  private func order(_ strings: [String], _ isValue: [Bool]) -> (kept: [String], map: [Int32]) {
    var map = [Int32](repeating: 0, count: strings.count)
    var kept: [String] = []
    kept.reserveCapacity(strings.count)
    for position in levels.sortedOrder where isValue[Int(position)] {
      map[Int(position)] = Int32(kept.count)
      kept.append(strings[Int(position)])
    }
    return (kept, map)
  }

  /// The same for texts beyond ASCII, where two levels may be the same text (composed and decomposed, or decoded).
  private func orderOfStrings(_ strings: [String], _ isValue: [Bool]) -> (kept: [String], map: [Int32]) {
    let present = strings.indices.filter { isValue[$0] }.map { (strings[$0], Array(strings[$0].utf8)) }
    var kept: [String] = []
    var codes: [String: Int32] = [:]
    for (text, _) in present.sorted(by: { $0.1.lexicographicallyPrecedes($1.1) }) where codes[text] == nil {
      codes[text] = Int32(kept.count)
      kept.append(text)
    }
    return (kept, strings.map { codes[$0] ?? 0 })
  }

  /// Whether the column is free text: mostly distinct, several words or long.
  private func isProse(_ isValue: [Bool], rows: Int) -> Bool {
    let distinct = isValue.count(where: \.self)
    guard distinct > 1, levels.count > 0 else { return false }
    let spaces = levels.bytes.count { $0 == 32 }
    let words = 1 + Double(spaces) / Double(levels.count)
    let length = Double(levels.bytes.count) / Double(levels.count)
    if distinct <= max(50, rows / 20) { return rows >= 10 && distinct * 5 >= rows * 4 && words >= 4 }
    return distinct * 10 >= rows * 3 && (words >= 2.5 || (length > 60 && words >= 1.5))
  }
}

extension Column {
  /// With the zero of its type where a value is missing.
  func clearingMissing() -> Column { Column(storage, validity: validity) }
}
