// The start of the board: the vectors, the FPU, the memory, and the end of the emulation.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern uint8_t data_start[], data_end[], data_in_flash[], bss_start[], bss_end[], stack_top[];
extern void initialise_monitor_handles(void);
extern int main(void);

#define CPACR (*(volatile uint32_t *)0xE000ED88)

__attribute__((noreturn)) void start(void);

void start(void) {
    CPACR |= 0xFu << 20;
    __asm volatile("dsb\nisb");
    memcpy(data_start, data_in_flash, (size_t)(data_end - data_start));
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    initialise_monitor_handles();
    exit(main());
}

__attribute__((noreturn)) static void fault(void) {
    abort();
}

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const vector vectors[] = {
    (vector)(uintptr_t)stack_top, start, fault, fault, fault, fault, fault,
};
