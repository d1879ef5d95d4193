/// Rows, columns and channels of an image.
public struct ImageSize: Sendable, Hashable {
  /// Rows of pixels.
  public var height: Int
  /// Pixels of a row.
  public var width: Int
  /// Numbers of a pixel.
  public var channels: Int

  /// A size.
  public init(height: Int, width: Int, channels: Int = 1) {
    (self.height, self.width, self.channels) = (height, width, channels)
  }

  /// Numbers of an image.
  public var valueCount: Int { height * width * channels }
}

/// A model whose columns, in the order of its schema, are the pixels of an image: row by row, pixel by pixel,
/// channel by channel.
public protocol ImageModel: FittedModel {
  /// Size of its images.
  var imageSize: ImageSize { get }
}
