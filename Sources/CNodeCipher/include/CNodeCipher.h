// SPDX-License-Identifier: Apache-2.0

#ifndef CNODECIPHER_H
#define CNODECIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// AES-128-GCM over the nodes of protected files, through the AEAD interface of BoringSSL: key set-up and encryption of a node in
// one call, with nothing allocated. It is the copy of BoringSSL that swift-crypto brings; its symbols are no promise of that
// package, so they are used in this target alone, and everything works without them (slower) through swift-crypto's interface.

#define SEALWRIGHT_KEY_SIZE 16
#define SEALWRIGHT_TAG_SIZE 16
#define SEALWRIGHT_IV_SIZE 12
// A key and a tag, as a node's parent stores them.
#define SEALWRIGHT_ENTRY_SIZE 32

// Whether this build has BoringSSL; when it has not, every other function fails.
bool sealwright_cipher_is_available(void);

// Fills memory from the random number generator that keys are made with.
bool sealwright_cipher_random(uint8_t *bytes, size_t count);

// Encrypts `count` bytes; `output` may be `input`. Returns whether it was done.
bool sealwright_cipher_seal(const uint8_t *key, const uint8_t *iv, const uint8_t *input, size_t count, uint8_t *output, uint8_t *tag);

// Decrypts `count` bytes; `output` may be `input`. When the tag is wrong the output is zeros and the result false.
bool sealwright_cipher_open(const uint8_t *key, const uint8_t *iv, const uint8_t *input, size_t count, const uint8_t *tag, uint8_t *output);

// Encrypts `nodes` nodes in place, each under the key in its entry and an IV of zero, and puts its tag into the entry.
bool sealwright_cipher_seal_nodes(uint8_t *entries, uint8_t *bytes, size_t nodes, size_t node_size);

// Decrypts nodes in place by their entries and returns how many were authentic, counted up to the first that was not.
size_t sealwright_cipher_open_nodes(const uint8_t *entries, uint8_t *bytes, size_t nodes, size_t node_size);

#endif
