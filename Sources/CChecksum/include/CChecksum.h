// SPDX-License-Identifier: Apache-2.0

// CRC-32C with the processor's own instruction, which Swift has no way to ask for.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Continues a CRC-32C (Castagnoli, reflected polynomial 0x82f63b78, initial and final value inverted) over `count` bytes.
// Begin with 0; 0xe3069283 is the checksum of "123456789".
uint32_t sealwright_crc32c(uint32_t crc, const void *bytes, size_t count);
