// SPDX-License-Identifier: Apache-2.0

#include "CTensorFlowFunctions.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// A function pointer from dlsym's object pointer, without the cast that ISO C forbids.
static int resolve(void *library, const char *symbol, void *function) {
    void *address = dlsym(library, symbol);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

SealwrightTensorFlowLoadResult sealwright_tensorflow_load(const char *path, SealwrightTensorFlowFunctions *functions,
                                                          char *reason, size_t capacity) {
    // Never closed again: TensorFlow starts threads and registers itself for good.
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *text = dlerror();
        snprintf(reason, capacity, "%s", text != NULL ? text : "unknown reason");
        return SealwrightTensorFlowNotOpened;
    }
#define SEALWRIGHT_TENSORFLOW_RESOLVE(result, name, parameters)                                                        \
    if (!resolve(library, "TF_" #name, &functions->name)) {                                                            \
        snprintf(reason, capacity, "it has no function TF_" #name);                                                    \
        return SealwrightTensorFlowIncomplete;                                                                         \
    }
    SEALWRIGHT_TENSORFLOW_FUNCTIONS(SEALWRIGHT_TENSORFLOW_RESOLVE)
#undef SEALWRIGHT_TENSORFLOW_RESOLVE
    return SealwrightTensorFlowLoaded;
}
