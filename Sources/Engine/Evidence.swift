import RolloutJSON
public import Rollouts

/// What of a rollout's judgement is kept in the ledger, beside the rollout.
struct EvidenceRecord {
    /// The document's revision; 0: there is none yet.
    var revision = 0
    var kept = StoredEvidence()
    /// When it is to be saved again; nil: nothing new has been heard of since.
    var dueAt: Timestamp?
    /// When it was last saved by this process.
    var savedAt: Timestamp?
}

extension RolloutEngine {
    /// Evidence may be older than the traffic by so much when the service is killed, in ms.
    private static let evidencePeriod: Int64 = 60_000

    static func evidenceKey(_ name: RolloutName) -> String { evidencePrefix + "\(name)" }
    static let evidencePrefix = "evidence/"

    /// What was kept is read when the rollout is watched again.
    func readEvidence(_ document: LoadedLedger.Document) throws(StartError) {
        guard let name = RolloutName(String(document.key.dropFirst(Self.evidencePrefix.count)))
        else { throw .document(key: document.key, "the name of a rollout must follow the /") }
        do {
            evidence[name] = EvidenceRecord(
                revision: document.revision, kept: try StoredEvidence(reading: document.json))
        } catch {
            throw .document(key: document.key, "\(error)")
        }
    }

    func scheduleEvidence(_ name: RolloutName, at present: Timestamp) {
        let due = present.advanced(byMilliseconds: Self.evidencePeriod)
        evidence[name, default: EvidenceRecord()].dueAt = due
        look(at: name, due: due)
    }

    /// With every step, if anything was counted, and at the end, where there is nothing more to
    /// keep it for. Saved by the clock's next look, so that a command does not wait for it.
    func evidenceIsDue(_ rollout: Rollout) {
        let name = rollout.name
        guard watches[name] != nil || evidence[name] != nil,
            rollout.phase.isEnded || hasUnsavedEvidence(name)
        else { return }
        let present = now()
        evidence[name, default: EvidenceRecord()].dueAt = present
        look(at: name, due: present)
    }

    func saveEvidenceIfDue(_ name: RolloutName) async {
        guard let due = evidence[name]?.dueAt else { return }
        guard due <= now() else { return look(at: name, due: due) }
        if board[name]?.rollout.phase.isEnded ?? true {
            await inTurn(name) { await dropEvidence(name) }
        } else {
            await saveEvidence(name)
        }
    }

    /// Saves how far the evidence has come. Lost evidence costs power, not truth, so that a write
    /// that fails is told and tried again a minute later.
    func saveEvidence(_ name: RolloutName) async {
        await inTurn(name) {
            let present = now()
            guard let traffic, watches[name] != nil, let bytes = traffic.evidence(of: name)
            else { return }
            do throws(LedgerError) {
                try await keep(StoredEvidence(evidence: bytes, measurements: []), of: name)
                evidence[name]?.dueAt = nil
                evidence[name]?.savedAt = present
            } catch {
                notice(.notSaved(name, error))
                scheduleEvidence(name, at: now())
            }
        }
    }

    /// Saves what has been counted since it was last saved. For a stop in good order.
    public func saveAllEvidence() async {
        let names = watches.keys.filter { hasUnsavedEvidence($0) }
        await withDiscardingTaskGroup { group in
            for name in names { group.addTask { await self.saveEvidence(name) } }
        }
    }

    /// News of records may still be on its way.
    private func hasUnsavedEvidence(_ name: RolloutName) -> Bool {
        let record = evidence[name]
        if record?.dueAt != nil { return true }
        guard let last = traffic?.lastRecord(of: name) else { return false }
        return record?.savedAt.map { $0 <= last } ?? true
    }

    /// Pushed values are promised like commands: on disk before they are answered or counted.
    public func measured(
        _ measurements: [Measurement], of name: RolloutName, _ terms: CommandTerms
    ) async throws(CommandError) -> Receipt {
        try await inTurn(name) { () throws(CommandError) -> Receipt in
            let state = try present(name, terms)
            guard let traffic, watches[name] != nil else { throw .refused(.notJudged, state) }
            var kept = evidence[name]?.kept ?? StoredEvidence()
            if kept.measurements.count + measurements.count > StoredEvidence.measurementLimit {
                kept = StoredEvidence(evidence: traffic.evidence(of: name), measurements: [])
            }
            kept.measurements += measurements
            do throws(LedgerError) { try await keep(kept, of: name, answer: terms.answer) } catch {
                throw CommandError(notSaved: error)
            }
            traffic.measured(measurements, of: name, at: now())
            heard(of: name)
            return Receipt(state: state, changed: true)
        }
    }

    /// The caller has the rollout's turn.
    private func keep(
        _ kept: StoredEvidence, of name: RolloutName, answer: KeptAnswer? = nil
    ) async throws(LedgerError) {
        let present = evidence[name]?.revision ?? 0
        _ = try await ledger.append(
            LedgerEntry(
                key: Self.evidenceKey(name), replacing: present == 0 ? nil : present,
                revision: present + 1, document: kept.bytes, answer: answer),
            at: now())
        evidence[name, default: EvidenceRecord()].revision = present + 1
        evidence[name]?.kept = kept
    }

    /// The judgement is over: what it stood on is let go. The caller has the rollout's turn.
    func dropEvidence(_ name: RolloutName) async {
        guard let record = evidence.removeValue(forKey: name), record.revision > 0 else { return }
        do throws(LedgerError) {
            _ = try await ledger.append(
                LedgerEntry(
                    key: Self.evidenceKey(name), replacing: record.revision,
                    revision: record.revision + 1, document: nil),
                at: now())
        } catch {
            notice(.notSaved(name, error))
        }
    }
}
