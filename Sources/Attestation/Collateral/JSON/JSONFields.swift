// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads typed members of a JSON object; each failure names the member.
extension JSONObject {
    func integer(_ name: String, in range: ClosedRange<Int>) throws(CollateralError) -> Int {
        guard case .integer(let value) = try self.required(name) else { throw CollateralError("\"\(name)\" is not a whole number") }
        guard range.contains(value) else { throw CollateralError("\"\(name)\" is \(value), not in \(range.lowerBound) to \(range.upperBound)") }
        return value
    }

    func string(_ name: String) throws(CollateralError) -> String {
        guard case .string(let value) = try self.required(name) else { throw CollateralError("\"\(name)\" is not a string") }
        return value
    }

    func object(_ name: String) throws(CollateralError) -> JSONObject {
        guard case .object(let value) = try self.required(name) else { throw CollateralError("\"\(name)\" is not an object") }
        return value
    }

    /// The objects of an array that must not be empty.
    func objects(_ name: String) throws(CollateralError) -> [JSONObject] {
        guard case .array(let values) = try self.required(name) else { throw CollateralError("\"\(name)\" is not an array") }
        guard !values.isEmpty else { throw CollateralError("\"\(name)\" is empty") }
        var objects: [JSONObject] = []
        objects.reserveCapacity(values.count)
        for value in values {
            guard case .object(let object) = value else { throw CollateralError("\"\(name)\" holds something that is not an object") }
            objects.append(object)
        }
        return objects
    }

    /// The strings of an array; none if the member is absent.
    func optionalStrings(_ name: String) throws(CollateralError) -> [String] {
        guard let member = self[name] else { return [] }
        guard case .array(let values) = member else { throw CollateralError("\"\(name)\" is not an array") }
        var strings: [String] = []
        for value in values {
            guard case .string(let string) = value else { throw CollateralError("\"\(name)\" holds something that is not a string") }
            strings.append(string)
        }
        return strings
    }

    func date(_ name: String) throws(CollateralError) -> Date {
        let text = try self.string(name)
        guard let date = CivilTime.date(iso8601: text) else { throw CollateralError("\"\(name)\" is not a time such as 2026-01-31T00:00:00Z") }
        return date
    }

    func hex<Value: FixedSizeBytes>(_ name: String, _: Value.Type = Value.self) throws(CollateralError) -> Value {
        guard let value = Value(hex: try self.string(name)) else { throw CollateralError("\"\(name)\" is not \(Value.size * 2) hexadecimal digits") }
        return value
    }

    /// A TCB status that is one of those published in this place.
    func status(_ name: String, among published: Set<TCBStatus>) throws(CollateralError) -> TCBStatus {
        let text = try self.string(name)
        guard let status = TCBStatus(rawValue: text), published.contains(status) else {
            throw CollateralError("\"\(name)\" is \"\(text)\", which is not known")
        }
        return status
    }

    private func required(_ name: String) throws(CollateralError) -> JSONValue {
        guard let value = self[name] else { throw CollateralError("\"\(name)\" is missing") }
        return value
    }
}
