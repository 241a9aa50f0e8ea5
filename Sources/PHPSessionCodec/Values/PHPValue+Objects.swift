extension PHPValue {
    /// Whether an object or a case of an enumeration is this value or stands anywhere in it.
    ///
    /// Codable reads objects by their properties and never writes any: what replaces such a value by way of Codable
    /// takes PHP's objects away.
    public var holdsObjects: Bool {
        if graph.objects.isEmpty { return false }
        var found = false
        graph.forEachReachable(from: [node]) { node in
            if case .object = node { found = true }
        }
        return found
    }
}
