import JSONText

extension JSONObject {
    /// A member that is there and not null.
    ///
    /// Not by `flatMap` with `nil`: there `nil` would be JSON's null, a value like others.
    func given(_ name: String) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }
}
