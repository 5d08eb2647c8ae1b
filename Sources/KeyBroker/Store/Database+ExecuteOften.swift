// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Database {
    /// Runs a statement of every release, which each connection compiles once.
    func executeOften(_ sql: String, _ arguments: StatementArguments) throws {
        try self.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
