// SPDX-License-Identifier: Apache-2.0
//
// Loads a SavedModel with TensorFlow's C API and nothing else, and runs it on zeros: load, first run, steady latency, peak memory.
//
// usage: run_model FOLDER BATCH RUNS
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct TF_Status TF_Status;
typedef struct TF_Graph TF_Graph;
typedef struct TF_Session TF_Session;
typedef struct TF_SessionOptions TF_SessionOptions;
typedef struct TF_Operation TF_Operation;
typedef struct TF_Tensor TF_Tensor;
typedef struct { TF_Operation *operation; int index; } TF_Output;
extern TF_Status *TF_NewStatus(void);
extern int TF_GetCode(const TF_Status *);
extern const char *TF_Message(const TF_Status *);
extern TF_Graph *TF_NewGraph(void);
extern TF_SessionOptions *TF_NewSessionOptions(void);
extern TF_Session *TF_LoadSessionFromSavedModel(const TF_SessionOptions *, const void *, const char *, const char *const *, int, TF_Graph *, void *, TF_Status *);
extern TF_Operation *TF_GraphOperationByName(TF_Graph *, const char *);
extern TF_Tensor *TF_AllocateTensor(int, const int64_t *, int, size_t);
extern void *TF_TensorData(const TF_Tensor *);
extern void TF_DeleteTensor(TF_Tensor *);
extern void TF_SessionRun(TF_Session *, const void *, const TF_Output *, TF_Tensor *const *, int, const TF_Output *, TF_Tensor **, int, const TF_Operation *const *, int, void *, TF_Status *);

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void check(TF_Status *status) {
    if (TF_GetCode(status) == 0) return;
    fprintf(stderr, "error: %s\n", TF_Message(status));
    exit(1);
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    int64_t shape[4] = {atoi(argv[2]), 224, 224, 3};
    int runs = atoi(argv[3]);
    const char *tags[] = {"serve"};
    TF_Status *status = TF_NewStatus();
    TF_Graph *graph = TF_NewGraph();
    double start = now();
    TF_Session *session = TF_LoadSessionFromSavedModel(TF_NewSessionOptions(), NULL, argv[1], tags, 1, graph, NULL, status);
    check(status);
    double load = now() - start;
    TF_Output input = {TF_GraphOperationByName(graph, "input"), 0}, output = {TF_GraphOperationByName(graph, "predict"), 0};
    size_t size = shape[0] * 224 * 224 * 3 * 4;
    TF_Tensor *value = TF_AllocateTensor(1, shape, 4, size);
    memset(TF_TensorData(value), 0, size);
    double *times = calloc(runs + 1, sizeof(double));
    for (int run = 0; run <= runs; run++) {
        TF_Tensor *result = NULL;
        start = now();
        TF_SessionRun(session, NULL, &input, &value, 1, &output, &result, 1, NULL, 0, NULL, status);
        check(status);
        times[run] = now() - start;
        TF_DeleteTensor(result);
    }
    double first = times[0];
    qsort(times + 1, runs, sizeof(double), ascending);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.0f %.0f %.1f %.1f %.0f\n", load, first, times[1 + runs / 2], times[1], usage.ru_maxrss * 1024 / 1e6);
    return 0;
}
