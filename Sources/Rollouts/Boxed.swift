/// A value that is large and seldom changes, kept by reference, so that what holds it is copied by
/// one pointer. Still a value: setting it anew changes no other copy.
@propertyWrapper
public struct Boxed<Value: Hashable & Sendable>: Sendable {
    @usableFromInline
    final class Box: Sendable {
        @usableFromInline let value: Value

        @usableFromInline init(_ value: Value) { self.value = value }
    }

    @usableFromInline var box: Box

    @inlinable
    public init(wrappedValue: Value) { box = Box(wrappedValue) }

    @inlinable
    public var wrappedValue: Value {
        get { box.value }
        set { box = Box(newValue) }
    }

    /// The value with its box: whether two of them are equal is mostly told without a look inside.
    @inlinable
    public var projectedValue: Boxed { self }
}

extension Boxed: Hashable {
    /// Copies of one value are equal without a look at it.
    public static func == (one: Boxed, other: Boxed) -> Bool {
        one.box === other.box || one.box.value == other.box.value
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(box.value) }
}
