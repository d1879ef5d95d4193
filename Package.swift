// swift-tools-version: 6.2
import PackageDescription

// Arrows go down only; `Scripts/check` verifies that imports agree with this list. See ARCHITECTURE.md.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "apus",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "apus", targets: ["apus"]),
    .library(
      name: "Apus",
      targets: [
        "Lifecycle", "Learners", "Transforms", "Evaluation", "Monitoring", "Modeling", "Frames", "Kernels", "Basics",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // Layer 0
    .target(name: "CKernels"),
    .target(name: "CAssets", exclude: ["dashboard", "data"]),
    library(
      "Basics",
      [
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    library("Kernels", ["Basics", "CKernels"]),
    library("Frames", ["Kernels", "Basics"]),
    library(
      "HTTP",
      [
        "Basics",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    // Layer 1
    library("Modeling", ["Frames", "Kernels", "Basics"]),
    // Layer 2
    library("Transforms", ["Modeling", "Frames", "Kernels", "Basics"]),
    library("Learners", ["Modeling", "Frames", "Kernels", "Basics"]),
    library("Evaluation", ["Modeling", "Frames", "Kernels", "Basics"]),
    library("Monitoring", ["Modeling", "Frames", "Kernels", "Basics"]),
    library(
      "Storage",
      ["Modeling", "Frames", "Basics", .product(name: "GRDB", package: "GRDB.swift")]),
    // Layer 3
    library("Tuning", ["Evaluation", "Modeling", "Frames", "Basics"]),
    // Layer 4
    library(
      "Lifecycle",
      [
        "Tuning", "Evaluation", "Learners", "Transforms", "Monitoring", "Storage", "Modeling",
        "Frames", "Kernels", "Basics", .product(name: "Yams", package: "Yams"),
      ]),
    // Layer 5
    library(
      "Serving",
      ["Lifecycle", "HTTP", "Evaluation", "Modeling", "Frames", "Monitoring", "Storage", "Basics"]),
    library(
      "Dashboard",
      ["Lifecycle", "HTTP", "Storage", "Monitoring", "Modeling", "Frames", "Basics", "CAssets"]),
    // Layer 6
    library(
      "CLI",
      [
        "Serving", "Dashboard", "Lifecycle", "HTTP", "Storage", "Monitoring", "Evaluation",
        "Modeling", "Frames", "Basics", "CAssets",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "apus", dependencies: ["CLI"], swiftSettings: settings),
    // Tests
    .target(
      name: "Checks", dependencies: ["Modeling", "Frames", "Kernels", "Basics"], path: "Tests/Checks",
      swiftSettings: settings),
    tests("BasicsTests", ["Basics"]),
    tests("FramesTests", ["Frames", "Kernels", "Basics", "Checks"]),
    tests("TransformsTests", ["Transforms", "Modeling", "Frames", "Basics", "Checks"]),
    tests("LearnersTests", ["Learners", "Modeling", "Frames", "Kernels", "Basics", "Checks"]),
    tests("EvaluationTests", ["Tuning", "Evaluation", "Modeling", "Frames", "Basics", "Checks"]),
    tests("MonitoringTests", ["Monitoring", "Modeling", "Frames", "Basics", "Checks"]),
    tests("StorageTests", ["Storage", "Modeling", "Frames", "Basics", "Checks"]),
    tests("HTTPTests", ["HTTP", "Basics"]),
    tests("ServingTests", ["Serving", "Dashboard", "Lifecycle", "Modeling", "HTTP", "Storage", "Frames", "Basics", "Checks"]),
    tests(
      "CatalogTests",
      ["Learners", "Transforms", "Evaluation", "Lifecycle", "Modeling", "Frames", "Basics", "Checks"]),
    tests(
      "LifecycleTests",
      ["Lifecycle", "Evaluation", "Monitoring", "Storage", "Modeling", "Frames", "Basics", "Checks"]),
    tests("EndToEndTests", ["CLI", "Lifecycle", "HTTP", "Basics"]),
  ]
)
