import Basics
import Testing

@Suite struct DigestTests {
  /// Vectors of FIPS 180-4.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func standardVectors(text: String, hex: String) {
    #expect(Digest(of: text).hex == hex)
    var stream = DigestStream()
    for byte in text.utf8 { stream.update([byte]) }
    #expect(stream.finish().hex == hex)
    let padded = Array("xx".utf8) + Array(text.utf8) + Array("yy".utf8)
    #expect(Digest(of: padded[2..<(padded.count - 2)]).hex == hex)
  }

  @Test(arguments: ["", "abc", String(repeating: "A", count: 64), String(repeating: "g", count: 64)])
  func onlySixtyFourLowerCaseDigitsAreADigest(text: String) {
    #expect(throws: MLError.self) { try Digest(hex: text) }
    #expect(throws: MLError.self) { try Configuration.decode([Digest].self, from: [.string(text)]) }
  }
}
