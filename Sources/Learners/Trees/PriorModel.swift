import Basics
import Frames
import Modeling

/// A fitted model that a run goes on from.
struct PriorModel: Sendable {
  /// The model.
  let model: TreeEnsemble

  private static let owner = GradientBoostedTrees.card.name

  /// - Throws: `.schemaMismatch` for other classes, `.invalidParameter` for another objective.
  init(_ model: TreeEnsemble, _ target: Target, _ objective: any Objective) throws {
    guard model.classes == target.classNames else {
      throw MLError(
        .schemaMismatch, "\(Self.owner): target must have the classes of the model that is continued.",
        hint: "Read the table with the classes the model was trained on, in that order.")
    }
    let name = type(of: objective).card.name
    guard model.objectiveName == name else {
      throw MLError(
        .invalidParameter, "\(Self.owner): 'objective' must be that of the model, \(model.objectiveName); got \(name).",
        hint: "Set 'objective' to \(model.objectiveName), or fit anew.", field: "objective")
    }
    self.model = model
  }

  /// The model's columns of `frame`, categories with the model's levels first.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another kind.
  func aligned(_ frame: Frame) throws -> Frame {
    let columns = try model.schema.fields.map { field in
      _ = try FeatureValues(frame, field)
      return (field.name, Self.recoded(try frame.column(field.name), field))
    }
    return try Frame(columns)
  }

  private static func recoded(_ column: Column, _ field: Field) -> Column {
    switch (field.kind, column.storage) {
    case (.category, .category(let codes, let levels)):
      if levels == field.categories { return column }
      var places: [String: Int32] = [:]
      for (place, level) in field.categories.enumerated() { places[level] = Int32(place) }
      var merged = field.categories
      let table = levels.map { level -> Int32 in
        if let place = places[level] { return place }
        merged.append(level)
        places[level] = Int32(merged.count - 1)
        return Int32(merged.count - 1)
      }
      let moved = codes.indices.map { column.isPresent($0) ? table[Int(codes[$0])] : 0 }
      return Column(.category(codes: moved, levels: merged), validity: column.validity)
    case (.category, .text(let texts)):
      return Column(
        categories: texts.indices.map { column.isPresent($0) ? texts[$0] : nil }, levels: field.categories)
    default: return column
    }
  }

  /// The schema of the continued model: the model's fields with the levels that are known now.
  func schema(_ learnt: Schema) throws -> Schema {
    try Schema(
      zip(model.schema.fields, learnt.fields).map { old, new in
        var field = old
        if old.kind == .category { field.categories = new.categories }
        return field
      })
  }
}
