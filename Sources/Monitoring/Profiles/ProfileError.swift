import Basics

/// Errors of reading a stored profile.
enum ProfileError {
  static func corrupt(_ what: String) -> MLError {
    MLError(
      .corruptFile, "profile: cannot be read; \(what).",
      hint: "Restore the file from a backup, or train the model again.")
  }

  static func foreign(_ what: String) -> MLError {
    MLError(
      .schemaMismatch, "window: must be counted on the same reference profile; \(what).",
      hint: "Use windows and reference of the same model version.")
  }
}
