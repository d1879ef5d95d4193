import Learners
package import Modeling
import Transforms

extension Registry {
  /// Every algorithm and every preparation step of this version.
  package static let standard = Registry(estimators: LearnerCatalog.all, transforms: TransformCatalog.all)
}

/// Facts about this release.
package enum Release {
  /// Version of the program, stored in archives and printed by `--version`.
  package static let version = "0.1.0"
}
