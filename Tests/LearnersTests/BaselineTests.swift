import Basics
import Frames
import Learners
import Modeling
import Testing

@Suite struct BaselineTests {
  private func frame(_ rows: Int) throws -> Frame { try Frame([("v", Column(categories: (0..<rows).map { "\($0)" }))]) }

  @Test func sharesAndCenters() throws {
    let classes = Target.classes(codes: [0, 1, 1, 1], names: ["a", "b", "c"])
    let model = try Baseline().fit(TrainingData(frame: frame(4), target: classes), in: FitContext())
    let shares = Predictions(.probabilities([0.25, 0.75, 0, 0.25, 0.75, 0], classes: ["a", "b", "c"]))
    #expect(try model.predict(frame(2)) == shares)
    let numbers = Target.values([1, 2, 3, 10])
    func center(_ center: Baseline.Center, _ weights: [Double]?) throws -> [Double]? {
      let data = try TrainingData(frame: frame(4), target: numbers, weights: weights)
      return try Baseline(center: center).fit(data, in: FitContext()).predict(frame(1)).values
    }
    #expect(try center(.mean, nil) == [4])
    #expect(try center(.median, nil) == [2.5])
    #expect(try center(.median, [0, 1, 3, 1]) == [3])
  }

  @Test func archiveIsChecked() throws {
    let data = try TrainingData(frame: frame(2), target: .classes(codes: [0, 1], names: ["a", "b"]))
    let bytes = try archived(Baseline().fit(data, in: FitContext()))
    let again = try BaselineModel(from: ArchiveReader(bytes: bytes, origin: "test"))
    #expect(again.values == [0.5, 0.5])
    var wrong = ArchiveWriter()
    wrong.add("values", doubles: [2, -1])
    wrong.add("classes", strings: ["a", "b"])
    let damaged = wrong.encoded()
    #expect { try BaselineModel(from: ArchiveReader(bytes: damaged, origin: "test")) } throws: {
      ($0 as? MLError)?.code == .corruptFile
    }
    #expect(throws: MLError.self) {
      try Baseline().fit(TrainingData(frame: frame(0), target: .values([])), in: FitContext())
    }
  }

  @Test func everyLearnerHasACompleteCard() throws {
    for type in LearnerCatalog.all {
      #expect(!type.card.summary.isEmpty && !type.card.tasks.isEmpty && !type.card.source.isEmpty)
      let keys = try Configuration.encode(type.init()).objectValue?.map(\.0) ?? []
      #expect(Set(keys) == Set(type.card.hyperparameters.map(\.name)))
    }
  }
}
