/* A QEMU plugin that estimates the cycles of a Cortex-M4F.
 *
 * It sees every instruction that runs between two marks (hints that do nothing; `src/count.rs` sets
 * them) and adds up what Arm's Technical Reference Manual (DDI 0439, tables 3-1 and 7-1) says of each:
 *
 *     VADD, VSUB, VMUL, moves to and from the FPU, integer operations   1
 *     VMLA, VMLS, VFMA                                                  3
 *     VDIV, VSQRT                                                      14
 *     SDIV, UDIV                                                        7    (2 to 12)
 *     LDR                                                               2    (1 behind a load or store)
 *     STR                                                               1
 *     VLDR, VSTR, LDM, STM, VLDM, VSTM of n words                   1 + n
 *     a branch that is taken                                        1 + 2
 *     an FPU result that the next instruction reads                    +1
 *
 * Memory without wait states. A model: right to some percent, and to be trusted in ratios.
 * Prints a line `instructions,cycles` for each stretch between marks to the file `out=FILE`.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The part of QEMU's plugin interface (version 1) that is used: Debian ships no header. */
typedef uint64_t plugin_id;
struct block;
struct instruction;
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *, void (*)(unsigned, void *), int, void *);
extern size_t qemu_plugin_tb_n_insns(const struct block *);
extern struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
extern const void *qemu_plugin_insn_data(const struct instruction *);
extern uint64_t qemu_plugin_insn_vaddr(const struct instruction *);
__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum kind { OTHER, LOAD, STORE, MULTIPLE, DIVISION, FPU_LOAD, FPU_STORE, FPU_MULTIPLE, FPU_MOVE, FPU_ADD, FPU_MAC, FPU_DIVISION };
enum mark { NONE, BEGIN, END };
enum { TAKEN = 2 };

struct decoded {
    uint32_t at, next;
    enum kind kind;
    enum mark mark;
    unsigned words;
    uint64_t reads, writes; /* FPU registers, a bit each */
};

/* ---- what an instruction is ---- */

static unsigned bits(uint32_t word, unsigned low, unsigned count) { return word >> low & ((1u << count) - 1); }

static uint64_t registers(unsigned first, unsigned count) { return ((UINT64_C(1) << count) - 1) << first; }

static void decode_16(struct decoded *i, uint32_t w) {
    unsigned top4 = w >> 12, top5 = w >> 11;
    if (w == 0xbf60) i->mark = BEGIN;
    if (w == 0xbf70) i->mark = END;
    if (top5 == 0x09) i->kind = LOAD;
    else if (top4 == 5) i->kind = bits(w, 9, 3) < 3 ? STORE : LOAD;
    else if (top4 >= 6 && top4 <= 9) i->kind = bits(w, 11, 1) ? LOAD : STORE;
    else if ((w & 0xf600) == 0xb400) i->kind = MULTIPLE, i->words = __builtin_popcount(w & 0x1ff);
    else if (top4 == 0xc) i->kind = MULTIPLE, i->words = __builtin_popcount(w & 0xff);
}

/* Loads, stores and moves of two registers. */
static void decode_fpu_memory(struct decoded *i, uint32_t w) {
    unsigned d = bits(w, 12, 4) << 1 | bits(w, 22, 1), m = bits(w, 0, 4) << 1 | bits(w, 5, 1);
    bool load = bits(w, 20, 1), twice = bits(w, 8, 1), single = bits(w, 24, 1) && !bits(w, 21, 1);
    if (bits(w, 21, 7) == 0x62) {
        i->kind = FPU_MOVE, i->words = 2;
        i->reads = i->writes = registers(m, 2);
        return;
    }
    if (twice) d = (bits(w, 22, 1) << 4 | bits(w, 12, 4)) * 2;
    i->words = single ? 1u + twice : bits(w, 0, 8);
    i->kind = !single ? FPU_MULTIPLE : load ? FPU_LOAD : FPU_STORE;
    *(load ? &i->writes : &i->reads) = registers(d, i->words);
}

