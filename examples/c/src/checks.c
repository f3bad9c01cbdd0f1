// What the functions promise, on the host and on the board: wrong arguments and samples are refused with a
// code and leave no trace, and a run that is cut by a checkpoint goes on to the bit.
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "oscillation.h"

static oscillation net, twin;
static uint8_t file[OSCILLATION_CHECKPOINT_BYTES], other[OSCILLATION_CHECKPOINT_BYTES];
static const oscillation_input X = {{0.25f}};
static const oscillation_output TARGET = {{0.5f}};
static oscillation_output y, y_of_twin;
static float loss;
static uint32_t number;
static int failures;

#define CHECK(condition) check(condition, #condition, __LINE__)

static void check(bool is_true, const char *condition, int line) {
    if (is_true) return;
    printf("line %d: %s\n", line, condition);
    failures++;
}

static elman_status observe(oscillation *n, float x, float target, oscillation_output *out) {
    const oscillation_input input = {{x}};
    const oscillation_output wanted = {{target}};
    return oscillation_observe(n, &input, &wanted, out, &loss);
}

static elman_status work(oscillation *n) {
    elman_status status = ELMAN_STATUS_OK;
    while (oscillation_is_pending(n) && status == ELMAN_STATUS_OK) {
        status = oscillation_learn(n, OSCILLATION_MACS / 3);
    }
    return status;
}

static void train(oscillation *n, int samples) {
    for (int t = 0; t < samples; t++) {
        float x = (float)(t % 7) / 7, next = (float)((t + 1) % 7) / 7;
        CHECK(observe(n, x, next, &y) == ELMAN_STATUS_OK);
        CHECK(work(n) == ELMAN_STATUS_OK);
    }
}

// All that is saved: weights, moments, the window.
static bool are_same(void) {
    CHECK(oscillation_save(&net, 1, &file) == ELMAN_STATUS_OK);
    CHECK(oscillation_save(&twin, 1, &other) == ELMAN_STATUS_OK);
    return memcmp(file, other, sizeof file) == 0;
}

static void start_both(void) {
    CHECK(oscillation_init(&net, 0.01f, 7) == ELMAN_STATUS_OK);
    CHECK(oscillation_init(&twin, 0.01f, 7) == ELMAN_STATUS_OK);
    train(&net, 103);
    train(&twin, 103);
}

static void not_started(void) {
    CHECK(!oscillation_is_pending(&net));
    CHECK(oscillation_step(&net, &X, &y) == ELMAN_STATUS_NOT_STARTED);
    CHECK(oscillation_learn(&net, 1) == ELMAN_STATUS_NOT_STARTED);
    CHECK(oscillation_save(&net, 1, &file) == ELMAN_STATUS_NOT_STARTED);
    CHECK(oscillation_reset(&net) == ELMAN_STATUS_NOT_STARTED);
    const float rates[] = {0.0f, -0.01f, NAN, INFINITY};
    for (int n = 0; n < 4; n++) {
        CHECK(oscillation_init(&net, rates[n], 1) == ELMAN_STATUS_LEARNING_RATE);
    }
    CHECK(oscillation_step(&net, &X, &y) == ELMAN_STATUS_NOT_STARTED);
}

static void wrong_pointers(void) {
    const elman_status refused = ELMAN_STATUS_POINTER;
    CHECK(oscillation_init(NULL, 0.01f, 1) == refused);
    CHECK(oscillation_step(NULL, &X, &y) == refused);
    CHECK(oscillation_step(&net, NULL, &y) == refused);
    CHECK(oscillation_step(&net, &X, NULL) == refused);
    CHECK(oscillation_observe(NULL, &X, &TARGET, &y, &loss) == refused);
    CHECK(oscillation_observe(&net, NULL, &TARGET, &y, &loss) == refused);
    CHECK(oscillation_observe(&net, &X, NULL, &y, &loss) == refused);
    CHECK(oscillation_observe(&net, &X, &TARGET, NULL, &loss) == refused);
    CHECK(oscillation_observe(&net, &X, &TARGET, &y, NULL) == refused);
    CHECK(!oscillation_is_pending(NULL));
    CHECK(oscillation_learn(NULL, 1) == refused);
    CHECK(oscillation_reset(NULL) == refused);
    CHECK(oscillation_save(NULL, 1, &file) == refused);
    CHECK(oscillation_save(&net, 1, NULL) == refused);
    CHECK(oscillation_load(NULL, file, sizeof file, &number) == refused);
    CHECK(oscillation_load(&net, NULL, sizeof file, &number) == refused);
    CHECK(oscillation_load(&net, file, sizeof file, NULL) == refused);
    CHECK(oscillation_load_newest(&net, NULL, file, sizeof file, &number) == refused);
    CHECK(oscillation_load_newest(&net, file, NULL, sizeof file, &number) == refused);
    CHECK(oscillation_load_newest(&net, file, file, sizeof file, NULL) == refused);
    CHECK(oscillation_load_matching(&net, NULL, sizeof file, &number) == refused);
    CHECK(oscillation_load_matching(&net, file, sizeof file, NULL) == refused);
    CHECK(oscillation_load_weights(&net, NULL, 8, "") == refused);
    CHECK(oscillation_load_weights(&net, file, sizeof file, NULL) == refused);
    CHECK(oscillation_weights(&net, NULL) == refused);
    CHECK(oscillation_init((oscillation *)((uintptr_t)&net + 4), 0.01f, 1) == refused);
    CHECK(oscillation_step(&net, (const oscillation_input *)((uintptr_t)&X + 1), &y) == refused);
    CHECK(are_same());
}

