//! The products, tanh and the square root in assembly, for the Cortex-M4F and M33: the one file with `unsafe` code.
//!
//! What LLVM does not do is to load several weights by one `VLDM`, at one cycle each and one more.
//! The rest is as in `blocked`, so the bits are too: every product is rounded by `VMUL` and every sum by
//! `VADD`, and every sum runs in the order of the safe code. Blocks are 16 columns wide (4 in
//! `W += Σ_t x_tᵀ · y_t`); what does not fill a block is left to the safe code.
//!
//! A safe function stands before each block of assembly. Its types say how many numbers there are
//! behind every pointer.
#![allow(unsafe_code)]

use core::any::TypeId;
use core::arch::asm;
use core::mem::MaybeUninit;
use core::ops::Range;

use super::Factors;
use crate::num::Scalar;
use crate::num::tanh::{EXP2, ODD, ROUND, SATURATED, SMALL, TWO_LOG2_E};

/// One summand: `n` numbers `x` and `n` rows `w`, or `n` rows of each.
#[repr(C)]
#[derive(Clone, Copy)]
struct Term {
    x: *const f32,
    n: usize,
    w: *const f32,
}

impl Term {
    #[inline(always)]
    fn new<X, W>(x: &[X], w: &[W]) -> Self {
        Self { x: x.as_ptr().cast(), n: x.len().min(w.len()), w: w.as_ptr().cast() }
    }
}

/// The scalars that the assembly computes with.
fn is_f32<T: Scalar>() -> bool {
    TypeId::of::<T>() == TypeId::of::<f32>()
}

/// Assembly that may change every register of the FPU.
macro_rules! vfp {
    ($($line:literal)+, $($operands:tt)+) => {
        asm!(
            $($line,)+
            $($operands)+
            out("s0") _, out("s1") _, out("s2") _, out("s3") _,
            out("s4") _, out("s5") _, out("s6") _, out("s7") _,
            out("s8") _, out("s9") _, out("s10") _, out("s11") _,
            out("s12") _, out("s13") _, out("s14") _, out("s15") _,
            out("s16") _, out("s17") _, out("s18") _, out("s19") _,
            out("s20") _, out("s21") _, out("s22") _, out("s23") _,
            out("s24") _, out("s25") _, out("s26") _, out("s27") _,
            out("s28") _, out("s29") _, out("s30") _, out("s31") _,
            options(nostack)
        )
    };
}

/// (1.1)  `h = tanh(x · W_x + h · W_h + b)`. Does nothing and returns false where units do not fill
/// blocks of 16.
#[inline(always)]
pub(crate) fn step<T: Scalar, const I: usize, const H: usize>(
    b: &[T; H],
    x: (&[T; I], &[[T; H]; I]),
    w_h: &[[T; H]; H],
    h: &mut [T; H],
) -> bool {
    if !is_f32::<T>() || H == 0 || !H.is_multiple_of(16) {
        return false;
    }
    let mut z = MaybeUninit::<[T; H]>::uninit();
    let terms = [Term::new(x.0, x.1), Term::new(&*h, w_h)];
    // SAFETY: `affine` writes all `H` numbers of `z`, since they fill blocks of 16; after it `h` is only
    // written.
    unsafe {
        affine_16(b.as_ptr().cast(), &terms, H, z.as_mut_ptr().cast());
        tanh_f32(z.as_ptr().cast(), H, h.as_mut_ptr().cast());
    }
    true
}

