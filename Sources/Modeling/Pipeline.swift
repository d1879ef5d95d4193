public import Basics
public import Frames

/// Everything registered, so that archives and project files can be read back.
public struct Registry: Sendable {
  /// Algorithms.
  public let estimators: Catalog<any Estimator.Type>
  /// Preparation steps.
  public let transforms: Catalog<any Transform.Type>

  /// Joins the catalogs.
  public init(estimators: [any Estimator.Type], transforms: [any Transform.Type]) {
    self.estimators = Catalog("algorithm", estimators) { $0.card }
    self.transforms = Catalog("transform", transforms) { $0.card }
  }

  /// Algorithm `name` with `settings` over its defaults.
  ///
  /// - Throws: `.invalidParameter` naming what is unknown or out of range.
  public func estimator(_ name: String, settings: JSONValue = .object([])) throws -> any Estimator {
    func build<E: Estimator>(_ type: E.Type) throws -> any Estimator {
      try Configuration.decode(type, defaults: E(), settings: settings)
    }
    return try build(estimators.entry(name))
  }

  /// Step `name` with `settings` over its defaults.
  public func transform(_ name: String, settings: JSONValue = .object([])) throws -> any Transform {
    func build<T: Transform>(_ type: T.Type) throws -> any Transform {
      try Configuration.decode(type, defaults: T(), settings: settings)
    }
    return try build(transforms.entry(name))
  }
}

/// Preparation and an algorithm, as one thing to fit.
public struct Pipeline: Sendable {
  /// Steps in order.
  public var steps: [any Transform]
  /// What learns.
  public var estimator: any Estimator

  /// Makes a pipeline.
  public init(steps: [any Transform], estimator: any Estimator) {
    self.steps = steps
    self.estimator = estimator
  }

  /// Fits every step on training rows only, then the estimator.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> FittedPipeline {
    var data = data
    let schema = data.frame.schema
    var fitted: [FittedPipeline.Step] = []
    for (index, step) in steps.enumerated() {
      try context.checkCancellation()
      let (done, frame) = try Self.fit(step, data.frame, data.target, context.derived(index))
      data.frame = frame
      if let validation = data.validation {
        data.validation = .init(
          frame: try done.transform(validation.frame), target: validation.target, weights: validation.weights)
      }
      fitted.append(.init(name: type(of: step).card.name, transform: done))
    }
    let model = try Self.fit(estimator, data, context.derived(steps.count))
    return FittedPipeline(
      schema: schema, steps: fitted, model: model, algorithm: type(of: estimator).card.name,
      parameters: try Configuration.encode(estimator))
  }

  private static func fit<T: Transform>(
    _ step: T, _ frame: Frame, _ target: Target, _ context: FitContext
  ) throws -> (any FittedTransform, Frame) {
    let (fitted, frame) = try step.fitTransform(frame, target: target, in: context)
    return (fitted, frame)
  }

  private static func fit<E: Estimator>(
    _ estimator: E, _ data: TrainingData, _ context: FitContext
  ) throws -> any FittedModel {
    try estimator.fit(data, in: context)
  }
}

/// Fitted preparation and model: trained, stored and served as one.
public struct FittedPipeline: Sendable {
  /// A fitted step and the name of its kind.
  public struct Step: Sendable {
    /// Registered name.
    public var name: String
    /// What it learnt.
    public var transform: any FittedTransform
  }

  /// Raw columns it needs, in training order.
  public let schema: Schema
  /// Steps in order.
  public let steps: [Step]
  /// What was learnt.
  public let model: any FittedModel
  /// Registered name of the algorithm.
  public let algorithm: String
  /// All its settings.
  public let parameters: JSONValue

  init(schema: Schema, steps: [Step], model: any FittedModel, algorithm: String, parameters: JSONValue) {
    self.schema = schema
    self.steps = steps
    self.model = model
    self.algorithm = algorithm
    self.parameters = parameters
  }

  /// Features as the model sees them.
  public func prepared(_ frame: Frame) throws -> Frame { try steps.reduce(frame) { try $1.transform.transform($0) } }

  /// The raw column that prepared feature `name` was made from: steps keep a column's name or make names that begin
  /// with it; `nil` when no raw column fits.
  public func rawColumn(of name: String) -> String? {
    var name = name
    for step in steps.reversed() where step.transform.output.names.contains(name) {
      let inputs = step.transform.input.names
      if inputs.contains(name) { continue }
      guard let source = inputs.filter({ name.hasPrefix($0) }).max(by: { $0.utf8.count < $1.utf8.count }) else {
        return nil
      }
      name = source
    }
    return schema.names.contains(name) ? name : nil
  }

  /// Predictions for raw rows.
  public func predict(_ frame: Frame) throws -> Predictions { try model.predict(prepared(frame)) }

  /// The same predictions, on several threads where the model can.
  public func predict(_ frame: Frame, workers: Workers) throws -> Predictions {
    try model.predict(prepared(frame), workers: workers)
  }

  /// Adds schema, steps and model to an archive.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("algorithm", .string(algorithm))
    archive.set("parameters", parameters)
    archive.set("steps", .array(steps.map { .string($0.name) }))
    for (index, step) in steps.enumerated() {
      archive.set("step/\(index)", try Configuration.encode(step.transform))
    }
    try archive.scoped("model") { try model.write(to: &$0) }
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader, registry: Registry) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    algorithm = try archive.string("algorithm")
    parameters = try archive.value("parameters")
    guard let names = try archive.value("steps").arrayValue?.compactMap(\.stringValue) else {
      throw archive.corrupt("has no list of steps")
    }
    func fitted<T: Transform>(_ type: T.Type, _ json: JSONValue) throws -> any FittedTransform {
      try Configuration.decode(T.Fitted.self, from: json)
    }
    steps = try names.enumerated().map { index, name in
      Step(name: name, transform: try fitted(registry.transforms.entry(name), archive.value("step/\(index)")))
    }
    func loaded<E: Estimator>(_ type: E.Type) throws -> any FittedModel { try E.Model(from: archive.scoped("model")) }
    model = try loaded(registry.estimators.entry(algorithm))
  }
}
