// SPDX-License-Identifier: Apache-2.0

#include "CNodeCipher.h"

#if __has_include(<CCryptoBoringSSL.h>)

#include <CCryptoBoringSSL.h>

static const uint8_t zero_iv[SEALWRIGHT_IV_SIZE];

bool sealwright_cipher_is_available(void) { return true; }

bool sealwright_cipher_random(uint8_t *bytes, size_t count) { return RAND_bytes(bytes, count) == 1; }

bool sealwright_cipher_seal(const uint8_t *key, const uint8_t *iv, const uint8_t *input, size_t count, uint8_t *output, uint8_t *tag) {
    EVP_AEAD_CTX context;
    size_t tag_size = 0;
    if (!EVP_AEAD_CTX_init(&context, EVP_aead_aes_128_gcm(), key, SEALWRIGHT_KEY_SIZE, SEALWRIGHT_TAG_SIZE, NULL)) return false;
    int done = EVP_AEAD_CTX_seal_scatter(
        &context, output, tag, &tag_size, SEALWRIGHT_TAG_SIZE, iv, SEALWRIGHT_IV_SIZE, input, count, NULL, 0, NULL, 0);
    EVP_AEAD_CTX_cleanup(&context);
    return done == 1 && tag_size == SEALWRIGHT_TAG_SIZE;
}

bool sealwright_cipher_open(const uint8_t *key, const uint8_t *iv, const uint8_t *input, size_t count, const uint8_t *tag, uint8_t *output) {
    EVP_AEAD_CTX context;
    if (!EVP_AEAD_CTX_init(&context, EVP_aead_aes_128_gcm(), key, SEALWRIGHT_KEY_SIZE, SEALWRIGHT_TAG_SIZE, NULL)) return false;
    int done = EVP_AEAD_CTX_open_gather(
        &context, output, iv, SEALWRIGHT_IV_SIZE, input, count, tag, SEALWRIGHT_TAG_SIZE, NULL, 0);
    EVP_AEAD_CTX_cleanup(&context);
    if (done != 1) {
        // A failed call leaves an error in the thread's queue, which nobody else reads.
        ERR_clear_error();
        for (size_t index = 0; index < count; index++) output[index] = 0;
    }
    return done == 1;
}

bool sealwright_cipher_seal_nodes(uint8_t *entries, uint8_t *bytes, size_t nodes, size_t node_size) {
    for (size_t node = 0; node < nodes; node++) {
        uint8_t *entry = entries + node * SEALWRIGHT_ENTRY_SIZE;
        uint8_t *place = bytes + node * node_size;
        if (!sealwright_cipher_seal(entry, zero_iv, place, node_size, place, entry + SEALWRIGHT_KEY_SIZE)) return false;
    }
    return true;
}

size_t sealwright_cipher_open_nodes(const uint8_t *entries, uint8_t *bytes, size_t nodes, size_t node_size) {
    for (size_t node = 0; node < nodes; node++) {
        const uint8_t *entry = entries + node * SEALWRIGHT_ENTRY_SIZE;
        uint8_t *place = bytes + node * node_size;
        if (!sealwright_cipher_open(entry, zero_iv, place, node_size, entry + SEALWRIGHT_KEY_SIZE, place)) return node;
    }
    return nodes;
}

#else

bool sealwright_cipher_is_available(void) { return false; }

bool sealwright_cipher_random(uint8_t *bytes, size_t count) { return false; }

bool sealwright_cipher_seal(const uint8_t *key, const uint8_t *iv, const uint8_t *input, size_t count, uint8_t *output, uint8_t *tag) {
    return false;
}

bool sealwright_cipher_open(const uint8_t *key, const uint8_t *iv, const uint8_t *input, size_t count, const uint8_t *tag, uint8_t *output) {
    return false;
}

bool sealwright_cipher_seal_nodes(uint8_t *entries, uint8_t *bytes, size_t nodes, size_t node_size) { return false; }

size_t sealwright_cipher_open_nodes(const uint8_t *entries, uint8_t *bytes, size_t nodes, size_t node_size) { return 0; }

#endif
