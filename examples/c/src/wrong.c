// Compiles as it is, and with none of the macros below.
#include <stdint.h>

#ifdef WRONG_ALIGNMENT
#define ELMAN_ALIGNED(n)
#endif

#ifdef WRONG_SIZE // as a compiler that pads
#define ELMAN_ALIGNED(n) __attribute__((aligned(n * 1024)))
#endif

#include "oscillation.h"

oscillation_output forecast(void);
oscillation_output forecast(void) {
#ifdef WRONG_STORAGE
    static uint64_t net[OSCILLATION_BYTES / 8 - 1];
#else
    static oscillation net;
#endif
#ifdef WRONG_INPUT
    const float x[OSCILLATION_INPUTS + 1] = {0};
#else
    const oscillation_input x = {{0}};
#endif
#ifdef WRONG_OUTPUT
    struct { float y[OSCILLATION_OUTPUTS + 1]; } y;
#else
    oscillation_output y = {{0}};
#endif
#ifdef WRONG_CHECKPOINT
    static uint8_t file[OSCILLATION_CHECKPOINT_BYTES - 1];
#else
    static uint8_t file[OSCILLATION_CHECKPOINT_BYTES];
#endif
    oscillation_init(&net, 0.01f, 1);
    oscillation_step(&net, &x, &y);
    oscillation_save(&net, 1, &file);
#ifdef WRONG_OUTPUT
    return (oscillation_output){{y.y[0]}};
#else
    return y;
#endif
}
