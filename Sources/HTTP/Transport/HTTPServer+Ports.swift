import NIOCore
import NIOPosix

extension HTTPServer {
  /// Whether a server could listen on `port` of this machine's own address now. Blocks; not for event loops.
  public static func isFree(port: Int) -> Bool {
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
    do {
      try bootstrap.bind(host: "127.0.0.1", port: port).wait().close().wait()
      return true
    } catch {
      return false
    }
  }
}
