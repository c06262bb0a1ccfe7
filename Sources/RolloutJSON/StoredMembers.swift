import JSONText
import Rollouts

/// An object of a stored document. Unlike a request's, it is written by the service alone, so the
/// first fault ends the reading.
struct StoredMembers {
    let object: JSONObject
    let pointer: JSONPointer

    init(_ value: JSONValue?, at pointer: JSONPointer) throws(StoredFault) {
        guard let object = value?.object else { throw StoredFault(pointer, "an object") }
        self.object = object
        self.pointer = pointer
    }

    func members(_ name: String) throws(StoredFault) -> StoredMembers {
        try StoredMembers(object[name], at: pointer.appending(name))
    }

    /// Nil where the member is null or absent.
    func optionalMembers(_ name: String) throws(StoredFault) -> StoredMembers? {
        has(name) ? try members(name) : nil
    }

    func has(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }

    func list(_ name: String) throws(StoredFault) -> [JSONValue] {
        guard let list = object[name]?.array else { throw fault(name, "an array") }
        return list
    }

    func text(_ name: String) throws(StoredFault) -> String {
        guard let text = object[name]?.string else { throw fault(name, "a string") }
        return text
    }

    func optionalText(_ name: String) throws(StoredFault) -> String? {
        has(name) ? try text(name) : nil
    }

    func flag(_ name: String) throws(StoredFault) -> Bool {
        guard let flag = object[name]?.bool else { throw fault(name, "true or false") }
        return flag
    }

    func whole(_ name: String) throws(StoredFault) -> Int {
        guard let number = object[name]?.int else { throw fault(name, "a whole number") }
        return number
    }

    func real(_ name: String) throws(StoredFault) -> Double {
        guard let number = object[name]?.double else { throw fault(name, "a number") }
        return number
    }

    func optionalReal(_ name: String) throws(StoredFault) -> Double? {
        has(name) ? try real(name) : nil
    }

    func moment(_ name: String) throws(StoredFault) -> Timestamp {
        guard let moment = object[name]?.string.flatMap({ Timestamp($0) }) else {
            throw fault(name, "a time such as 2026-11-23T09:05:00.000Z")
        }
        return moment
    }

    func optionalMoment(_ name: String) throws(StoredFault) -> Timestamp? {
        has(name) ? try moment(name) : nil
    }

    /// A share in percent; nil where the member is null or absent.
    func optionalShare(_ name: String) throws(StoredFault) -> TrafficShare? {
        guard has(name) else { return nil }
        let points = object[name]?.number?.scaled(by: 2)
        guard let share = points.flatMap({ TrafficShare(basisPoints: $0) }) else {
            throw fault(name, "a percentage from 0 to 100 with at most two decimals")
        }
        return share
    }

    func word<Word: RawRepresentable<String>>(
        _ name: String, as type: Word.Type
    ) throws(StoredFault) -> Word {
        let text = try text(name)
        guard let word = Word(rawValue: text) else {
            throw fault(name, "a known word, not \(JSONValue.string(text))")
        }
        return word
    }

    func optionalWord<Word: RawRepresentable<String>>(
        _ name: String, as type: Word.Type
    ) throws(StoredFault) -> Word? {
        has(name) ? try word(name, as: type) : nil
    }

    func address(_ value: JSONValue, _ pointer: JSONPointer) throws(StoredFault) -> TargetAddress {
        guard let address = value.string.flatMap({ TargetAddress($0) }) else {
            throw StoredFault(pointer, "a target such as host:80")
        }
        return address
    }

    func fault(_ name: String, _ expected: String) -> StoredFault {
        StoredFault(pointer.appending(name), expected)
    }
}
