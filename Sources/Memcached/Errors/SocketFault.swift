import NIOCore
import NIOPosix

/// Says in words what a socket or a name lookup reported.
enum SocketFault {
    static func summary(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if !error.connectionErrors.isEmpty {
                return error.connectionErrors.map { summary($0.error) }.uniqued().joined(separator: "; ")
            }
            return "the name \(error.host) was not found"
        case let error as IOError:
            return String(describing: error)
        case let error as ChannelError:
            return String(describing: error)
        default:
            return String(describing: type(of: error))
        }
    }
}

extension Array where Element: Hashable {
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
