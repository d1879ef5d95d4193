import Basics
import Learners
import Modeling
import Testing

@Suite struct ObjectivesTests {
  static let scores = [-2.3, -0.4, 0.0, 0.7, 1.9, 3.1]

  /// Gradient and hessian of row 0's score `k`, by the objective.
  private func derivatives(_ objective: any Objective, _ scores: [Double], _ target: Double) -> (
    g: [Double], h: [Double]
  ) {
    var g = [Double](repeating: 0, count: scores.count)
    var h = g
    var gradients = g.mutableSpan
    var hessians = h.mutableSpan
    objective.derivatives(scores: scores.span, target: [target].span, gradients: &gradients, hessians: &hessians)
    return (g, h)
  }

  private func check(_ objective: any Objective, _ scores: [Double], _ target: Double, hasCurvature: Bool) {
    let exact = derivatives(objective, scores, target)
    let step = 1e-5
    for k in scores.indices {
      var up = scores
      var down = scores
      up[k] += step
      down[k] -= step
      let slope =
        (objective.value(scores: up.span, target: [target].span, weights: nil)
          - objective.value(scores: down.span, target: [target].span, weights: nil)) / (2 * step)
      #expect(abs(slope - exact.g[k]) < 1e-6 * max(1, abs(slope)), "\(objective) at \(scores), \(target)")
      let bend = (derivatives(objective, up, target).g[k] - derivatives(objective, down, target).g[k]) / (2 * step)
      if hasCurvature {
        #expect(abs(bend - exact.h[k]) < 1e-6 * max(1, abs(bend)), "\(objective) at \(scores), \(target)")
      }
      #expect(exact.h[k] >= 0)
    }
  }

  @Test(arguments: scores) func derivativesMatchCentralDifferences(score: Double) {
    check(SquaredObjective(), [score], 0.33, hasCurvature: true)
    check(LogisticObjective(), [score], 0, hasCurvature: true)
    check(LogisticObjective(), [score], 1, hasCurvature: true)
    check(PoissonObjective(), [score], 2, hasCurvature: true)
    check(GammaObjective(), [score], 2, hasCurvature: true)
    check(TweedieObjective(power: 1.3), [score], 0, hasCurvature: true)
    check(TweedieObjective(power: 1.7), [score], 2, hasCurvature: true)
    check(AbsoluteObjective(), [score], 0.33, hasCurvature: false)
    check(HuberObjective(delta: 1.2), [score], 0.33, hasCurvature: false)
    check(QuantileObjective(level: 0.8), [score], 0.33, hasCurvature: false)
    for k in 0..<3 { check(SoftmaxObjective(classCount: 3), [score, 0.2, -1.1], Double(k), hasCurvature: true) }
  }

  @Test func baselinesMinimise() {
    let target = [0.0, 1, 1, 4, 9]
    let weights = [1.0, 2, 1, 0, 1]
    for objective in [
      SquaredObjective(), AbsoluteObjective(), QuantileObjective(level: 0.7), PoissonObjective(),
      TweedieObjective(power: 1.5),
    ]
      as [any Objective]
    {
      let best = objective.baseline(target, weights: weights)[0]
      func value(_ score: Double) -> Double {
        let scores = [Double](repeating: score, count: 5)
        return objective.value(scores: scores.span, target: target.span, weights: weights)
      }
      #expect(value(best) <= value(best + 0.01) + 1e-12 && value(best) <= value(best - 0.01) + 1e-12, "\(objective)")
    }
    let odds = LogisticObjective().baseline([0, 1, 1, 1], weights: nil)[0]
    #expect(abs(odds - Mathematics.log(3)) < 1e-12)
    let shares = SoftmaxObjective(classCount: 3).baseline([0, 1, 1, 2], weights: [1, 1, 1, 2])
    #expect(abs(shares[0] - Mathematics.log(0.2)) < 1e-12 && abs(shares[1] - Mathematics.log(0.4)) < 1e-12)
  }

  @Test func extremeScoresStayFinite() {
    for score in [-1e300, -800.0, -40, 40, 800, 1e300] {
      for objective in [
        LogisticObjective(), PoissonObjective(), GammaObjective(), TweedieObjective(power: 1.9),
        SoftmaxObjective(classCount: 3),
      ] as [any Objective] {
        let scores = [score] + [Double](repeating: 0, count: objective.scoreCount - 1)
        let (g, h) = derivatives(objective, scores, 1)
        #expect(g.allSatisfy(\.isFinite) && h.allSatisfy(\.isFinite))
      }
      let p = LogisticObjective().predictions(scores: [score], classes: ["a", "b"])
      #expect(p.probabilities(ofClass: 1)?[0] == (score < -39 ? p.probabilities(ofClass: 1)?[0] : 1))
      #expect(p.probabilities(ofClass: 1).map { $0[0] >= 0 && $0[0] <= 1 } == true)
    }
  }

  @Test func exponentialsAgreeWithTheSystem() {
    let inputs = stride(from: -700.0, through: 700, by: 0.37).map { $0 }
    let p = SoftmaxObjective(classCount: 2).predictions(scores: inputs.flatMap { [$0, 0] }, classes: ["a", "b"])
    for (x, got) in zip(inputs, p.probabilities(ofClass: 0) ?? []) {
      let wanted = Mathematics.logistic(x)
      #expect(abs(got - wanted) <= 2e-15 * wanted + 1e-300)
    }
  }
}
