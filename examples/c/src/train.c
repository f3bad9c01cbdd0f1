// Two networks learn to forecast an oscillation, sample by sample: one learns in slices before the next
// sample, the other is behind. The samples are those of `examples/qemu/src/recipes/sliced.rs`, and so are
// the weights in the end, to the bit.
#include <stdint.h>
#include <stdio.h>

#include "oscillation.h"
#include "stack.h"

static oscillation in_time, behind;

// x_t = amplitude · cos(2π t / 25), each sample made from the last by a rotation.
typedef struct { float x, y; } signal;

static void advance(signal *s) {
    const float cosine = 0.96858317f, sine = 0.24868989f;
    *s = (signal){cosine * s->x - sine * s->y, sine * s->x + cosine * s->y};
}

// FNV-1a, 64 bits, over the little-endian bits of every weight.
static uint64_t hash(const oscillation *net) {
    static float weights[OSCILLATION_WEIGHTS];
    uint64_t hash = 0xCBF29CE484222325u;
    if (oscillation_weights(net, &weights) != ELMAN_STATUS_OK) return 0;
    for (size_t n = 0; n < sizeof weights; n++) {
        hash = (hash ^ ((const uint8_t *)weights)[n]) * 0x100000001B3u;
    }
    return hash;
}

static void print_weights(const oscillation *net) {
    uint64_t h = hash(net);
    printf("weights %08lx%08lx\n", (unsigned long)(h >> 32), (unsigned long)(h & 0xFFFFFFFFu));
}

static elman_status learn(oscillation *net, float now, float next) {
    const oscillation_input x = {{now}};
    const oscillation_output target = {{next}};
    oscillation_output y;
    float loss;
    return oscillation_observe(net, &x, &target, &y, &loss);
}

// The first error.
static elman_status train(void) {
    signal s = {0.5f, 0.0f};
    elman_status status = oscillation_init(&in_time, 0.01f, 1);
    if (status == ELMAN_STATUS_OK) status = oscillation_init(&behind, 0.01f, 1);
    for (int t = 0; t < 1500 && status == ELMAN_STATUS_OK; t++) {
        float now = s.x;
        advance(&s);
        status = learn(&in_time, now, s.x);
        if (status == ELMAN_STATUS_OK) status = learn(&behind, now, s.x);
        while (oscillation_is_pending(&in_time) && status == ELMAN_STATUS_OK) {
            status = oscillation_learn(&in_time, OSCILLATION_MACS / 10);
        }
        if (status == ELMAN_STATUS_OK) {
            status = oscillation_learn(&behind, OSCILLATION_MACS / 4);
        }
    }
    while (oscillation_is_pending(&behind) && status == ELMAN_STATUS_OK) {
        status = oscillation_learn(&behind, OSCILLATION_MACS);
    }
    return status;
}

int main(void) {
    paint_stack();
    elman_status status = train();
    unsigned long stack = painted_stack_used();
    print_weights(&in_time);
    print_weights(&behind);
    printf("bytes of a network: %lu\n", (unsigned long)sizeof in_time);
    if (stack > 0) printf("bytes of stack: %lu\n", stack);
    if (status != ELMAN_STATUS_OK) puts(elman_status_text(status));
    return status == ELMAN_STATUS_OK ? 0 : 1;
}
