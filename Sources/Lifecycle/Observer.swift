package import Basics
package import Modeling

/// What a use case says while it works; the command line narrates it, the run records it.
package enum LifecycleEvent: Sendable {
  /// A stage began, e.g. `Reading adult.csv`.
  case stage(String)
  /// Something worth a line, in plain words.
  case note(String)
  /// How far the present stage is, `0 ... 1`, and what it is busy with.
  case progress(Double, String)
  /// A candidate was judged: algorithm, settings in short, metric name and value.
  case candidate(algorithm: String, settings: String, metric: String, value: Double?, seconds: Double)
  /// A candidate was tried on a fold; how all have done so far.
  case leaderboard(Leaderboard)
  /// The stage ended, with its result in a few words.
  case done(String)
}

/// Where a use case works: records, registry, threads, chance, time, and who listens.
package struct LifecycleContext: Sendable {
  /// Algorithms and steps.
  package var registry: Registry
  /// Threads.
  package var workers: Workers
  /// Seed of this run.
  package var seed: Seed
  /// Time.
  package var clock: any WallClock
  /// Stops the work.
  package var cancellation: Cancellation
  /// Who acts, for the audit log.
  package var actor: String
  /// Listens.
  package var observe: @Sendable (LifecycleEvent) -> Void

  /// A context; silent unless told otherwise.
  package init(
    registry: Registry = .standard, workers: Workers, seed: Seed = Seed(0), clock: any WallClock = SystemClock(),
    cancellation: Cancellation = Cancellation(), actor: String,
    observe: @escaping @Sendable (LifecycleEvent) -> Void = { _ in }
  ) {
    self.registry = registry
    self.workers = workers
    self.seed = seed
    self.clock = clock
    self.cancellation = cancellation
    self.actor = actor
    self.observe = observe
  }

  /// A fit context for sub-task `index`.
  package func fitContext(_ index: Int) -> FitContext {
    FitContext(seed: seed.derived(index), workers: workers, cancellation: cancellation)
  }

  /// Throws `.cancelled` once someone asked to stop.
  package func checkCancellation() throws {
    if cancellation.isCancelled {
      throw MLError(
        .cancelled, "stopped on request; nothing was registered.", hint: "Run the same command again to start over.")
    }
  }
}
