import Basics
package import Lifecycle
package import Modeling
package import Storage
import Synchronization

/// A champion in memory, ready to score.
package struct WarmModel: Sendable {
  /// What scores.
  package let archive: ModelArchive
  /// Its record.
  package let version: ModelVersion
  /// Decodes requests; checks them against the contract.
  package let decoder: ModelRowDecoder
}

/// Keeps the champions of a workspace in memory and follows their aliases, also when another process moves them.
package final class WarmModels: Sendable {
  private struct State {
    var models: [String: WarmModel] = [:]
    var revision: Int64 = -1
    var failures: [String: MLError] = [:]
  }

  private let state = Mutex(State())
  private let workspace: Workspace
  private let registry: Registry

  /// Serves the models of `workspace`.
  package init(workspace: Workspace, registry: Registry) {
    self.workspace = workspace
    self.registry = registry
  }

  /// The champion of `name`.
  ///
  /// - Throws: `.notFound` with the closest names or when it has no champion; `.corruptFile` when its archive is
  ///    damaged.
  package func model(_ name: String) throws -> WarmModel {
    let (found, failure) = state.withLock { ($0.models[name], $0.failures[name]) }
    if let found { return found }
    if let failure { throw failure }
    try refresh(force: true)
    let (again, why) = state.withLock { ($0.models[name], $0.failures[name]) }
    if let again { return again }
    if let why { throw why }
    let models = try workspace.models()
    guard let known = models.first(where: { $0.name == name }) else {
      throw MLError.unknown("model", name, among: models.map(\.name), in: "server")
    }
    throw MLError(
      .notFound, "\(name): no version is champion (\(known.versionCount) registered); nothing is served.",
      hint: "See why with: apus models show \(name).", field: name)
  }

  /// Names of the models that are served, sorted.
  package var names: [String] { state.withLock { $0.models.keys.sorted() } }

  /// Loads champions that changed since the last call. A champion whose archive is damaged leaves the one before in
  /// place, or none.
  ///
  /// - Returns: references of the models that were swapped in.
  @discardableResult
  package func refresh(force: Bool = false) throws -> [String] {
    let revision = try workspace.aliasRevision()
    guard force || state.withLock({ $0.revision != revision }) else { return [] }
    var swapped: [String] = []
    for model in try workspace.models() {
      guard let number = model.version(of: .champion) else {
        state.withLock { $0.models[model.name] = nil }
        continue
      }
      if state.withLock({ $0.models[model.name]?.version.version == number }) { continue }
      do {
        let version = try workspace.modelVersion(model.name, number)
        let archive = try Models.archive(of: version, in: workspace, registry: registry)
        let warm = WarmModel(archive: archive, version: version, decoder: ModelRowDecoder(archive))
        state.withLock {
          $0.models[model.name] = warm
          $0.failures[model.name] = nil
        }
        swapped.append(version.reference)
      } catch let error as MLError {
        state.withLock { $0.failures[model.name] = error }
      }
    }
    state.withLock { $0.revision = revision }
    return swapped
  }
}