static void decode_fpu_arithmetic(struct decoded *i, uint32_t w) {
    uint64_t d = registers(bits(w, 12, 4) << 1 | bits(w, 22, 1), 1);
    uint64_t n = registers(bits(w, 16, 4) << 1 | bits(w, 7, 1), 1);
    uint64_t m = registers(bits(w, 0, 4) << 1 | bits(w, 5, 1), 1);
    unsigned operation = bits(w, 23, 1) << 2 | bits(w, 20, 2), unary = bits(w, 16, 4);
    i->kind = FPU_ADD, i->reads = n | m, i->writes = d;
    if (operation == 4) i->kind = FPU_DIVISION;
    else if (operation < 2 || operation == 5 || operation == 6) i->kind = FPU_MAC, i->reads |= d;
    else if (operation == 7) {
        bool immediate = !bits(w, 6, 1), compare = unary == 4 || unary == 5;
        i->reads = immediate ? 0 : m;
        if (unary == 1 && bits(w, 7, 1) && !immediate) i->kind = FPU_DIVISION; /* VSQRT */
        if (compare) i->reads |= d, i->writes = 0;
    }
}

static void decode_fpu_move(struct decoded *i, uint32_t w) {
    uint64_t n = registers(bits(w, 16, 4) << 1 | bits(w, 7, 1), 1);
    i->kind = FPU_MOVE, i->words = 1;
    if (bits(w, 21, 3) == 0) *(bits(w, 20, 1) ? &i->reads : &i->writes) = n;
}

static void decode_32(struct decoded *i, uint32_t w) {
    bool fpu = bits(w, 9, 3) == 5, load = bits(w, 20, 1);
    if (fpu && w >> 25 == 0x76) decode_fpu_memory(i, w);
    else if (fpu && w >> 24 == 0xee) (bits(w, 4, 1) ? decode_fpu_move : decode_fpu_arithmetic)(i, w);
    else if (w >> 25 == 0x74) {
        bool table_branch = bits(w, 20, 5) == 0x0d && (w & 0xffe0) == 0xf000;
        i->words = bits(w, 22, 1) ? 2 : __builtin_popcount(w & 0xffff);
        i->kind = bits(w, 22, 1) && table_branch ? OTHER : MULTIPLE;
    } else if (w >> 25 == 0x7c) i->kind = load ? LOAD : STORE;
    else if ((w & 0xffd0f0f0) == 0xfb90f0f0) i->kind = DIVISION;
}

static struct decoded *decode(const struct instruction *instruction) {
    struct decoded *i = calloc(1, sizeof *i);
    const uint8_t *d = qemu_plugin_insn_data(instruction);
    uint32_t first = d[0] | d[1] << 8;
    /* Not by qemu_plugin_insn_size: QEMU 7.2 gives 4 for a short one at the end of a page. */
    bool wide = first >> 11 >= 0x1d;
    i->at = qemu_plugin_insn_vaddr(instruction);
    i->next = i->at + (wide ? 4 : 2);
    if (wide) decode_32(i, first << 16 | d[2] | d[3] << 8);
    else decode_16(i, first);
    return i;
}

/* ---- what it takes ---- */

static unsigned cycles_of(const struct decoded *i, const struct decoded *before) {
    bool behind_memory = before && (before->kind == LOAD || before->kind == STORE ||
                                    before->kind == FPU_LOAD || before->kind == FPU_STORE);
    switch (i->kind) {
    case LOAD: return behind_memory ? 1 : 2;
    case DIVISION: return 7;
    case MULTIPLE: case FPU_LOAD: case FPU_STORE: case FPU_MULTIPLE: return 1 + i->words;
    case FPU_MOVE: return i->words;
    case FPU_MAC: return 3;
    case FPU_DIVISION: return 14;
    default: return 1;
    }
}

static bool waits_for(const struct decoded *i, const struct decoded *before) {
    return before && before->kind >= FPU_ADD && (before->writes & i->reads);
}

/* ---- the stretch between two marks ---- */

static FILE *out;
static bool counting;
static uint64_t instructions, cycles;
static const struct decoded *before;

static void executed(unsigned cpu, void *data) {
    const struct decoded *i = data;
    (void)cpu;
    if (counting && before && i->at != before->next) cycles += TAKEN;
    if (i->mark == END && counting) fprintf(out, "%llu,%llu\n", (unsigned long long)instructions, (unsigned long long)cycles);
    if (i->mark != NONE) {
        counting = i->mark == BEGIN;
        instructions = cycles = 0;
        before = NULL;
    } else if (counting) {
        instructions++;
        cycles += cycles_of(i, before) + waits_for(i, before);
        before = i;
    }
}

static void translated(plugin_id id, struct block *block) {
    (void)id;
    for (size_t k = 0; k < qemu_plugin_tb_n_insns(block); k++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, k);
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, 0, decode(instruction));
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    out = stdout;
    for (int k = 0; k < argc; k++)
        if (!strncmp(argv[k], "out=", 4)) out = fopen(argv[k] + 4, "w");
    if (!out) return 1;
    setvbuf(out, NULL, _IOLBF, 0);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
