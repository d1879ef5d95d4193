import Basics
import Frames
import Testing

@Suite struct CSVErrorTests {
  @Test func emptyBlankAndBinaryFiles() throws {
    #expect(failure { try read("") }?.message.contains("is empty") == true)
    #expect(failure { try read("\n \n\n") }?.message.contains("blank lines") == true)
    #expect(failure { try read(bytes: [1, 2, 0, 3, 4, 5, 6, 7, 8, 9]) }?.message.contains("binary") == true)
    #expect(failure { try read(bytes: [0x50, 0x4B, 3, 4, 0, 0]) }?.message.contains("zip") == true)
    #expect(failure { try FrameSources.read("/nowhere/table.csv") }?.code == .notFound)
    #expect(failure { try FrameSources.read("/nowhere/table.xyz") }?.code == .invalidParameter)
  }

  @Test func duplicateNamesAreBothNamed() {
    let error = failure { try read("a,b,a\n1,2,3\n") }
    #expect(error?.code == .schemaMismatch)
    #expect(error?.message.contains("columns 1 and 3") == true)
    #expect(error?.field == "a")
  }

  @Test func unclosedQuote() {
    let rows = (0..<50).map { "\($0),\"fine \($0)\"" }.joined(separator: "\n")
    let error = failure { try read("id,text\n\(rows)\n50,\"never closed\n51,\"x\"y\n") }
    #expect(error?.message.contains("never closed") == true)
    #expect(error?.message.contains("52") == true)
  }

  @Test func aVeryLongLine() throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 70 << 20)
    #expect(failure { try read(bytes: long) }?.message.contains("line 1 is longer") == true)
    let middle = Array("a,b\n1,2\n".utf8) + long + Array("\n3,4\n".utf8)
    #expect(failure { try read(bytes: middle) }?.message.contains("line 3 is longer") == true)
  }

  @Test func headerOnlyAndOneRow() throws {
    let header = try read("a,b,c\n")
    #expect(header.frame.schema.names == ["a", "b", "c"])
    #expect(header.frame.rowCount == 0)
    let row = try read("1,2,x\n")
    #expect(row.frame.rowCount == 1)
    #expect(row.frame.schema.names == ["c1", "c2", "c3"])
  }
}

@Suite struct GzipTests {
  @Test func membersFollowOneAnother() throws {
    let (frame, _) = try FrameSources.read(fixture("Datasets/csv/two-members.csv.gz"))
    #expect(try frame.cells("a") == ["1", "2", "3"])
  }

  @Test func cutShortAndDamaged() throws {
    let whole = try FileSystem.read(fixture("Datasets/csv/two-members.csv.gz"))
    let cut = failure { try read(bytes: Array(whole.dropLast(9)), "cut.csv.gz") }
    #expect(cut?.code == .corruptFile)
    #expect(cut?.message.contains("cut short") == true)
    var damaged = whole
    damaged[14] ^= 0xFF
    #expect(failure { try read(bytes: damaged, "damaged.csv.gz") }?.code == .corruptFile)
  }
}
