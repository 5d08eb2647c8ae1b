// SPDX-License-Identifier: Apache-2.0

/// How a command ends: the codes of BSD's `sysexits.h` that Sealwright uses.
package enum ExitStatus: Int32, Sendable {
    /// Everything went as asked.
    case success = 0
    /// The command was used wrongly (`EX_USAGE`).
    case usage = 64
    /// The input is wrong: malformed, tampered with, under another key (`EX_DATAERR`).
    case badData = 65
    /// An input does not exist or cannot be read (`EX_NOINPUT`).
    case noInput = 66
    /// Something this command needs is not there: a server, a library (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// A defect of our own (`EX_SOFTWARE`).
    case software = 70
    /// An output cannot be created (`EX_CANTCREAT`).
    case cannotCreate = 73
    /// Reading or writing failed half way (`EX_IOERR`).
    case inputOutput = 74
    /// Refused: by the broker, by a policy, by a verification (`EX_NOPERM`).
    case refused = 77
    /// A configuration file is wrong (`EX_CONFIG`).
    case configuration = 78
    /// Stopped by Ctrl-C or SIGTERM (a shell's 128 + SIGINT).
    case interrupted = 130
}
