import Basics

/// Finds the parameters of one form of exponential smoothing for one series.
package struct SmoothingFit {
  let values: [Double]
  let form: SmoothingForm
  let period: Int

  /// Seeks the best model of `form` for `values`; NaN is a missing value.
  package init(values: [Double], form: SmoothingForm, period: Int) {
    (self.values, self.form, self.period) = (values, form, period)
  }

  /// Start states by decomposition (Hyndman et al. 2008, section 2.6.1), parameters by a simplex search, start states
  /// then by Gauss–Newton steps, twice over; `nil` when no sound model is found.
  package func best() -> SmoothingModel? {
    guard var model = Optional(initial()), model.deviance(values) < .infinity else { return nil }
    for _ in 0..<2 {
      model = searched(model)
      let before = model.deviance(values)
      for _ in 0..<3 {
        guard let refined = refined(model), refined.deviance(values) < model.deviance(values) - 1e-9 else { break }
        model = refined
      }
      if model.deviance(values) > before - 1e-6 { break }
    }
    return model.deviance(values) < .infinity ? model : nil
  }

  /// Parameters near the usual ones and a state read off the beginning of the series.
  private func initial() -> SmoothingModel {
    let m = form.season == .none ? 1 : period
    let season = form.season == .none ? [0] : seasonal(m)
    let level = values.indices.map { index -> Double in
      switch form.season {
      case .none: return values[index]
      case .additive: return values[index] - season[index % m]
      case .multiplicative: return values[index] / season[index % m]
      }
    }
    let known = level.indices.filter { level[$0].isFinite }.prefix(max(10, m))
    let count = Double(known.count)
    let x = known.reduce(0.0) { $0 + Double($1) } / count
    let y = known.reduce(0.0) { $0 + level[$1] } / count
    let spread = known.reduce(0.0) { $0 + (Double($1) - x) * (Double($1) - x) }
    let product = known.reduce(0.0) { $0 + (Double($1) - x) * (level[$1] - y) }
    let slope = spread > 0 && form.trend != .none ? product / spread : 0
    let first = form.trend == .none ? y : y - slope * (x + 1)
    return SmoothingModel(
      form: form, period: m,
      parameters: [
        0.3, form.trend == .none ? 0 : 0.03, form.season == .none ? 0 : 0.1, form.trend == .damped ? 0.96 : 1,
      ],
      start: SmoothingState(level: first, slope: slope, season: season))
  }

  /// The season's share of each phase: what is left of the values after a centred mean over one season.
  private func seasonal(_ m: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: m)
    var counts = sums
    let used = min(values.count, max(3, 10) * m)
    for index in 0..<used where !values[index].isNaN {
      let center = smoothed(index, m)
      guard center.isFinite, form.season == .additive || center > 0 else { continue }
      sums[index % m] += form.season == .additive ? values[index] - center : values[index] / center
      counts[index % m] += 1
    }
    let neutral = form.season == .additive ? 0.0 : 1.0
    var out = zip(sums, counts).map { $1 > 0 ? $0 / $1 : neutral }
    let mean = out.reduce(0, +) / Double(m)
    for phase in out.indices { out[phase] = form.season == .additive ? out[phase] - mean : out[phase] / mean }
    if form.season == .multiplicative { out = out.map { max(0.01, $0) } }
    return out
  }

  /// Mean of one season centred on `index`, both ends half where the season is even; NaN outside.
  private func smoothed(_ index: Int, _ m: Int) -> Double {
    let half = m / 2
    guard index >= half, index + half < values.count else { return .nan }
    var (sum, weight) = (0.0, 0.0)
    for place in (index - half)...(index + half) where !values[place].isNaN {
      let share = m % 2 == 0 && (place == index - half || place == index + half) ? 0.5 : 1
      sum += share * values[place]
      weight += share
    }
    return weight > 0 ? sum / weight : .nan
  }

  // MARK: Parameters

  /// Smoothing parameters and the first level and slope by Nelder and Mead's simplex.
  private func searched(_ model: SmoothingModel) -> SmoothingModel {
    let size = values.reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) }
    func unpacked(_ point: [Double]) -> SmoothingModel {
      var out = model
      var rest = point[...]
      out.level = 0.0001 + 0.9998 * Mathematics.logistic(rest.removeFirst())
      if form.trend != .none { out.trend = out.level * (0.0001 + 0.9998 * Mathematics.logistic(rest.removeFirst())) }
      if form.season != .none {
        out.season = (1 - out.level) * (0.0001 + 0.9998 * Mathematics.logistic(rest.removeFirst()))
      }
      if form.trend == .damped { out.damping = 0.8 + 0.18 * Mathematics.logistic(rest.removeFirst()) }
      out.start.level = model.start.level + 0.1 * size * rest.removeFirst()
      if form.trend != .none { out.start.slope = model.start.slope + 0.01 * size * rest.removeFirst() }
      return out
    }
    func logit(_ share: Double) -> Double {
      let p = min(0.9999, max(0.0001, share))
      return Mathematics.log(p / (1 - p))
    }
    var first = [logit(model.level)]
    if form.trend != .none { first.append(logit(model.trend / model.level)) }
    if form.season != .none { first.append(logit(model.season / (1 - model.level))) }
    if form.trend == .damped { first.append(logit((model.damping - 0.8) / 0.18)) }
    first.append(0)
    if form.trend != .none { first.append(0) }
    let point = Simplex.minimum(from: first, steps: 120 * first.count) { unpacked($0).deviance(values) }
    let found = unpacked(point)
    return found.deviance(values) < model.deviance(values) ? found : model
  }

  /// One Gauss–Newton step on the start state; exact for additive errors without multiplicative season.
  private func refined(_ model: SmoothingModel) -> SmoothingModel? {
    let width = 1 + (form.trend == .none ? 0 : 1) + (form.season == .none ? 0 : model.period)
    guard width * values.count <= 4_000_000 else { return nil }
    let base = model.errors(values).errors
    let size = values.reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) } * 1e-4
    func moved(_ model: SmoothingModel, _ index: Int, _ step: Double) -> SmoothingModel {
      var out = model
      if index == 0 {
        out.start.level += step
      } else if form.trend != .none, index == 1 {
        out.start.slope += step
      } else {
        out.start.season[index - (form.trend == .none ? 1 : 2)] += step
      }
      return out
    }
    func unit(_ index: Int) -> Double {
      form.season == .multiplicative && index >= (form.trend == .none ? 1 : 2) ? 1e-4 : size
    }
    let columns = (0..<width).map { index in
      zip(moved(model, index, unit(index)).errors(values).errors, base).map { ($0 - $1) / unit(index) }
    }
    var system = [Double](repeating: 0, count: width * width)
    var right = [Double](repeating: 0, count: width)
    for a in 0..<width {
      for place in base.indices { right[a] -= columns[a][place] * base[place] }
      for b in 0...a {
        var sum = 0.0
        for place in base.indices { sum += columns[a][place] * columns[b][place] }
        system[a * width + b] = sum
      }
      system[a * width + a] *= 1 + 1e-9
    }
    guard system.allSatisfy(\.isFinite), right.allSatisfy(\.isFinite) else { return nil }
    var out = model
    for (index, step) in Cholesky.solve(system, right).enumerated() { out = moved(out, index, step) }
    return out
  }
}

