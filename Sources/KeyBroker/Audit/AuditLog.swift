// SPDX-License-Identifier: Apache-2.0

import Dispatch
import GRDB
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The store's log of decisions and changes, in a chain of hashes.
///
/// Appending returns when the record is on disk. What is appended while an earlier commit is under way shares the next one (group
/// commit), so that many connections cost few syncs.
public final class AuditLog: DecisionLog {
    /// Records from one kept head to the next.
    static let headInterval: Int64 = 1000
    /// Most entries of one commit.
    private static let largestCommit = 512

    /// One or more records that are written together or not at all, and what has to hold for it.
    private struct Entry: Sendable {
        let drafts: [AuditRecord.Draft]
        let evidence: RecordedEvidence?
        let challenge: Challenge?
        let continuation: CheckedContinuation<Outcome, any Error>
    }

    /// What came of an entry.
    enum Outcome: Sendable {
        case recorded
        /// The challenge had been used before: nothing was recorded.
        case challengeUsed
    }

    private struct State {
        var waiting: [Entry] = []
        var isWriting = false
    }

    private let database: StoreDatabase
    private let signer: AuditSigner
    private let queue = DispatchQueue(label: "sealwright.audit-log")
    private let state = Mutex(State())

    init(database: StoreDatabase, signer: AuditSigner) {
        self.database = database
        self.signer = signer
    }

    /// Records a decision.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/storeFailed`` when it is not on disk.
    public func append(_ decision: Decision) async throws {
        _ = try await self.write([.decision(decision)], evidence: decision.evidence, challenge: nil)
    }

    /// Records decisions that answer one challenge, and the challenge as used, in one step.
    ///
    /// - Returns: `false` when the challenge had been used before; then nothing is recorded.
    func append(_ decisions: [Decision], using challenge: Challenge) async throws -> Bool {
        let drafts = decisions.map { AuditRecord.Draft.decision($0) }
        switch try await self.write(drafts, evidence: decisions.first?.evidence, challenge: challenge) {
        case .recorded: return true
        case .challengeUsed: return false
        }
    }

    /// Records something that is no decision: an operator's change, or a broker's start or end.
    public func append(_ event: AuditEvent) async throws {
        _ = try await self.write([try .event(event)], evidence: nil, challenge: nil)
    }

    /// Records an event within a transaction that changes something else.
    func append(_ event: AuditEvent, in db: Database) throws {
        var chain = AuditChain(tail: try AuditTail.current(in: db), signer: self.signer)
        try chain.append(try .event(event), evidence: nil, in: db)
        try chain.close(in: db)
    }

    /// Does all that recording these decisions needs, with their evidence and their challenge, and takes it back.
    ///
    /// What is taken back never comes to the disk, so the room there is looked at beside it.
    ///
    /// - Throws: ``KeyBrokerError`` when they could not be recorded.
    func rehearse(_ decisions: [Decision], using challenge: Challenge?) async throws {
        let drafts = decisions.map { AuditRecord.Draft.decision($0) }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            self.queue.async {
                continuation.resume(
                    with: Result { try self.rehearse(drafts, evidence: decisions.first?.evidence, challenge: challenge) }
                        .mapError { StoreDatabase.describe($0, path: self.database.path) })
            }
        }
    }

    private func rehearse(_ drafts: [AuditRecord.Draft], evidence: RecordedEvidence?, challenge: Challenge?) throws {
        guard try DiskRoom(atPath: self.database.path).isEnough else { throw DatabaseError(resultCode: .SQLITE_FULL) }
        try self.database.pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                var chain = AuditChain(tail: try AuditTail.current(in: db), signer: self.signer)
                // Whether it was used does not matter here: its table is written or it throws.
                if let challenge { _ = try UsedChallenges(db).insert(challenge) }
                for draft in drafts { try chain.append(draft, evidence: evidence, in: db) }
                try chain.close(in: db)
                return .rollback
            }
        }
    }

    func limitSize(pages: Int) throws {
        try self.database.pool.writeWithoutTransaction { db in
            // A pragma takes no arguments; the number comes from a caller of ours. SQLite never goes below the file's size.
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
        }
    }

    private func write(_ drafts: [AuditRecord.Draft], evidence: RecordedEvidence?, challenge: Challenge?) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            let entry = Entry(drafts: drafts, evidence: evidence, challenge: challenge, continuation: continuation)
            let begins = self.state.withLock { state in
                state.waiting.append(entry)
                defer { state.isWriting = true }
                return !state.isWriting
            }
            // Off Swift's own threads, for disks block. It is queued once at most, and ends when nothing waits.
            if begins { self.queue.async { self.drain() } }
        }
    }

    private func drain() {
        guard let batch = self.nextBatch() else { return }
        self.commit(batch)
        // Behind a rehearsal that was queued meanwhile, which would otherwise wait until nobody appends anything.
        self.queue.async { self.drain() }
    }

    private func nextBatch() -> [Entry]? {
        self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Self.largestCommit))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: [Entry]) {
        do {
            let outcomes = try self.database.pool.writeWithoutTransaction { db in try self.commit(batch, in: db) }
            for (entry, outcome) in zip(batch, outcomes) { entry.continuation.resume(returning: outcome) }
        } catch {
            let failure = StoreDatabase.describe(error, path: self.database.path)
            for entry in batch { entry.continuation.resume(throwing: failure) }
        }
    }

    /// One transaction: all of the batch is on disk when it returns, or nothing.
    private func commit(_ batch: [Entry], in db: Database) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        try db.inTransaction(.immediate) {
            var chain = AuditChain(tail: try AuditTail.current(in: db), signer: self.signer)
            for entry in batch {
                if let challenge = entry.challenge, try !UsedChallenges(db).insert(challenge) {
                    outcomes.append(.challengeUsed)
                    continue
                }
                for draft in entry.drafts { try chain.append(draft, evidence: entry.evidence, in: db) }
                outcomes.append(.recorded)
            }
            try chain.close(in: db)
            return .commit
        }
        return outcomes
    }
}

/// The chain's end while a transaction makes it longer.
struct AuditChain {
    private let signer: AuditSigner
    private let startSequence: Int64
    private var sequence: Int64
    private var hash: AuditHash
    private var time: Int64

    init(tail: AuditTail, signer: AuditSigner) {
        self.signer = signer
        self.startSequence = tail.sequence
        self.sequence = tail.sequence
        self.hash = tail.hash
        self.time = tail.time
    }

    mutating func append(_ draft: AuditRecord.Draft, evidence: RecordedEvidence?, in db: Database) throws {
        let record = AuditRecord(draft, sequence: self.sequence + 1, after: self.hash)
        try record.insert(in: db)
        if let evidence { try evidence.insert(in: db, sequence: record.sequence) }
        self.sequence = record.sequence
        self.hash = record.hash
        self.time = draft.time
    }

    /// Signs the new end, and keeps one now and then.
    func close(in db: Database) throws {
        guard self.sequence > self.startSequence else { return }
        let tail = try self.signer.tail(sequence: self.sequence, hash: self.hash, time: self.time)
        try tail.save(in: db)
        if self.startSequence / AuditLog.headInterval != self.sequence / AuditLog.headInterval { try tail.keep(in: db) }
    }
}
