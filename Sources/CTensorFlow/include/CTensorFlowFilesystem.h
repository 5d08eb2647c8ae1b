// SPDX-License-Identifier: Apache-2.0

// The part of TensorFlow's file system plug-in interface that a read-only file system needs.
//
// TensorFlow copies an operations table by the size that the plug-in states and takes the rest as absent, so the
// tables end with the last operation that is used. `tools/check-tensorflow-abi` compares sizes and offsets with the headers.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct TF_Status;

// Handles: the structures are TensorFlow's, the pointer in each is the plug-in's.
typedef struct TF_Filesystem {
    void *plugin_filesystem;
} TF_Filesystem;

typedef struct TF_RandomAccessFile {
    void *plugin_file;
} TF_RandomAccessFile;

typedef struct TF_FileStatistics {
    int64_t length;
    int64_t mtime_nsec;
    bool is_directory;
} TF_FileStatistics;

typedef struct TF_RandomAccessFileOps {
    void (*cleanup)(TF_RandomAccessFile *file);
    int64_t (*read)(const TF_RandomAccessFile *file, uint64_t offset, size_t count, char *buffer,
                    struct TF_Status *status);
} TF_RandomAccessFileOps;

// An operation that this file system does not have; only its place in the table matters.
typedef void (*SealwrightAbsentOperation)(void);

typedef struct TF_FilesystemOps {
    void (*init)(TF_Filesystem *filesystem, struct TF_Status *status);
    void (*cleanup)(TF_Filesystem *filesystem);
    void (*new_random_access_file)(const TF_Filesystem *filesystem, const char *path, TF_RandomAccessFile *file,
                                   struct TF_Status *status);
    SealwrightAbsentOperation new_writable_file;
    SealwrightAbsentOperation new_appendable_file;
    SealwrightAbsentOperation new_read_only_memory_region_from_file;
    SealwrightAbsentOperation create_dir;
    SealwrightAbsentOperation recursively_create_dir;
    SealwrightAbsentOperation delete_file;
    SealwrightAbsentOperation delete_dir;
    SealwrightAbsentOperation delete_recursively;
    SealwrightAbsentOperation rename_file;
    SealwrightAbsentOperation copy_file;
    void (*path_exists)(const TF_Filesystem *filesystem, const char *path, struct TF_Status *status);
    SealwrightAbsentOperation paths_exist;
    void (*stat)(const TF_Filesystem *filesystem, const char *path, TF_FileStatistics *statistics,
                 struct TF_Status *status);
    SealwrightAbsentOperation is_directory;
    int64_t (*get_file_size)(const TF_Filesystem *filesystem, const char *path, struct TF_Status *status);
} TF_FilesystemOps;

typedef struct TF_FilesystemPluginOps {
    char *scheme;
    int filesystem_ops_abi;
    int filesystem_ops_api;
    size_t filesystem_ops_size;
    TF_FilesystemOps *filesystem_ops;
    int random_access_file_ops_abi;
    int random_access_file_ops_api;
    size_t random_access_file_ops_size;
    TF_RandomAccessFileOps *random_access_file_ops;
    int writable_file_ops_abi;
    int writable_file_ops_api;
    size_t writable_file_ops_size;
    void *writable_file_ops;
    int read_only_memory_region_ops_abi;
    int read_only_memory_region_ops_api;
    size_t read_only_memory_region_ops_size;
    void *read_only_memory_region_ops;
} TF_FilesystemPluginOps;

typedef struct TF_FilesystemPluginInfo {
    size_t num_schemes;
    TF_FilesystemPluginOps *ops;
    void *(*plugin_memory_allocate)(size_t size);
    void (*plugin_memory_free)(void *pointer);
} TF_FilesystemPluginInfo;

// What `TF_InitPlugin` of this program is to offer. To be called once, before TF_RegisterFilesystemPlugin("").
// `scheme` must be a string that is never freed.
void sealwright_filesystem_offer(const char *scheme, const TF_FilesystemOps *filesystem,
                                 const TF_RandomAccessFileOps *random_access_file);

// TensorFlow looks this up in the main program and calls it from TF_RegisterFilesystemPlugin(""). It is found only if
// the executable exports it, which is what the linker setting of the target TensorFlowRuntime is for.
void TF_InitPlugin(TF_FilesystemPluginInfo *info);
