public import Basics

/// One algorithm with its settings, to be tried.
public struct Candidate: Sendable, Hashable {
  /// Registered name.
  public var algorithm: String
  /// Settings laid over the algorithm's defaults.
  public var parameters: JSONValue
  /// Orders candidates from simple to complex: baselines below linear models below the rest, few leaves below many.
  public var complexity: Double

  /// Makes a candidate.
  public init(algorithm: String, parameters: JSONValue = .object([]), complexity: Double = 0) {
    self.algorithm = algorithm
    self.parameters = parameters
    self.complexity = complexity
  }

  /// `{"algorithm", "parameters"}`.
  public var json: JSONValue { ["algorithm": .string(algorithm), "parameters": parameters] }
}