/// Nelder and Mead's downhill simplex, always the same way from the same start.
///
/// - Source: Nelder and Mead, *A simplex method for function minimization*, The Computer Journal 7(4), 1965.
enum Simplex {
  static func minimum(from start: [Double], steps: Int, _ objective: ([Double]) -> Double) -> [Double] {
    var points =
      [start]
      + start.indices.map { index in
        var point = start
        point[index] += 0.5
        return point
      }
    var values = points.map(objective)
    for _ in 0..<steps {
      let order = values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] < values[$1] }
      points = order.map { points[$0] }
      values = order.map { values[$0] }
      guard let worst = values.last, worst - values[0] > 1e-8 * (1 + abs(values[0])) else { break }
      step(&points, &values, objective)
    }
    let best = values.indices.min { values[$0] < values[$1] } ?? 0
    return points[best]
  }

  private static func step(_ points: inout [[Double]], _ values: inout [Double], _ objective: ([Double]) -> Double) {
    let last = points.count - 1
    let center = points[0].indices.map { k in points[..<last].reduce(0) { $0 + $1[k] } / Double(last) }
    func along(_ factor: Double) -> ([Double], Double) {
      let point = zip(center, points[last]).map { $0 + factor * ($1 - $0) }
      return (point, objective(point))
    }
    let mirrored = along(-1)
    if mirrored.1 < values[0] {
      let further = along(-2)
      (points[last], values[last]) = further.1 < mirrored.1 ? further : mirrored
    } else if mirrored.1 < values[last - 1] {
      (points[last], values[last]) = mirrored
    } else {
      let nearer = mirrored.1 < values[last] ? along(-0.5) : along(0.5)
      if nearer.1 < min(mirrored.1, values[last]) {
        (points[last], values[last]) = nearer
      } else {
        for index in 1...last {
          points[index] = zip(points[0], points[index]).map { $0 + 0.5 * ($1 - $0) }
          values[index] = objective(points[index])
        }
      }
    }
  }
}
