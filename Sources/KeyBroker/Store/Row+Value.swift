// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Row {
    /// A column's value; `nil` if there is none or it is of another type, as in a damaged store.
    ///
    /// GRDB's subscript would end the process then.
    func value<Value: DatabaseValueConvertible>(_ name: String) -> Value? {
        let stored: DatabaseValue? = self[name]
        return stored.flatMap { Value.fromDatabaseValue($0) }
    }

    /// Whether a column has no value, or one of this type.
    func isEmpty<Value: DatabaseValueConvertible>(_ name: String, orHolds type: Value.Type) -> Bool {
        let stored: DatabaseValue? = self[name]
        return stored?.isNull == true || (self.value(name) as Value?) != nil
    }
}
