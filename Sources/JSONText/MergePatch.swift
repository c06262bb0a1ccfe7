extension JSONValue {
    /// This value with `patch` merged into it (RFC 7396): `null` removes, objects merge member by
    /// member, everything else replaces.
    public func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var merged = object ?? JSONObject()
        for (name, change) in changes {
            if case .null = change {
                merged[name] = nil
            } else {
                // A fresh value is merged into an empty object so that nulls inside it vanish too.
                merged[name] = (merged[name] ?? .null).merging(change)
            }
        }
        return .object(merged)
    }
}
