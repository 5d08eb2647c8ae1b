// SPDX-License-Identifier: Apache-2.0
#include "CZlib.h"

#include <stdlib.h>
#include <zlib.h>

struct sealwright_inflater {
    z_stream stream;
};

sealwright_inflater *sealwright_inflater_create(sealwright_compression compression, const uint8_t *input, uint32_t count) {
    sealwright_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater == NULL) return NULL;
    inflater->stream.next_in = (Bytef *)input;  // zlib only reads it
    inflater->stream.avail_in = count;
    // The largest window; negative asks for a stream without zlib's own head, and 16 more for the head of gzip.
    int window = compression == sealwright_gzip ? MAX_WBITS + 16 : -MAX_WBITS;
    if (inflateInit2(&inflater->stream, window) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

sealwright_inflate_status sealwright_inflater_next(
    sealwright_inflater *inflater, uint8_t *output, uint32_t capacity, uint32_t *written) {
    inflater->stream.next_out = output;
    inflater->stream.avail_out = capacity;
    int status = inflate(&inflater->stream, Z_NO_FLUSH);
    *written = capacity - inflater->stream.avail_out;
    if (status == Z_STREAM_END) return sealwright_inflate_end;
    // Without progress there never will be any: the input ends early.
    return status == Z_OK && *written > 0 ? sealwright_inflate_more : sealwright_inflate_damaged;
}

uint32_t sealwright_inflater_unread(const sealwright_inflater *inflater) { return inflater->stream.avail_in; }

void sealwright_inflater_destroy(sealwright_inflater *inflater) {
    inflateEnd(&inflater->stream);
    free(inflater);
}

uint32_t sealwright_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(0, bytes, count); }
