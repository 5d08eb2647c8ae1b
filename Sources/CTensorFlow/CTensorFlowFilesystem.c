// SPDX-License-Identifier: Apache-2.0

#include "CTensorFlowFilesystem.h"

#include <stdlib.h>
#include <string.h>

static const char *offered_scheme;
static TF_FilesystemOps offered_filesystem;
static TF_RandomAccessFileOps offered_random_access_file;

void sealwright_filesystem_offer(const char *scheme, const TF_FilesystemOps *filesystem,
                                 const TF_RandomAccessFileOps *random_access_file) {
    offered_scheme = scheme;
    offered_filesystem = *filesystem;
    offered_random_access_file = *random_access_file;
}

static void *copy_of(const void *source, size_t size) {
    void *copy = malloc(size);
    // Registration cannot report a failure here, and a process without 200 bytes of memory cannot load TensorFlow.
    if (copy == NULL) abort();
    return memcpy(copy, source, size);
}

// TensorFlow frees with `plugin_memory_free` whatever the structure points to.
__attribute__((visibility("default"))) void TF_InitPlugin(TF_FilesystemPluginInfo *info) {
    info->plugin_memory_allocate = malloc;
    info->plugin_memory_free = free;
    if (offered_scheme == NULL) return;  // Called by somebody else: nothing to register.

    // API and ABI numbers of the interface are 0, which the zeroed structure says.
    TF_FilesystemPluginOps ops = {0};
    ops.scheme = copy_of(offered_scheme, strlen(offered_scheme) + 1);
    ops.filesystem_ops_size = sizeof(TF_FilesystemOps);
    ops.filesystem_ops = copy_of(&offered_filesystem, sizeof(TF_FilesystemOps));
    ops.random_access_file_ops_size = sizeof(TF_RandomAccessFileOps);
    ops.random_access_file_ops = copy_of(&offered_random_access_file, sizeof(TF_RandomAccessFileOps));
    info->num_schemes = 1;
    info->ops = copy_of(&ops, sizeof ops);
}
