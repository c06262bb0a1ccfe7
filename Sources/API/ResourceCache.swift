import HTTPMessage
import HTTPTypes
import JSONText
import RolloutJSON
import Rollouts
import Synchronization

/// Rollouts as bytes, encoded once for each change.
///
/// Found by the raw path, so that an answer from here reads, decodes and encodes nothing.
final class ResourceCache: Sendable {
    /// One rollout as it was at one moment; an object, so that finding it costs one count.
    final class Entry: Sendable {
        let name: RolloutName
        private let path: [UInt8]
        let stamp: RolloutStamp
        /// From then on `waiting_for` reads differently, though nothing was saved; nil: never.
        let staleFrom: Timestamp?
        let tag: String
        let full: PreparedResponse
        private let short = Mutex<PreparedResponse?>(nil)
        /// What the next writing can take over.
        let parts: ResourceWriter.Parts

        init(
            name: RolloutName, path: [UInt8], stamp: RolloutStamp, staleFrom: Timestamp?, tag: String,
            full: PreparedResponse, parts: ResourceWriter.Parts
        ) {
            self.name = name
            self.path = path
            self.stamp = stamp
            self.staleFrom = staleFrom
            self.tag = tag
            self.full = full
            self.parts = parts
        }

        /// 304 with the same headers; made when it is first asked for.
        var notModified: PreparedResponse {
            short.withLock { short in
                if let short { return short }
                var fields = full.headers
                fields[.contentType] = nil
                let made = PreparedResponse(status: .notModified, headers: fields, bytes: [])
                short = made
                return made
            }
        }

        func isAt(_ path: Span<UInt8>) -> Bool {
            guard path.count == self.path.count else { return false }
            for index in path.indices where path[index] != self.path[index] { return false }
            return true
        }

        /// - Parameter now: read only where it matters.
        func isCurrent(_ present: RolloutStamp, at now: @autoclosure () -> Timestamp) -> Bool {
            guard stamp == present else { return false }
            guard let staleFrom else { return true }
            return now() < staleFrom
        }

        func isNewer(than other: Entry) -> Bool {
            (stamp.createdAt, stamp.revision, stamp.viewNumber)
                > (other.stamp.createdAt, other.stamp.revision, other.stamp.viewNumber)
        }
    }

    /// Entries kept; beyond, all are let go and made again when asked for.
    private let limit: Int
    private let publicURL: String
    private let variesByOrigin: Bool
    private let entries = Mutex<[PathHash: Entry]>([:])
    private let seed: PathHash.Seed

    init(
        publicURL: String?, variesByOrigin: Bool, limit: Int = 4096,
        seed: PathHash.Seed = .random()
    ) {
        self.seed = seed
        self.publicURL = publicURL ?? ""
        self.variesByOrigin = variesByOrigin
        self.limit = limit
    }

    /// What was kept for a raw path, current or not.
    func kept(_ path: Span<UInt8>) -> Entry? {
        let hash = PathHash(path, seed)
        guard let found = entries.withLock({ $0[hash] }), found.isAt(path) else { return nil }
        return found
    }

    func forget(_ name: RolloutName) {
        let hash = PathHash(Array(Self.path(of: name).utf8).span, seed)
        entries.withLock { $0[hash] = nil }
    }

    /// The rollout's bytes, from here or made now.
    func entry(for state: RolloutState, at now: Timestamp) -> Entry {
        let path = Self.path(of: state.rollout.name)
        let bytes = Array(path.utf8)
        let kept = kept(bytes.span)
        if let kept, kept.isCurrent(RolloutStamp(state), at: now) { return kept }
        let entry = make(state, path, at: now, after: kept)
        let hash = PathHash(bytes.span, seed)
        entries.withLock { entries in
            if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
            // A slower thread must not put an older state back.
            if let present = entries[hash], present.name == entry.name, present.isNewer(than: entry)
            {
                return
            }
            entries[hash] = entry
        }
        return entry
    }

    static func path(of name: RolloutName) -> String { "/v1/rollouts/\(name)" }

    private func make(
        _ state: RolloutState, _ path: String, at now: Timestamp, after earlier: Entry?
    ) -> Entry {
        let tag = "\"\(state.tag)\""
        var fields: HTTPFields = [
            .eTag: tag, .cacheControl: "no-cache", .contentLocation: publicURL + path,
            .contentType: "application/json",
        ]
        if variesByOrigin { fields[.vary] = "Origin" }
        var parts = earlier?.parts ?? ResourceWriter.Parts()
        let bytes = ResourceWriter.bytes(of: state, at: now, keeping: &parts)
        let ends = state.rollout.holdEnds.flatMap { now < $0 ? $0 : nil }
        return Entry(
            name: state.rollout.name, path: Array(path.utf8), stamp: RolloutStamp(state),
            staleFrom: ends,
            tag: state.tag,
            full: PreparedResponse(status: .ok, headers: fields, bytes: bytes),
            parts: parts)
    }
}
