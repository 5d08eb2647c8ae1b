// SPDX-License-Identifier: Apache-2.0

// What Swift cannot reach of the running process: functions with variable arguments, glibc's own, and the C library's output.
#pragma once

#include <stdbool.h>

// Lets the allocator keep large blocks instead of giving each back to the system, which costs a page fault for every page of
// every large tensor; and keep them in as many places as there are processors. Does nothing where the user has set it, or the C
// library has no such setting.
void sealwright_keep_large_blocks(void);

// Gives back to the system what the allocator keeps and nobody uses. Takes milliseconds.
void sealwright_return_free_memory(void);

// Keeps the system from writing this process's memory to a core file, and other processes of the same user from reading it.
// Returns whether it could be done.
bool sealwright_forbid_core_dumps(void);

// Keeps the process's memory, as far as it is used, from being written to a swap device. Only where no limit stands in the
// way: with one, allocations beyond it would fail. Returns whether it could be done.
bool sealwright_lock_memory(void);

// Writes what was printed and is not written yet. Returns 0, or the system's error number if any of the output could not be written.
int sealwright_finish_output(void);