/// `y = b + Σ_m x_m · W_m` for the columns that fill blocks of 16. Returns the column it came to.
#[inline(always)]
pub(super) fn affine<T: Scalar, const C: usize, const M: usize>(
    b: &[T; C],
    terms: &[Factors<'_, T, [T; C]>; M],
    y: &mut [T; C],
) -> usize {
    if !is_f32::<T>() || M == 0 || C < 16 {
        return 0;
    }
    let terms = terms.each_ref().map(|(x, w)| Term::new(x, w));
    // SAFETY: `b` and `y` have `C` numbers, each term as many numbers as rows, a row `C`.
    unsafe { affine_16(b.as_ptr().cast(), &terms, C, y.as_mut_ptr().cast()) }
    C - C % 16
}

/// `y += Σ_t x_t` for the columns that fill blocks of 16. Returns the column it came to.
///
/// Multiplied by 1 a number stays as it is.
#[inline(always)]
pub(super) fn add_rows<T: Scalar, const N: usize>(y: &mut [T; N], x: &[[T; N]]) -> usize {
    static ONES: [f32; 16] = [1.0; 16];
    if !is_f32::<T>() || N < 16 {
        return 0;
    }
    let y = y.as_mut_ptr().cast();
    for x in x.chunks(ONES.len()) {
        // SAFETY: `y` and the rows have `N` numbers. A block of `y` is read before it is written.
        unsafe { affine_16(y, &[Term::new(&ONES, x)], N, y) }
    }
    N - N % 16
}

/// The 16 sums of a block stay in s16 to s31. For each row, half by half: s8 is `x`, s0 to s7 are
/// eight weights, then their products. A product comes two instructions before its sum, so that none
/// has to wait.
///
/// # Safety
///
/// `b` and `y` are `columns` numbers, at least 16; `terms` is not empty, and its rows are of `columns`.
#[inline(never)]
unsafe fn affine_16(b: *const f32, terms: &[Term], columns: usize, y: *mut f32) {
    unsafe {
        vfp!(
            // For each block of columns: the sums begin as b.
            "1:"
            "vldmia {b}!, {{s16-s31}}"
            "mov {term}, {terms}"
            // For each term: r0 is where x is, r1 how many, r2 where the rows are.
            "2:"
            "ldmia {term}!, {{r0-r2}}"
            "add r2, r2, {offset}"
            "cmp r1, #0"
            "beq 4f"
            // For each row, the first half: sums += x · w.
            "3:"
            "vldmia r0!, {{s8}}"
            "vldmia r2!, {{s0-s7}}"
            "vmul.f32 s0, s0, s8"
            "vmul.f32 s1, s1, s8"
            "vadd.f32 s16, s16, s0"
            "vmul.f32 s2, s2, s8"
            "vadd.f32 s17, s17, s1"
            "vmul.f32 s3, s3, s8"
            "vadd.f32 s18, s18, s2"
            "vmul.f32 s4, s4, s8"
            "vadd.f32 s19, s19, s3"
            "vmul.f32 s5, s5, s8"
            "vadd.f32 s20, s20, s4"
            "vmul.f32 s6, s6, s8"
            "vadd.f32 s21, s21, s5"
            "vmul.f32 s7, s7, s8"
            "vadd.f32 s22, s22, s6"
            "vadd.f32 s23, s23, s7"
            // The second half, and on to the next row.
            "vldmia r2, {{s0-s7}}"
            "add r2, r2, {skip}"
            "vmul.f32 s0, s0, s8"
            "vmul.f32 s1, s1, s8"
            "vadd.f32 s24, s24, s0"
            "vmul.f32 s2, s2, s8"
            "vadd.f32 s25, s25, s1"
            "vmul.f32 s3, s3, s8"
            "vadd.f32 s26, s26, s2"
            "vmul.f32 s4, s4, s8"
            "vadd.f32 s27, s27, s3"
            "vmul.f32 s5, s5, s8"
            "vadd.f32 s28, s28, s4"
            "vmul.f32 s6, s6, s8"
            "vadd.f32 s29, s29, s5"
            "vmul.f32 s7, s7, s8"
            "vadd.f32 s30, s30, s6"
            "vadd.f32 s31, s31, s7"
            "subs r1, r1, #1"
            "bne 3b"
            "4:"
            "cmp {term}, {end}"
            "bne 2b"
            // The sums are y.
            "vstmia {y}!, {{s16-s31}}"
            "add {offset}, {offset}, #64"
            "subs {blocks}, {blocks}, #1"
            "bne 1b",
            b = inout(reg) b => _,
            y = inout(reg) y => _,
            terms = in(reg) terms.as_ptr(),
            term = out(reg) _,
            end = in(reg) terms.as_ptr_range().end,
            offset = inout(reg) 0 => _,
            skip = in(reg) 4 * columns - 32,
            blocks = inout(reg) columns / 16 => _,
            out("r0") _, out("r1") _, out("r2") _,
        );
    }
}

/// `x += y · Wᵀ` for the columns that fill blocks of 16. Returns the column it came to.
#[inline(always)]
pub(super) fn add_dots<T: Scalar, const R: usize, const C: usize>(
    w: &[[T; C]; R],
    y: &[T; C],
    x: &mut [T; R],
) -> usize {
    if !is_f32::<T>() || R == 0 || C < 16 {
        return 0;
    }
    // SAFETY: `w` is `R` rows of `C` numbers, `y` one such row, and `x` has `R` numbers.
    unsafe { add_dots_16(w.as_ptr().cast(), R, C, y.as_ptr().cast(), x.as_mut_ptr().cast()) }
    C - C % 16
}

/// A block of `y` stays in s16 to s31. For each row, half by half: s8 is its sum, s0 to s7 are eight
/// weights, then their products, which are added from left to right. A product is made between two
/// sums, so that the second need not wait for the first; the last one of a half is made in s12, since
/// the next weights are loaded before it is added.
///
/// # Safety
///
/// `w` is `rows` rows, at least one, of `columns` numbers, at least 16; `y` is one such row, and `x` is
/// `rows` numbers.
#[inline(never)]
unsafe fn add_dots_16(w: *const f32, rows: usize, columns: usize, y: *const f32, x: *mut f32) {
    unsafe {
        vfp!(
            // For each block of columns: its part of y. r0 is where x is, r1 how many, r2 where the
            // rows are.
            "1:"
            "vldmia {y}!, {{s16-s31}}"
            "mov r0, {x}"
            "mov r2, {w}"
            "mov r1, {rows}"
            // For each row, the first half: sum += y · w.
            "2:"
            "vldmia r0, {{s8}}"
            "vldmia r2!, {{s0-s7}}"
            "vmul.f32 s0, s16, s0"
            "vmul.f32 s1, s17, s1"
            "vadd.f32 s8, s8, s0"
            "vmul.f32 s2, s18, s2"
            "vadd.f32 s8, s8, s1"
            "vmul.f32 s3, s19, s3"
            "vadd.f32 s8, s8, s2"
            "vmul.f32 s4, s20, s4"
            "vadd.f32 s8, s8, s3"
            "vmul.f32 s5, s21, s5"
            "vadd.f32 s8, s8, s4"
            "vmul.f32 s6, s22, s6"
            "vadd.f32 s8, s8, s5"
            "vmul.f32 s12, s23, s7"
            "vadd.f32 s8, s8, s6"
            // The second half, and on to the next row.
            "vldmia r2, {{s0-s7}}"
            "vadd.f32 s8, s8, s12"
            "vmul.f32 s0, s24, s0"
            "vmul.f32 s1, s25, s1"
            "vadd.f32 s8, s8, s0"
            "vmul.f32 s2, s26, s2"
            "vadd.f32 s8, s8, s1"
            "vmul.f32 s3, s27, s3"
            "vadd.f32 s8, s8, s2"
            "vmul.f32 s4, s28, s4"
            "vadd.f32 s8, s8, s3"
            "vmul.f32 s5, s29, s5"
            "vadd.f32 s8, s8, s4"
            "vmul.f32 s6, s30, s6"
            "vadd.f32 s8, s8, s5"
            "vmul.f32 s12, s31, s7"
            "vadd.f32 s8, s8, s6"
            "add r2, r2, {skip}"
            "vadd.f32 s8, s8, s12"
            "vstmia r0!, {{s8}}"
            "subs r1, r1, #1"
            "bne 2b"
            "add {w}, {w}, #64"
            "subs {blocks}, {blocks}, #1"
            "bne 1b",
            y = inout(reg) y => _,
            x = in(reg) x,
            w = inout(reg) w => _,
            rows = in(reg) rows,
            skip = in(reg) 4 * columns - 32,
            blocks = inout(reg) columns / 16 => _,
            out("r0") _, out("r1") _, out("r2") _,
        );
    }
}

/// `W += Σ_t x_tᵀ · y_t` for some of the blocks of 4 rows, and the columns that fill such blocks. Returns
/// the column it came to.
#[inline(always)]
pub(super) fn add_outer<T: Scalar, const R: usize, const C: usize, const M: usize>(
    w: &mut [[T; C]; R],
    steps: &[Factors<'_, [T; R], [T; C]>; M],
    fours: Range<usize>,
) -> usize {
    if !is_f32::<T>() || M == 0 || C < 4 {
        return 0;
    }
    let steps = steps.each_ref().map(|(x, y)| Term::new(x, y));
    let fours = fours.start..fours.end.min(R / 4);
    // SAFETY: `w` is `R` rows of `C` numbers, of which `fours` are some; a step is `R` numbers and `C`.
    unsafe { add_outer_4x4(w.as_mut_ptr().cast(), (R, fours), C, &steps) }
    C - C % 4
}

/// The 16 sums of a tile stay in s16 to s31, row by row. For each step: s0 to s3 are four numbers of
/// `x`, s4 to s7 four of `y`; s8 and s9 are products in turn, each made two instructions before it is
/// added.
///
/// # Safety
///
/// `w` is `rows` rows of `columns` numbers, at least 4, and all of `fours` are among them; `steps` is not
/// empty, and a step is `rows` numbers and `columns`.
#[inline(never)]
unsafe fn add_outer_4x4(
    w: *mut f32,
    (rows, fours): (usize, Range<usize>),
    columns: usize,
    steps: &[Term],
) {
    for four in fours {
        // SAFETY: four rows begin here, and four numbers of each `x`.
        unsafe {
            vfp!(
                // For each tile: the sums begin as four numbers of four rows.
                "1:"
                "mov r0, {w}"
                "vldmia r0, {{s16-s19}}"
                "add r0, r0, {stride}"
                "vldmia r0, {{s20-s23}}"
                "add r0, r0, {stride}"
                "vldmia r0, {{s24-s27}}"
                "add r0, r0, {stride}"
                "vldmia r0, {{s28-s31}}"
                "mov {term}, {steps}"
                // For each stretch of steps: r0 is where x is, r1 how many, r2 where y is.
                "2:"
                "ldmia {term}!, {{r0-r2}}"
                "add r0, r0, {r}"
                "add r2, r2, {offset}"
                "cmp r1, #0"
                "beq 4f"
                // For each step: sums += x · y.
                "3:"
                "vldmia r0, {{s0-s3}}"
                "add r0, r0, {x_stride}"
                "vldmia r2, {{s4-s7}}"
                "add r2, r2, {stride}"
                "vmul.f32 s8, s0, s4"
                "vmul.f32 s9, s0, s5"
                "vadd.f32 s16, s16, s8"
                "vmul.f32 s8, s0, s6"
                "vadd.f32 s17, s17, s9"
                "vmul.f32 s9, s0, s7"
                "vadd.f32 s18, s18, s8"
                "vmul.f32 s8, s1, s4"
                "vadd.f32 s19, s19, s9"
                "vmul.f32 s9, s1, s5"
                "vadd.f32 s20, s20, s8"
                "vmul.f32 s8, s1, s6"
                "vadd.f32 s21, s21, s9"
                "vmul.f32 s9, s1, s7"
                "vadd.f32 s22, s22, s8"
                "vmul.f32 s8, s2, s4"
                "vadd.f32 s23, s23, s9"
                "vmul.f32 s9, s2, s5"
                "vadd.f32 s24, s24, s8"
                "vmul.f32 s8, s2, s6"
                "vadd.f32 s25, s25, s9"
                "vmul.f32 s9, s2, s7"
                "vadd.f32 s26, s26, s8"
                "vmul.f32 s8, s3, s4"
                "vadd.f32 s27, s27, s9"
                "vmul.f32 s9, s3, s5"
                "vadd.f32 s28, s28, s8"
                "vmul.f32 s8, s3, s6"
                "vadd.f32 s29, s29, s9"
                "vmul.f32 s9, s3, s7"
                "vadd.f32 s30, s30, s8"
                "subs r1, r1, #1"
                "vadd.f32 s31, s31, s9"
                "bne 3b"
                "4:"
                "cmp {term}, {end}"
                "bne 2b"
                // The sums are the new numbers of the four rows.
                "mov r0, {w}"
                "vstmia {w}!, {{s16-s19}}"
                "add r0, r0, {stride}"
                "vstmia r0, {{s20-s23}}"
                "add r0, r0, {stride}"
                "vstmia r0, {{s24-s27}}"
                "add r0, r0, {stride}"
                "vstmia r0, {{s28-s31}}"
                "add {offset}, {offset}, #16"
                "subs {tiles}, {tiles}, #1"
                "bne 1b",
                w = inout(reg) w.add(4 * four * columns) => _,
                r = in(reg) 16 * four,
                steps = in(reg) steps.as_ptr(),
                term = out(reg) _,
                end = in(reg) steps.as_ptr_range().end,
                x_stride = in(reg) 4 * rows,
                stride = in(reg) 4 * columns,
                offset = inout(reg) 0 => _,
                tiles = inout(reg) columns / 4 => _,
                out("r0") _, out("r1") _, out("r2") _,
            );
        }
    }
}

/// Square root, rounded as that of the safe code is, which other scalars than `f32` are left to.
#[inline(always)]
pub(crate) fn sqrt<T: Scalar>(x: T) -> T {
    if !is_f32::<T>() || x.is_nan() {
        return x.sqrt();
    }
    // SAFETY: `T` is `f32`.
    unsafe {
        let mut root = MaybeUninit::<T>::uninit();
        root.as_mut_ptr().cast::<u32>().write(sqrt_f32((&raw const x).cast::<u32>().read()));
        root.assume_init()
    }
}

/// The bits of the root of a number that is not NaN.
#[inline(always)]
fn sqrt_f32(x: u32) -> u32 {
    let root;
    // SAFETY: only a register of the FPU changes.
    unsafe {
        asm!(
            "vmov s0, {x}",
            "vsqrt.f32 s0, s0",
            "vmov {x}, s0",
            x = inout(reg) x => root,
            out("s0") _,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    root
}

/// `h = tanh(z)`. Does nothing and returns false for other scalars than `f32`.
#[inline(always)]
pub(crate) fn tanh<T: Scalar>(z: &[T], h: &mut [T]) -> bool {
    let n = z.len().min(h.len());
    if is_f32::<T>() && n > 0 {
        // SAFETY: both have so many numbers at least.
        unsafe { tanh_f32(z.as_ptr().cast(), n, h.as_mut_ptr().cast()) }
    }
    is_f32::<T>()
}

/// What stays in s16 to s31: see below.
static CONSTANTS: [f32; 16] = {
    let ([a, b, c, d, e], [f, g, h, i, j, k]) = (ODD, EXP2);
    [a, b, c, d, e, TWO_LOG2_E, ROUND, f, g, h, i, j, k, 1.0, 2.0, 0.0]
};

/// `num::tanh` with its constants in registers: the odd polynomial in s16 to s20, 2·log₂e in s21, what
/// rounds to an integer in s22, the polynomial of 2^f in s23 to s28, 1 in s29, 2 in s30. The operations
/// are those of the safe code on the same operands; their order is chosen so that few wait for the
/// one before them, and the next number is loaded where one would. r0 is the number, s0 its absolute
/// value, r2 its sign. Comparing the bits of absolute values is comparing the values, and the bits of
/// every NaN are above those of ∞.
///
/// # Safety
///
/// `z` and `h` are `n` numbers, at least one.
#[inline(never)]
unsafe fn tanh_f32(z: *const f32, n: usize, h: *mut f32) {
    unsafe {
        vfp!(
            "vldmia {constants}, {{s16-s31}}"
            "ldr r0, [{z}], #4"
            "1:"
            "bic r1, r0, #0x80000000"
            "and r2, r0, #0x80000000"
            "cmp r1, {small}"
            "vmov s0, r1"
            "bhs 2f"
            // a + a³ · p(a²): s1 = a², s2 = a⁴, s3 = c0 + c1 a², s4 = c2 + c3 a² + c4 a⁴
            "vmul.f32 s1, s0, s0"
            "vmul.f32 s4, s1, s19"
            "vmul.f32 s2, s1, s1"
            "vmul.f32 s3, s1, s17"
            "vadd.f32 s4, s4, s18"
            "vmul.f32 s5, s2, s20"
            "vadd.f32 s3, s3, s16"
            "vadd.f32 s4, s4, s5"
            "subs {n}, {n}, #1"
            "vmul.f32 s4, s2, s4"
            "it ne"
            "ldrne r0, [{z}], #4"
            "vadd.f32 s3, s3, s4"
            "vmul.f32 s3, s1, s3"
            "vmul.f32 s3, s0, s3"
            "vadd.f32 s0, s0, s3"
            "vmov r1, s0"
            "orr r1, r1, r2"
            "str r1, [{h}], #4"
            "bne 1b"
            "b 4f"
            "2:"
            "cmp r1, {saturated}"
            "bhs 3f"
            // t = a · 2 log₂e = k + f: s2 (and r3) has k in its last bits, s1 = f, s3 = f²
            "vmul.f32 s1, s0, s21"
            "vadd.f32 s2, s1, s22"
            "vsub.f32 s3, s2, s22"
            "vmov r3, s2"
            "vsub.f32 s1, s1, s3"
            // 2^f = 1 + f · (c0 + c1 f + f² · (c2 + c3 f + f² · (c4 + c5 f)))
            "vmul.f32 s6, s1, s28"
            "vmul.f32 s3, s1, s1"
            "vadd.f32 s6, s6, s27"
            "vmul.f32 s5, s1, s26"
            "vmul.f32 s6, s3, s6"
            "vadd.f32 s5, s5, s25"
            "vmul.f32 s4, s1, s24"
            "vadd.f32 s5, s5, s6"
            "vadd.f32 s4, s4, s23"
            "vmul.f32 s5, s3, s5"
            "vadd.f32 s4, s4, s5"
            "vmul.f32 s4, s1, s4"
            "vadd.f32 s4, s4, s29"
            // 1 - 2 / (2^k · 2^f + 1)
            "vmov r1, s4"
            "add r1, r1, r3, lsl #23"
            "vmov s4, r1"
            "vadd.f32 s4, s4, s29"
            "vdiv.f32 s4, s30, s4"
            "subs {n}, {n}, #1"
            "it ne"
            "ldrne r0, [{z}], #4"
            "vsub.f32 s4, s29, s4"
            "vmov r1, s4"
            "orr r1, r1, r2"
            "str r1, [{h}], #4"
            "bne 1b"
            "b 4f"
            // 1 with the number's sign; NaN stays as it is.
            "3:"
            "cmp r1, #0x7f800000"
            "ite ls"
            "orrls r1, r2, #0x3f800000"
            "movhi r1, r0"
            "str r1, [{h}], #4"
            "subs {n}, {n}, #1"
            "it ne"
            "ldrne r0, [{z}], #4"
            "bne 1b"
            "4:",
            constants = in(reg) CONSTANTS.as_ptr(),
            z = inout(reg) z => _,
            h = inout(reg) h => _,
            n = inout(reg) n => _,
            small = in(reg) SMALL.to_bits(),
            saturated = in(reg) SATURATED.to_bits(),
            out("r0") _, out("r1") _, out("r2") _, out("r3") _,
        );
    }
}
