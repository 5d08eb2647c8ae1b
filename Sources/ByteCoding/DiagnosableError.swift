// SPDX-License-Identifier: Apache-2.0

/// An error that tells its reader what was wrong, where, and what to do next.
///
/// Each library has one error type that conforms. The command line prints it as it is and ends with ``exitStatus``,
/// so no error is translated twice.
package protocol DiagnosableError: Error {
    /// Stable identifier for programs, in kebab case: `metadata-auth`, `no-such-node`.
    var identifier: String { get }
    /// What was wrong and where. Never holds secret bytes.
    var message: String { get }
    /// What the reader can do about it, where that is known.
    var remedy: String? { get }
    /// How a command that fails with this error ends.
    var exitStatus: ExitStatus { get }
}
