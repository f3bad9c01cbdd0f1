// How much of the stack was used, on the board; on the host it is not measured, and 0.
#ifndef STACK_H
#define STACK_H
#include <stdint.h>

#ifdef BOARD
extern uint32_t stack_bottom[], stack_top[];

static inline void paint_stack(void) {
    // Some words below this frame are left to what is called from here.
    uintptr_t end = (uintptr_t)__builtin_frame_address(0) - 64;
    for (uint32_t *word = stack_bottom; (uintptr_t)word < end; word++) *word = 0xA5A5A5A5u;
}

static inline unsigned long painted_stack_used(void) {
    const uint32_t *word = stack_bottom;
    while (word < stack_top && *word == 0xA5A5A5A5u) word++;
    return (unsigned long)(stack_top - word) * 4;
}
#else
static inline void paint_stack(void) {}
static inline unsigned long painted_stack_used(void) { return 0; }
#endif

#endif
