public import Basics
import Synchronization

/// What a fit may use besides its data: chance, threads, a way to say how far it is, a way to be stopped.
public struct FitContext: Sendable {
  /// Seed of this fit; the same seed gives the same bytes for any thread count.
  public var seed: Seed
  /// Threads.
  public var workers: Workers
  /// Reduction across ranks.
  public var communicator: any Communicator
  /// Called with progress; must be quick.
  public var progress: @Sendable (FitProgress) -> Void
  /// Set by the owner to stop the fit.
  public var cancellation: Cancellation
  /// Where a long fit keeps its state; `nil`: nowhere.
  public var checkpoints: (any Checkpoints)?

  /// A context; by default serial, silent, never cancelled.
  public init(
    seed: Seed = Seed(0), workers: Workers = .serial, communicator: any Communicator = SingleProcess(),
    cancellation: Cancellation = Cancellation(), progress: @escaping @Sendable (FitProgress) -> Void = { _ in }
  ) {
    self.seed = seed
    self.workers = workers
    self.communicator = communicator
    self.cancellation = cancellation
    self.progress = progress
  }

  /// Throws `.cancelled` once the owner has asked to stop. Fits poll it at least once an iteration.
  public func checkCancellation() throws {
    if cancellation.isCancelled { throw MLError(.cancelled, "fit: stopped on request.") }
  }

  /// The same context with an independent seed for sub-task `index`.
  public func derived(_ index: Int) -> FitContext {
    var copy = self
    copy.seed = seed.derived(index)
    return copy
  }
}

/// How far a fit is.
public struct FitProgress: Sendable, Hashable {
  /// Iterations done.
  public var iteration: Int
  /// Iterations planned at most.
  public var iterationCount: Int
  /// Objective on training rows, when known.
  public var trainingObjective: Double?
  /// Objective on validation rows, when known.
  public var validationObjective: Double?

  /// Makes a report.
  public init(
    iteration: Int, iterationCount: Int, trainingObjective: Double? = nil, validationObjective: Double? = nil
  ) {
    self.iteration = iteration
    self.iterationCount = iterationCount
    self.trainingObjective = trainingObjective
    self.validationObjective = validationObjective
  }
}

/// A flag that stops a fit.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  /// Not cancelled yet.
  public init() {}
  /// Asks to stop.
  public func cancel() { flag.store(true, ordering: .relaxed) }
  /// Whether someone asked to stop.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
