public import Memcached

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension MemcachedSessionConfiguration {
    /// Configures sessions from environment variables.
    ///
    /// See ``Memcached/MemcachedConfiguration/fromEnvironment(_:family:profile:)`` for the variables and their rules.
    ///
    /// - Parameters:
    ///   - environment: Names and values; by default those of the process.
    ///   - family: The variables to read when more than one service is configured; nil when there is only one.
    /// - Returns: A configuration with PHP's defaults for everything else.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration``, also when nothing is set. No value is shown.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        family: MemcachedConfiguration.EnvironmentFamily? = nil
    ) throws(MemcachedSessionError) -> MemcachedSessionConfiguration {
        do throws(MemcachedError) {
            return MemcachedSessionConfiguration(
                client: try MemcachedConfiguration.fromEnvironment(environment, family: family)
            )
        } catch {
            throw MemcachedSessionError(.invalidConfiguration, error.detail, cause: error)
        }
    }
}
