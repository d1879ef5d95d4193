/// Every job, one line each.
enum Jobs {
  static let all: [any Job.Type] = [
    BoostedTrees.self, BoostedTreesBusy.self, BoostedTreesMixed.self, RandomForest.self, Logistic.self,
    RidgeRegression.self, KMeans.self, Perceptron.self, TFIDF.self, ScoreBatch.self, ScoreRow.self, CSVFloats.self,
    CSVMixed.self, Prepare.self, Drift.self, WholeJob.self, StartUp.self, HTTPRows.self,
  ]
}
