import Basics
import Checks
import Evaluation
import Learners
import Modeling
import Testing
import Transforms

/// Promises that an entry does not keep, each with its reason: entry → check → reason.
private enum Skipped {
  static let estimators: [String: [String: String]] = [
    "baseline": [
      "learning: beats the baseline": "It is the baseline.",
      "learning: importance is a share": "It looks at no column.",
    ]
  ]
  static let transforms: [String: [String: String]] = [:]
  static let metrics: [String: [String: String]] = [:]
}

/// One promise of one entry, so that a failure names both.
struct Promise<Subject: Sendable & CustomStringConvertible>: Sendable, CustomTestStringConvertible {
  let check: Check<Subject>
  let subject: Subject
  var testDescription: String { "\(subject) — \(check.name)" }
}

private func promises<Subject>(
  _ subjects: [Subject], _ checks: [Check<Subject>], skipped: [String: [String: String]], name: (Subject) -> String
) -> [Promise<Subject>] {
  subjects.flatMap { subject in
    checks.filter { skipped[name(subject)]?[$0.name] == nil }.map { Promise(check: $0, subject: subject) }
  }
}

private let estimators = LearnerCatalog.all.flatMap { type in (try? EstimatorSubject.subjects(of: type)) ?? [] }
private let transforms = TransformCatalog.all.flatMap { TransformSubject.subjects(of: $0) }
private let metrics = MetricCatalog.all.entries.flatMap { MetricSubject.subjects(of: $0) }

@Suite struct CatalogTests {
  @Test(
    arguments: promises(estimators, EstimatorSuite.checks, skipped: Skipped.estimators) { $0.type.card.name })
  func estimator(_ promise: Promise<EstimatorSubject>) throws { try promise.check.run(promise.subject) }

  @Test(
    arguments: promises(transforms, TransformSuite.checks, skipped: Skipped.transforms) { $0.type.card.name })
  func transform(_ promise: Promise<TransformSubject>) throws { try promise.check.run(promise.subject) }

  @Test(arguments: promises(metrics, MetricSuite.checks, skipped: Skipped.metrics) { $0.type.card.name })
  func metric(_ promise: Promise<MetricSubject>) throws { try promise.check.run(promise.subject) }

  /// An entry whose card names no task that we have a table for would be checked by nothing.
  @Test func everyEntryIsChecked() throws {
    for type in LearnerCatalog.all { #expect(try !EstimatorSubject.subjects(of: type).isEmpty, "\(type.card.name)") }
    for type in MetricCatalog.all.entries { #expect(!MetricSubject.subjects(of: type).isEmpty, "\(type.card.name)") }
    #expect(!TransformCatalog.all.isEmpty)
  }

  @Test func namesAreUnique() {
    var lists: [[String]] = [[], [], []]
    for type in LearnerCatalog.all { lists[0].append(type.card.name) }
    for type in TransformCatalog.all { lists[1].append(type.card.name) }
    for type in MetricCatalog.all.entries { lists[2].append(type.card.name) }
    for names in lists { #expect(Set(names).count == names.count, "\(names)") }
  }

  @Test func skippedPromisesExist() {
    let known = Set(EstimatorSuite.checks.map(\.name))
    for (entry, checks) in Skipped.estimators {
      #expect(LearnerCatalog.all.contains { $0.card.name == entry }, "\(entry)")
      for check in checks.keys { #expect(known.contains(check), "\(check)") }
    }
  }
}
