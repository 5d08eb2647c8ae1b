// SPDX-License-Identifier: Apache-2.0

// TensorFlow's C API, found at run time: the package builds where TensorFlow is absent.
//
// Declared here is the binary interface only, in our own words: opaque types, the few structures that cross the
// border, and one table of function pointers that `sealwright_tensorflow_load` fills from the library.
#pragma once

#include "CTensorFlowFilesystem.h"
#include "CTensorFlowFunctions.h"
