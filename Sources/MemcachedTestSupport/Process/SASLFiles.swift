import Foundation

/// The files of a SASL server: a configuration directory for Cyrus SASL and a database of users.
enum SASLFiles {
    /// The name of the configuration directory; `SASL_CONF_PATH` must name the directory, not the file in it.
    static let configurationDirectory = "conf"

    /// Writes the files into a directory, unless they are there already.
    /// - Parameters:
    ///   - sasl: The users and mechanisms.
    ///   - directory: Where to put the files.
    ///   - tool: The program that makes users.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/saslToolsMissing`` or
    ///   ``MemcachedTestSupportError/Code/system``.
    static func write(
        _ sasl: MemcachedProcess.SASL,
        into directory: PrivateDirectory,
        tool: String = "saslpasswd2"
    ) async throws(MemcachedTestSupportError) {
        guard let saslpasswd2 = ExecutableSearch.find(tool) else {
            throw MemcachedTestSupportError(
                .saslToolsMissing,
                """
                \(tool) was not found. Install Cyrus SASL's tools and its mechanisms: \
                "apt-get install sasl2-bin libsasl2-modules" (Debian, Ubuntu), "dnf install cyrus-sasl-lib \
                cyrus-sasl-plain cyrus-sasl-scram cyrus-sasl" (Fedora), "brew install cyrus-sasl" (macOS).
                """
            )
        }
        let database = directory.file("sasldb2")
        try directory.makeDirectory(configurationDirectory)
        try directory.write(
            "\(configurationDirectory)/memcached.conf",
            """
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            sasldb_path: \(database)
            mech_list: \(sasl.mechanisms)

            """
        )
        for user in sasl.users {
            let realm = user.realm.map { ["-u", $0] } ?? []
            let child = try ChildProcess.start(
                ChildCommand(
                    executable: saslpasswd2,
                    arguments: ["-p", "-c", "-a", "memcached"] + realm + ["-f", database, user.name],
                    environment: ProcessInfo.processInfo.environment,
                    standardInput: Array(user.password.utf8),
                    outputPath: directory.file("saslpasswd2.log")
                )
            )
            let exit = await child.waitForExit()
            guard exit == .exited(status: 0) else {
                let output = directory.read("saslpasswd2.log")
                throw MemcachedTestSupportError(.system, "saslpasswd2 ended with \(exit): \(output)")
            }
        }
    }
}
