public import Modeling

/// Every registered transform.
public enum TransformCatalog {
  /// In the order they are listed.
  public static let all: [any Transform.Type] = [
    Impute.self, Scale.self, OneHot.self, Ordinal.self, TargetEncode.self, GroupRare.self, DateParts.self,
    TimeBetween.self, TextFeatures.self, TextStatistics.self, Drop.self, DropConstant.self, DropIds.self,
    PrincipalComponents.self,
    TruncatedSVD.self, RandomFourierFeatures.self, NystroemFeatures.self, Lags.self, RollingStatistics.self,
    FourierBands.self,
  ]
}