static void wrong_samples(void) {
    const float bad[] = {NAN, INFINITY, -INFINITY, 3e38f};
    for (int n = 0; n < 4; n++) {
        const oscillation_input x = {{bad[n]}};
        CHECK(oscillation_step(&net, &x, &y) == ELMAN_STATUS_INPUT);
        CHECK(observe(&net, bad[n], 0.5f, &y) == ELMAN_STATUS_INPUT);
        CHECK(observe(&net, 0.5f, bad[n], &y) == ELMAN_STATUS_TARGET);
    }
    CHECK(observe(&net, 0.25f, 0.5f, &y) == ELMAN_STATUS_OK);
    CHECK(observe(&twin, 0.25f, 0.5f, &y_of_twin) == ELMAN_STATUS_OK);
    CHECK(y.y[0] == y_of_twin.y[0]);
}

static void checkpoints(void) {
    CHECK(oscillation_save(&net, 42, &file) == ELMAN_STATUS_OK);
    CHECK(oscillation_init(&twin, 0.01f, 8) == ELMAN_STATUS_OK);
    CHECK(!are_same());
    CHECK(oscillation_save(&net, 42, &file) == ELMAN_STATUS_OK);
    CHECK(oscillation_load(&twin, file, sizeof file, &number) == ELMAN_STATUS_OK);
    CHECK(number == 42);
    train(&net, 58);
    train(&twin, 58);
    CHECK(are_same());
}

static elman_status load_newest(size_t length) {
    number = 0;
    return oscillation_load_newest(&twin, file, other, length, &number);
}

// Two slots, written in turn; the numbers count around.
static void slots(void) {
    CHECK(oscillation_save(&net, UINT32_MAX, &file) == ELMAN_STATUS_OK);
    train(&net, 4);
    CHECK(oscillation_save(&net, 0, &other) == ELMAN_STATUS_OK);
    CHECK(oscillation_init(&twin, 0.01f, 8) == ELMAN_STATUS_OK);
    CHECK(load_newest(sizeof file - 1) == ELMAN_STATUS_LENGTH);
    number = 1;
    CHECK(oscillation_load_newest(&twin, file, other, sizeof file, &number) == ELMAN_STATUS_OK);
    CHECK(number == 0);
    other[1000] ^= 1;
    CHECK(load_newest(sizeof file) == ELMAN_STATUS_OK && number == UINT32_MAX);
    file[1000] ^= 1;
    CHECK(load_newest(sizeof file) == ELMAN_STATUS_TORN);
    train(&twin, 4);
    CHECK(are_same());
}

static void wrong_checkpoints(void) {
    CHECK(oscillation_load(&net, file, 0, &number) == ELMAN_STATUS_LENGTH);
    CHECK(oscillation_load(&net, file, sizeof file - 1, &number) == ELMAN_STATUS_LENGTH);
    CHECK(oscillation_load(&net, file, SIZE_MAX, &number) == ELMAN_STATUS_LENGTH);
    for (size_t at = 0; at < sizeof file; at += 97) {
        file[at] ^= 1;
        elman_status status = oscillation_load(&net, file, sizeof file, &number);
        CHECK(status == ELMAN_STATUS_TORN || status == ELMAN_STATUS_NOT_A_CHECKPOINT);
        status = oscillation_load_matching(&net, file, sizeof file, &number);
        CHECK(status == ELMAN_STATUS_TORN || status == ELMAN_STATUS_NOT_A_CHECKPOINT);
        file[at] ^= 1;
    }
    CHECK(are_same());
    CHECK(oscillation_load_matching(&net, file, sizeof file, &number) == ELMAN_STATUS_OK);
    CHECK(number == 0);
    CHECK(are_same());
}

#define WEIGHTS_HEADER                                                              \
    "{\"0.kernel\":{\"dtype\":\"F32\",\"shape\":[1,8],\"data_offsets\":[0,32]},"             \
    "\"0.recurrent_kernel\":{\"dtype\":\"F32\",\"shape\":[8,8],\"data_offsets\":[32,288]}," \
    "\"0.bias\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[288,320]},"             \
    "\"1.kernel\":{\"dtype\":\"F32\",\"shape\":[8,1],\"data_offsets\":[320,352]},"         \
    "\"1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[352,356]}}"

