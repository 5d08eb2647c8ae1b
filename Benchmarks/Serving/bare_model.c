// SPDX-License-Identifier: Apache-2.0
//
// What a server of ResNet50 is measured against: TensorFlow's C API and nothing else, on the same input.
//
// usage: bare_model FOLDER INPUT    INPUT has 1x224x224x3 floats. Prints "answered" after the first run, then reads commands:
//   latency SECONDS            the median time of a run, in milliseconds
//   threads COUNT SECONDS      runs a second, of so many threads
//   quit
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct TF_Status TF_Status;
typedef struct TF_Graph TF_Graph;
typedef struct TF_Session TF_Session;
typedef struct TF_SessionOptions TF_SessionOptions;
typedef struct TF_Operation TF_Operation;
typedef struct TF_Tensor TF_Tensor;
typedef struct { TF_Operation *operation; int index; } TF_Output;
extern TF_Status *TF_NewStatus(void);
extern void TF_DeleteStatus(TF_Status *);
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

enum { MAXIMUM_RUNS = 1 << 20, MAXIMUM_THREADS = 256 };

static TF_Session *session;
static TF_Output input, output;
static TF_Tensor *value;
static double end;
static atomic_long total;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void check(TF_Status *status) {
    if (TF_GetCode(status) == 0) return;
    fprintf(stderr, "error: %s\n", TF_Message(status));
    exit(1);
}

static void run(void) {
    TF_Status *status = TF_NewStatus();
    TF_Tensor *result = NULL;
    TF_SessionRun(session, NULL, &input, &value, 1, &output, &result, 1, NULL, 0, NULL, status);
    check(status);
    TF_DeleteTensor(result);
    TF_DeleteStatus(status);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double latency(double seconds) {
    static double times[MAXIMUM_RUNS];
    int count = 0;
    for (double end = now() + seconds * 1e3; count == 0 || (now() < end && count < MAXIMUM_RUNS); count++) {
        double start = now();
        run();
        times[count] = now() - start;
    }
    qsort(times, count, sizeof(double), ascending);
    return times[count / 2];
}

static void *run_until_end(void *unused) {
    (void)unused;
    while (now() < end) {
        run();
        total++;
    }
    return NULL;
}

static double rate(int count, double seconds) {
    pthread_t threads[MAXIMUM_THREADS];
    if (count > MAXIMUM_THREADS) exit(64);
    total = 0;
    double start = now();
    end = start + seconds * 1e3;
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, run_until_end, NULL);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    return total / (now() - start) * 1e3;
}

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    const char *tags[] = {"serve"};
    TF_Status *status = TF_NewStatus();
    TF_Graph *graph = TF_NewGraph();
    session = TF_LoadSessionFromSavedModel(TF_NewSessionOptions(), NULL, argv[1], tags, 1, graph, NULL, status);
    check(status);
    input = (TF_Output){TF_GraphOperationByName(graph, "input"), 0};
    output = (TF_Output){TF_GraphOperationByName(graph, "predict"), 0};
    int64_t shape[4] = {1, 224, 224, 3};
    size_t size = 224 * 224 * 3 * 4;
    value = TF_AllocateTensor(1, shape, 4, size);
    FILE *file = fopen(argv[2], "rb");
    if (!file || fread(TF_TensorData(value), 1, size, file) != size) return 66;
    fclose(file);
    run();
    printf("answered\n");
    fflush(stdout);

    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        double seconds;
        int threads;
        if (sscanf(line, "latency %lf", &seconds) == 1) printf("%f\n", latency(seconds));
        else if (sscanf(line, "threads %d %lf", &threads, &seconds) == 2) printf("%f\n", rate(threads, seconds));
        else return 0;
        fflush(stdout);
    }
    return 0;
}
