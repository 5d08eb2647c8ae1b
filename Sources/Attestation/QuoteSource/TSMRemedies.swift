// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What operators of a TDX guest can do about error numbers of configfs-tsm.
enum TSMRemedies {
    /// When a quote could not be read.
    static func remedy(systemError: Int32) -> String {
        switch systemError {
        case EBUSY: "an earlier request is still under way at the host: try again in a minute; if it persists, restart the guest"
        case EINVAL: "the driver did not take the 64 bytes of report data: update the guest's kernel"
        case ENOTTY, ENXIO, ENODEV: "the TDX driver is gone: load it (modprobe tdx_guest) and try again"
        case ETIMEDOUT, EINTR, EIO:
            "the host did not make the quote: ask its operator to check that qgsd 1.21 or later runs and listens on vsock, and that the PCCS answers it"
        default: "check with `journalctl -k` what the TDX driver says, and on the host that its quoting service (qgsd) runs"
        }
    }

    /// When a report could not be made.
    static func remedy(makingReport systemError: Int32) -> String {
        switch systemError {
        case EACCES, EPERM: "run this as root: only root may make reports in configfs"
        case ENXIO, EBUSY: "load the TDX driver: modprobe tdx_guest"
        default: "run this in a TDX guest with Linux 6.7 or later, configfs mounted (mount -t configfs none /sys/kernel/config) and tdx_guest loaded"
        }
    }
}