static uint8_t weight_file[8 + sizeof WEIGHTS_HEADER - 1 + 4 * OSCILLATION_WEIGHTS];

// As Python's `safetensors` writes it.
static void make_weight_file(const float *weights) {
    const uint64_t length = sizeof WEIGHTS_HEADER - 1;
    memcpy(weight_file, &length, 8);
    memcpy(weight_file + 8, WEIGHTS_HEADER, length);
    memcpy(weight_file + 8 + length, weights, 4 * OSCILLATION_WEIGHTS);
}

static elman_status load_weights(oscillation *n, size_t length, const char *prefix) {
    return oscillation_load_weights(n, weight_file, length, prefix);
}

static void weight_files(void) {
    static float before[OSCILLATION_WEIGHTS], after[OSCILLATION_WEIGHTS];
    CHECK(oscillation_weights(&net, &before) == ELMAN_STATUS_OK);
    make_weight_file(before);
    CHECK(oscillation_init(&twin, 0.01f, 9) == ELMAN_STATUS_OK);
    CHECK(load_weights(&twin, 100, "") == ELMAN_STATUS_WEIGHTS);
    CHECK(load_weights(&twin, sizeof weight_file, "net.") == ELMAN_STATUS_WEIGHTS);
    CHECK(load_weights(&twin, sizeof weight_file, "\xFF") == ELMAN_STATUS_WEIGHTS);
    CHECK(oscillation_weights(&twin, &after) == ELMAN_STATUS_OK);
    CHECK(memcmp(before, after, sizeof before) != 0);
    CHECK(load_weights(&twin, sizeof weight_file, "") == ELMAN_STATUS_OK);
    CHECK(oscillation_weights(&twin, &after) == ELMAN_STATUS_OK);
    CHECK(memcmp(before, after, sizeof before) == 0);

    CHECK(oscillation_save(&net, 3, &file) == ELMAN_STATUS_OK);
    CHECK(oscillation_init(&twin, 0.01f, 9) == ELMAN_STATUS_OK);
    CHECK(oscillation_load_weights(&twin, file, sizeof file, "learner.net.") == ELMAN_STATUS_OK);
    CHECK(oscillation_weights(&twin, &after) == ELMAN_STATUS_OK);
    CHECK(memcmp(before, after, sizeof before) == 0);
}

static void sequences(void) {
    CHECK(oscillation_reset(&net) == ELMAN_STATUS_OK);
    CHECK(oscillation_reset(&twin) == ELMAN_STATUS_OK);
    CHECK(oscillation_step(&net, &X, &y) == ELMAN_STATUS_OK);
    CHECK(oscillation_step(&twin, &X, &y_of_twin) == ELMAN_STATUS_OK);
    CHECK(y.y[0] == y_of_twin.y[0]);
    CHECK(oscillation_step(&net, &X, &y) == ELMAN_STATUS_OK);
    CHECK(y.y[0] != y_of_twin.y[0]);
}

// With weights that are far too large the network has diverged, and says so; a checkpoint brings it back.
static void divergence(void) {
    static float huge[OSCILLATION_WEIGHTS];
    for (int n = 0; n < OSCILLATION_WEIGHTS; n++) huge[n] = 1e30f;
    make_weight_file(huge);
    CHECK(oscillation_save(&net, 1, &file) == ELMAN_STATUS_OK);
    CHECK(load_weights(&net, sizeof weight_file, "") == ELMAN_STATUS_OK);
    CHECK(oscillation_step(&net, &X, &y) == ELMAN_STATUS_DIVERGED);
    CHECK(observe(&net, 0.25f, 0.5f, &y) == ELMAN_STATUS_DIVERGED);
    CHECK(oscillation_load(&net, file, sizeof file, &number) == ELMAN_STATUS_OK);
    CHECK(oscillation_step(&net, &X, &y) == ELMAN_STATUS_OK);
}

static void texts(void) {
    const char *unknown = elman_status_text(ELMAN_STATUS_UNKNOWN);
    for (int32_t status = 0; status < ELMAN_STATUS_UNKNOWN; status++) {
        CHECK(strlen(elman_status_text(status)) > 0);
        CHECK(strcmp(elman_status_text(status), unknown) != 0);
    }
    CHECK(elman_status_text(-1) == unknown);
    CHECK(elman_status_text(1000) == unknown);
}

int main(void) {
    not_started();
    start_both();
    wrong_pointers();
    wrong_samples();
    checkpoints();
    slots();
    wrong_checkpoints();
    weight_files();
    sequences();
    divergence();
    texts();
    printf("checks: %d failed\n", failures);
    return failures == 0 ? 0 : 1;
}
