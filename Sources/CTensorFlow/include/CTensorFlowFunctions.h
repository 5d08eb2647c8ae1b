// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct TF_Graph TF_Graph;
typedef struct TF_ImportGraphDefOptions TF_ImportGraphDefOptions;
typedef struct TF_Operation TF_Operation;
typedef struct TF_Session TF_Session;
typedef struct TF_SessionOptions TF_SessionOptions;
typedef struct TF_Status TF_Status;
typedef struct TF_Tensor TF_Tensor;

// Bytes that TensorFlow takes or gives. `release` is called by TF_DeleteBuffer; NULL for bytes the caller keeps.
typedef struct TF_Buffer {
    const void *data;
    size_t length;
    void (*release)(void *data, size_t length);
} TF_Buffer;

// One output of an operation. Passed by value.
typedef struct TF_Output {
    TF_Operation *operation;
    int index;
} TF_Output;

// One element of a string tensor: 24 bytes that only the TF_String functions look into.
typedef struct TF_TString {
    uint64_t words[3];
} TF_TString;

// Every function that is used: result, field of the table (the symbol is TF_<field>), parameters.
// Enumerations of the C API (data types, status codes) are passed as int, which is how its ABI passes them.
#define SEALWRIGHT_TENSORFLOW_FUNCTIONS(FUNCTION)                                                                      \
    FUNCTION(const char *, Version, (void))                                                                            \
    FUNCTION(TF_Status *, NewStatus, (void))                                                                           \
    FUNCTION(void, DeleteStatus, (TF_Status * status))                                                                 \
    FUNCTION(void, SetStatus, (TF_Status * status, int code, const char *message))                                     \
    FUNCTION(int, GetCode, (const TF_Status *status))                                                                  \
    FUNCTION(const char *, Message, (const TF_Status *status))                                                         \
    FUNCTION(TF_Buffer *, NewBuffer, (void))                                                                           \
    FUNCTION(void, DeleteBuffer, (TF_Buffer * buffer))                                                                 \
    FUNCTION(TF_Tensor *, NewTensor,                                                                                   \
             (int data_type, const int64_t *dimensions, int rank, void *data, size_t length,                           \
              void (*release)(void *data, size_t length, void *context), void *context))                               \
    FUNCTION(TF_Tensor *, AllocateTensor, (int data_type, const int64_t *dimensions, int rank, size_t length))         \
    FUNCTION(void, DeleteTensor, (TF_Tensor * tensor))                                                                 \
    FUNCTION(int, TensorType, (const TF_Tensor *tensor))                                                               \
    FUNCTION(int, NumDims, (const TF_Tensor *tensor))                                                                  \
    FUNCTION(int64_t, Dim, (const TF_Tensor *tensor, int index))                                                       \
    FUNCTION(size_t, TensorByteSize, (const TF_Tensor *tensor))                                                        \
    FUNCTION(void *, TensorData, (const TF_Tensor *tensor))                                                            \
    FUNCTION(size_t, DataTypeSize, (int data_type))                                                                    \
    FUNCTION(void, StringInit, (TF_TString * string))                                                                  \
    FUNCTION(void, StringCopy, (TF_TString * string, const char *bytes, size_t count))                                 \
    FUNCTION(const char *, StringGetDataPointer, (const TF_TString *string))                                           \
    FUNCTION(size_t, StringGetSize, (const TF_TString *string))                                                        \
    FUNCTION(void, StringDealloc, (TF_TString * string))                                                               \
    FUNCTION(TF_Graph *, NewGraph, (void))                                                                             \
    FUNCTION(void, DeleteGraph, (TF_Graph * graph))                                                                    \
    FUNCTION(TF_Operation *, GraphOperationByName, (TF_Graph * graph, const char *name))                               \
    FUNCTION(TF_Operation *, GraphNextOperation, (TF_Graph * graph, size_t *position))                                 \
    FUNCTION(int, GraphGetTensorNumDims, (TF_Graph * graph, TF_Output output, TF_Status *status))                      \
    FUNCTION(void, GraphGetTensorShape,                                                                                \
             (TF_Graph * graph, TF_Output output, int64_t *dimensions, int rank, TF_Status *status))                   \
    FUNCTION(void, GraphVersions, (TF_Graph * graph, TF_Buffer *version_def, TF_Status *status))                       \
    FUNCTION(const char *, OperationOpType, (TF_Operation * operation))                                                \
    FUNCTION(int, OperationNumOutputs, (TF_Operation * operation))                                                     \
    FUNCTION(int, OperationOutputType, (TF_Output output))                                                             \
    FUNCTION(TF_ImportGraphDefOptions *, NewImportGraphDefOptions, (void))                                             \
    FUNCTION(void, DeleteImportGraphDefOptions, (TF_ImportGraphDefOptions * options))                                  \
    FUNCTION(void, GraphImportGraphDef,                                                                                \
             (TF_Graph * graph, const TF_Buffer *graph_def, const TF_ImportGraphDefOptions *options,                   \
              TF_Status *status))                                                                                      \
    FUNCTION(TF_Buffer *, GetAllOpList, (void))                                                                        \
    FUNCTION(TF_Buffer *, GetRegisteredKernelsForOp, (const char *name, TF_Status *status))                            \
    FUNCTION(TF_Session *, NewSession, (TF_Graph * graph, const TF_SessionOptions *options, TF_Status *status))        \
    FUNCTION(TF_SessionOptions *, NewSessionOptions, (void))                                                           \
    FUNCTION(void, DeleteSessionOptions, (TF_SessionOptions * options))                                                \
    FUNCTION(void, SetConfig, (TF_SessionOptions * options, const void *proto, size_t count, TF_Status *status))       \
    FUNCTION(TF_Session *, LoadSessionFromSavedModel,                                                                  \
             (const TF_SessionOptions *options, const TF_Buffer *run_options, const char *folder,                      \
              const char *const *tags, int tag_count, TF_Graph *graph, TF_Buffer *meta_graph_def, TF_Status *status))  \
    FUNCTION(void, CloseSession, (TF_Session * session, TF_Status *status))                                            \
    FUNCTION(void, DeleteSession, (TF_Session * session, TF_Status *status))                                           \
    FUNCTION(void, SessionRun,                                                                                         \
             (TF_Session * session, const TF_Buffer *run_options, const TF_Output *inputs,                             \
              TF_Tensor *const *input_values, int input_count, const TF_Output *outputs, TF_Tensor **output_values,    \
              int output_count, const TF_Operation *const *targets, int target_count, TF_Buffer *run_metadata,         \
              TF_Status *status))                                                                                      \
    FUNCTION(void, RegisterFilesystemPlugin, (const char *plugin_file, TF_Status *status))

// The library's functions. No nullability annotations: Swift then imports a zero initializer and callable fields.
typedef struct SealwrightTensorFlowFunctions {
#define SEALWRIGHT_TENSORFLOW_FIELD(result, name, parameters) result(*name) parameters;
    SEALWRIGHT_TENSORFLOW_FUNCTIONS(SEALWRIGHT_TENSORFLOW_FIELD)
#undef SEALWRIGHT_TENSORFLOW_FIELD
} SealwrightTensorFlowFunctions;

// How loading ended.
typedef enum SealwrightTensorFlowLoadResult {
    SealwrightTensorFlowLoaded = 0,
    // The library, or one that it needs, cannot be opened.
    SealwrightTensorFlowNotOpened = 1,
    // It was opened, but is not a TensorFlow with all the functions that are needed.
    SealwrightTensorFlowIncomplete = 2,
} SealwrightTensorFlowLoadResult;

// Opens the library at `path` (or by a bare name, as the system searches for it) and fills `functions`.
// On failure `reason` holds the dynamic linker's words or the missing function, cut to `capacity`.
SealwrightTensorFlowLoadResult sealwright_tensorflow_load(const char *path, SealwrightTensorFlowFunctions *functions,
                                                          char *reason, size_t capacity);
