public import Modeling

/// Every registered algorithm.
public enum LearnerCatalog {
  /// In the order they are listed and tried.
  public static let all: [any Estimator.Type] = [
    Baseline.self, Ridge.self, LogisticRegression.self, GradientBoostedTrees.self, DecisionTree.self,
    RandomForest.self, ExtraTrees.self, MultilayerPerceptron.self, ConvolutionalNetwork.self, KNearestNeighbours.self,
    SupportVectorClassifier.self, SupportVectorRegression.self, KMeans.self, GaussianMixture.self, DBSCAN.self,
    HDBSCAN.self, Popularity.self, ItemSimilarity.self, Ease.self, ImplicitALS.self, ExplicitALS.self,
    AssociationRules.self, SeasonalNaive.self, ExponentialSmoothing.self, BoostedLags.self, IsolationForest.self,
    RobustZScore.self,
    StreamingAnomaly.self, StreamingHalfSpaceTrees.self, LinearRegression.self, Lasso.self,
    ElasticNet.self, PoissonRegression.self, GammaRegression.self, TweedieRegression.self, LinearSVC.self,
    LinearSVR.self, GaussianNaiveBayes.self, MultinomialNaiveBayes.self, BernoulliNaiveBayes.self,
    StochasticGradientDescent.self, OnlineLogisticRegression.self, OnlineLinearRegression.self, HoeffdingTree.self,
  ]
}

/// Every registered objective.
public enum ObjectiveCatalog {
  /// In the order they are listed.
  public static let all: [any Objective.Type] = [
    SquaredObjective.self, LogisticObjective.self, SoftmaxObjective.self, AbsoluteObjective.self, HuberObjective.self,
    QuantileObjective.self, PoissonObjective.self, GammaObjective.self, TweedieObjective.self, LambdaRankObjective.self,
  ]
}
