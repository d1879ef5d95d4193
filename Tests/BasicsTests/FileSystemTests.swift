import Basics
import Foundation
import Testing

@Suite struct FileSystemTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try FileSystem.temporaryDirectory()
    defer { #expect(throws: Never.self) { try FileSystem.remove(folder) } }
    try body(folder)
  }

  @Test func writesReplacesAndReads() throws {
    try inFolder { folder in
      let path = folder + "/a.bin"
      for content: [UInt8] in [[1, 2, 3], [], Array(repeating: 7, count: 1_000_000)] {
        try FileSystem.write(content, to: path)
        #expect(try FileSystem.read(path) == content)
        #expect(try FileSystem.size(path) == content.count)
      }
      #expect(try FileSystem.list(folder) == ["a.bin"])
    }
  }

  /// A folder stands where the file should go, so the rename fails after all bytes are written.
  @Test func failedWriteLeavesNothingBehind() throws {
    try inFolder { folder in
      try FileSystem.createDirectory(folder + "/taken/inside")
      let error = #expect(throws: MLError.self) { try FileSystem.write([1], to: folder + "/taken") }
      #expect(error?.code == .io)
      #expect(try FileSystem.list(folder) == ["taken"])
      #expect(try FileSystem.list(folder + "/taken") == ["inside"])
    }
  }

  @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
  func readOnlyFolderKeepsTheOldContent() throws {
    try inFolder { folder in
      let path = folder + "/a.txt"
      try FileSystem.write([1], to: path)
      chmod(folder, 0o555)
      defer { chmod(folder, 0o755) }
      let error = #expect(throws: MLError.self) { try FileSystem.write([2], to: path) }
      #expect(error?.code == .io)
      #expect(error?.hint != nil)
      #expect(!FileSystem.isWritable(folder))
      #expect(try FileSystem.read(path) == [1])
    }
  }

  @Test func missingFileAndFolderAreNamed() throws {
    try inFolder { folder in
      let missing = #expect(throws: MLError.self) { try FileSystem.read(folder + "/none.csv") }
      #expect(missing?.code == .notFound)
      #expect(missing?.message.contains("none.csv") == true)
      #expect(missing?.hint != nil)
      let directory = #expect(throws: MLError.self) { try FileSystem.read(folder) }
      #expect(directory?.code == .invalidData)
      #expect(throws: MLError.self) { try FileSystem.list(folder + "/none") }
      #expect(throws: MLError.self) { try FileSystem.write([1], to: folder + "/none/a") }
      #expect(throws: Never.self) { try FileSystem.remove(folder + "/none") }
    }
  }

  @Test func manyWritersOfOneFileLeaveOneOfTheContents() throws {
    try inFolder { folder in
      let path = folder + "/a"
      _ = try Workers(count: 8).map(64) { index in
        try FileSystem.write(Array(repeating: UInt8(index), count: 10_000), to: path)
      }
      let content = try FileSystem.read(path)
      #expect(content.count == 10_000)
      #expect(Set(content).count == 1)
      #expect(try FileSystem.list(folder) == ["a"])
    }
  }

  @Test func partsOfPaths() {
    #expect(FileSystem.name("/a/b.csv") == "b.csv")
    #expect(FileSystem.parent("/a/b.csv") == "/a")
    #expect(FileSystem.parent("/a") == "/")
    #expect(FileSystem.parent("a") == ".")
    #expect(FileSystem.absolute("/a") == "/a")
    #expect(FileSystem.absolute("a").hasSuffix("/a"))
  }
}
