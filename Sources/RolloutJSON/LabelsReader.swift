import JSONText

/// Reads labels: at most 32 pairs of texts for people's own use.
enum LabelsReader {
    static let limit = 32
    static let lengths = 1...63

    static func read(
        _ value: JSONValue?, _ inspection: inout Inspection
    ) -> [String: String] {
        let pointer = JSONPointer.root.appending("labels")
        guard let value, !value.isNull else { return [:] }
        guard let object = value.object else {
            inspection.fault(pointer, "must be an object of strings, not \(value.kindName)")
            return [:]
        }
        if object.count > limit {
            inspection.fault(pointer, "must have at most \(limit) members, not \(object.count)")
        }
        var labels: [String: String] = [:]
        for (name, value) in object where !inspection.isFull {
            let here = pointer.appending(name)
            if !lengths.contains(name.unicodeScalars.count) || !KongText.isPrintable(name) {
                inspection.fault(here, "a label's name must be 1 to 63 printable characters")
            }
            guard let text = value.string,
                text.unicodeScalars.count <= lengths.upperBound, KongText.isPrintable(text)
            else {
                inspection.fault(here, "must be a string of at most 63 printable characters")
                continue
            }
            if labels.updateValue(text, forKey: name) != nil {
                inspection.fault(here, "is there twice, in two spellings of the same characters")
            }
        }
        return labels
    }
}
