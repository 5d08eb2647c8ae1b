// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServing

@Suite("The plan of a model's versions")
struct VersionPlanTests {
    private static func version(_ number: Int64) -> ServableFolder.Version { .init(number: number, name: "\(number)", path: "/m/\(number)") }
    private static func versions(_ numbers: Int64...) -> [ServableFolder.Version] { numbers.map(Self.version) }

    private static let retries = VersionPlan.Retries(count: 1, interval: .seconds(60), backOff: .seconds(1), longestBackOff: .seconds(5))

    /// A plan in which these versions are ready.
    private static func plan(ready numbers: Int64...) -> VersionPlan {
        var plan = VersionPlan(retries: Self.retries)
        _ = plan.aspire(numbers.map(Self.version))
        while case .load(let version)? = plan.next(mayLoad: true) { plan.loaded(version.number) }
        return plan
    }

    @Test("a new version is loaded before the old one is unloaded")
    func exchange() {
        var plan = Self.plan(ready: 1)
        #expect(plan.aspire(Self.versions(2)).begun == [2])
        #expect(plan.next(mayLoad: true) == .load(Self.version(2)))
        #expect(plan.next(mayLoad: true) == nil, "the old one serves until the new one does")
        plan.loaded(2)
        #expect(plan.next(mayLoad: true) == .unload(Self.version(1)))
        #expect(plan.unloaded(1) == false)
        #expect(plan.next(mayLoad: true) == nil)
        #expect(plan.phase(of: 1) == nil)
    }

    @Test("the highest new version is loaded first, and none while none may be")
    func order() {
        var plan = VersionPlan(retries: Self.retries)
        #expect(plan.aspire(Self.versions(1, 3, 2)).begun == [1, 2, 3])
        #expect(plan.next(mayLoad: false) == nil)
        #expect(plan.next(mayLoad: true) == .load(Self.version(3)))
        #expect(plan.next(mayLoad: true) == .load(Self.version(2)))
        #expect(!plan.isSettled)
        plan.loaded(2)
        #expect(plan.isSettled)
    }

    @Test("while a new version fails, the old one keeps serving; it is given up after its tries and not tried again")
    func failure() {
        var plan = Self.plan(ready: 1)
        _ = plan.aspire(Self.versions(2))
        #expect(plan.next(mayLoad: true) == .load(Self.version(2)))
        #expect(plan.loadFailed(2, isWaiting: false) == .again(after: .seconds(60)))
        #expect(plan.next(mayLoad: true) == nil)
        plan.retry(2)
        #expect(plan.next(mayLoad: true) == .load(Self.version(2)))
        #expect(plan.loadFailed(2, isWaiting: false) == .failed)
        _ = plan.aspire(Self.versions(2))
        #expect(plan.next(mayLoad: true) == nil)
        #expect(plan.phase(of: 1) == .ready)
        #expect(plan.phase(of: 2) == .failed)
    }

    @Test("a failed version that is taken away and comes back is tried anew")
    func failedAgain() {
        var plan = Self.plan(ready: 1)
        _ = plan.aspire(Self.versions(2))
        for _ in 0...1 {
            _ = plan.next(mayLoad: true)
            _ = plan.loadFailed(2, isWaiting: false)
            plan.retry(2)
        }
        #expect(plan.aspire(Self.versions(1)).ended.isEmpty, "it has ended already")
        #expect(plan.aspire(Self.versions(2)).begun == [2])
        #expect(plan.next(mayLoad: true) == .load(Self.version(2)))
    }

    @Test("a key is waited for without end, longer each time up to a limit, and does not use up the tries")
    func waitingForKey() {
        var plan = VersionPlan(retries: Self.retries)
        _ = plan.aspire(Self.versions(1))
        let waits = (0..<5).map { _ -> VersionPlan.Outcome in
            _ = plan.next(mayLoad: true)
            defer { plan.retry(1) }
            return plan.loadFailed(1, isWaiting: true)
        }
        #expect(waits == [1, 2, 4, 5, 5].map { .again(after: .seconds($0)) })
        _ = plan.next(mayLoad: true)
        #expect(plan.loadFailed(1, isWaiting: false) == .again(after: .seconds(60)))
    }

    @Test("a version that is not wanted any more ends at once unless it is being loaded or serves")
    func unwanted() {
        var plan = Self.plan(ready: 1)
        _ = plan.aspire(Self.versions(1, 2, 3))
        #expect(plan.next(mayLoad: true) == .load(Self.version(3)))
        let changes = plan.aspire([])
        #expect(changes.ended == [2])
        #expect(plan.next(mayLoad: true) == .unload(Self.version(1)))
        #expect(plan.loadFailed(3, isWaiting: false) == .failed, "nobody wants another try")
        _ = plan.unloaded(1)
        #expect(plan.isEmpty)
    }

    @Test("a version that is wanted again while it is unloaded begins anew; one that serves still is kept")
    func wantedAgain() {
        var plan = Self.plan(ready: 1)
        _ = plan.aspire(Self.versions(2))
        #expect(plan.aspire(Self.versions(1)).begun.isEmpty)
        #expect(plan.next(mayLoad: true) == nil, "version 1 never went away")
        _ = plan.aspire([])
        #expect(plan.next(mayLoad: true) == .unload(Self.version(1)))
        #expect(plan.aspire(Self.versions(1)).begun.isEmpty)
        #expect(plan.next(mayLoad: true) == nil)
        let isNew = plan.unloaded(1)
        #expect(isNew)
        #expect(plan.next(mayLoad: true) == .load(Self.version(1)))
    }

    @Test("of several versions that serve and are not wanted one is kept until a wanted one serves")
    func onlyOneIsKept() {
        var plan = Self.plan(ready: 1, 2)
        _ = plan.aspire(Self.versions(3))
        #expect(plan.next(mayLoad: true) == .unload(Self.version(1)))
        #expect(plan.next(mayLoad: true) == .load(Self.version(3)))
        #expect(plan.next(mayLoad: true) == nil)
    }
}
