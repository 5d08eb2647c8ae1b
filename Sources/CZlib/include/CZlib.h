// SPDX-License-Identifier: Apache-2.0

// The few calls of zlib that Sealwright needs, without zlib's own types: another package imports those too, and an optimising build
// cannot tell whose they are.
#pragma once

#include <stddef.h>
#include <stdint.h>

// RFC 1951, RFC 1952.
typedef enum { sealwright_deflate, sealwright_gzip } sealwright_compression;

typedef enum {
    sealwright_inflate_more,    // call again: there is more to come
    sealwright_inflate_end,     // the stream ended as it should
    sealwright_inflate_damaged  // it is not such a stream, or it ends early
} sealwright_inflate_status;

typedef struct sealwright_inflater sealwright_inflater;

// Begins to unpack `count` bytes, which must stay where they are until the inflater is destroyed. NULL when there is no memory.
sealwright_inflater *sealwright_inflater_create(sealwright_compression compression, const uint8_t *input, uint32_t count);

// Unpacks into at most `capacity` bytes of `output`, and says in `written` how many.
sealwright_inflate_status sealwright_inflater_next(
    sealwright_inflater *inflater, uint8_t *output, uint32_t capacity, uint32_t *written);

// How many bytes of the input have not been read.
uint32_t sealwright_inflater_unread(const sealwright_inflater *inflater);

void sealwright_inflater_destroy(sealwright_inflater *inflater);

// The CRC-32 of a zip archive (ISO 3309); 0xcbf43926 is that of "123456789".
uint32_t sealwright_crc32(const uint8_t *bytes, size_t count);
