// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation

/// What the system tells of the machine, below a root folder: `/`, or a test's.
struct Machine {
    /// The file with the name of the machine's maker.
    static let vendorFile = "/sys/class/dmi/id/sys_vendor"

    let root: String

    init(root: String = "/") { self.root = root.hasSuffix("/") ? String(root.dropLast()) : root }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: self.root + path) }

    /// A short text file, `nil` where it cannot be read.
    ///
    /// Files of /proc say that they are empty, so their size does not help.
    func text(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: self.root + path) else { return nil }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: 1 << 22)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The processor's features.
    var processorFlags: Set<String> {
        let line = self.text("/proc/cpuinfo")?.split(separator: "\n").first { $0.hasPrefix("flags") }
        return Set(line?.split(separator: " ").map(String.init) ?? [])
    }

    /// Memory that can be had without swapping, in bytes.
    var availableMemory: Int? { self.memory("MemAvailable:") }

    private func memory(_ key: String) -> Int? {
        let line = self.text("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// The kernel's version as two numbers, and as it tells it.
    var kernel: (major: Int, minor: Int, text: String)? {
        guard let text = self.text("/proc/sys/kernel/osrelease")?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
        let numbers = text.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1], text) : nil
    }

    /// Memory for enclaves, in bytes, where the kernel tells it (5.17 and later).
    var enclaveMemory: Int? {
        let nodes = (0..<64).compactMap { self.text("/sys/devices/system/node/node\($0)/x86/sgx_total_bytes") }
        let sizes = nodes.compactMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        return sizes.isEmpty ? nil : sizes.reduce(0, +)
    }

    /// Whether /dev is mounted so that nothing in it may be executed.
    var forbidsExecutionInDevices: Bool {
        self.text("/proc/mounts")?.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1] == "/dev" && fields[3].split(separator: ",").contains("noexec")
        } ?? false
    }

    /// The first of these programs that is on the path.
    func program(_ name: String, path: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
