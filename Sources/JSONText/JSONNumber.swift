/// A JSON number, exactly as it was written.
///
/// Equality is that of the values: `20`, `20.0` and `2e1` are one number.
public struct JSONNumber: Sendable {
    /// Valid by the grammar of RFC 8259.
    public let literal: String

    /// The caller vouches for the grammar.
    init(valid literal: String) { self.literal = literal }

    public init(_ value: Int) { literal = String(value) }

    /// The shortest literal that reads back as `value`; `nil` for infinities and not-a-number.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        literal = value.description
    }

    /// `2000` is `20.0`, `1234` is `12.34`, `5` is `0.05`.
    public init(hundredths: Int) {
        var writer = JSONWriter(capacity: 24)
        writer.number(hundredths: hundredths)
        literal = String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The whole number this is; `nil` when it has a fraction or does not fit.
    public var int: Int? { scaled(by: 0) }

    /// The nearest double; `nil` when it is beyond the finite ones.
    public var double: Double? {
        guard let value = Double(literal), value.isFinite else { return nil }
        return value
    }

    /// This number times 10^`decimals`, exactly: `12.34` by 2 is 1234.
    ///
    /// - Returns: `nil` when more decimals are not zero, or the result does not fit.
    public func scaled(by decimals: Int) -> Int? {
        if decimals == 0, let plain { return plain }
        let normal = DecimalForm(literal)
        guard !normal.digits.isEmpty else { return 0 }
        let (zeros, far) = normal.exponent.addingReportingOverflow(decimals)
        // 2^63 has 19 digits, so that more zeros than that never fit.
        guard !far, zeros >= 0, zeros <= 19 else { return nil }
        var result = 0
        for digit in normal.digits + [UInt8](repeating: 0, count: zeros) {
            let (tenfold, over) = result.multipliedReportingOverflow(by: 10)
            let step = normal.isNegative ? -Int(digit) : Int(digit)
            let (sum, beyond) = tenfold.addingReportingOverflow(step)
            guard !over, !beyond else { return nil }
            result = sum
        }
        return result
    }
}

extension JSONNumber {
    /// The value where the literal is at most 18 digits and nothing else, as most are; else nil.
    private var plain: Int? {
        guard literal.utf8.count <= 18 else { return nil }
        var value = 0
        for byte in literal.utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value &* 10 &+ Int(byte & 15)
        }
        return value
    }
}

extension JSONNumber: Hashable {
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.literal == right.literal || DecimalForm(left.literal) == DecimalForm(right.literal)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(DecimalForm(literal)) }
}

extension JSONNumber: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
}

/// Digits without zeros at either end, times a power of ten: one form for each value.
private struct DecimalForm: Hashable {
    /// 0…9 each; empty for zero.
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0
    private(set) var isNegative = false

    /// - Parameter literal: Valid by the grammar.
    init(_ literal: String) {
        var written = 0
        var sawPoint = false
        var sawExponent = false
        var exponentIsNegative = false
        for byte in literal.utf8 {
            switch byte {
            case UInt8(ascii: "-"):
                if sawExponent { exponentIsNegative = true } else { isNegative = true }
            case UInt8(ascii: "+"): break
            case UInt8(ascii: "."): sawPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): sawExponent = true
            case _ where sawExponent:
                // Saturates: beyond this no digit string we accept could matter.
                written = min(written * 10 + Int(byte & 15), 1 << 40)
            case let digit:
                if sawPoint { exponent -= 1 }
                if digits.isEmpty && digit == UInt8(ascii: "0") { continue }
                digits.append(digit & 15)
            }
        }
        exponent += exponentIsNegative ? -written : written
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty {
            exponent = 0
            isNegative = false
        }
    }
}
