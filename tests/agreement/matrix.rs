//! The products of small sizes, every remainder of a block among them, against the loops of their definitions.
//!
//! Every sum runs in the order in which its equation is written, whatever the size and the blocks
//! it is cut into. So the numbers are equal, not just close.

use elman::{Matrix, Pcg32};

/// Steps of the sum over time.
const T: usize = 5;

fn random<const R: usize, const C: usize>(rng: &mut Pcg32) -> [[f32; C]; R] {
    let mut rows = [[0.0; C]; R];
    rows.as_flattened_mut().fill_with(|| rng.uniform_symmetric());
    rows
}

fn check<const R: usize, const C: usize>() {
    let mut rng = Pcg32::new(R as u64, C as u64);
    let w = Matrix(random::<R, C>(&mut rng));
    let (x, y) = (random::<T, R>(&mut rng), random::<T, C>(&mut rng));

    // y + x · W
    let mut product = y[0];
    w.add_product(&x[0], &mut product);
    for c in 0..C {
        let sum = (0..R).fold(y[0][c], |sum, r| sum + x[0][r] * w.0[r][c]);
        assert_eq!(product[c], sum, "x · W, {R} x {C}, column {c}");
    }

    // x + y · Wᵀ
    let mut product = x[0];
    w.add_product_transposed(&y[0], &mut product);
    for r in 0..R {
        let sum = (0..C).fold(x[0][r], |sum, c| sum + y[0][c] * w.0[r][c]);
        assert_eq!(product[r], sum, "y · Wᵀ, {R} x {C}, row {r}");
    }

    // Y · Wᵀ, into numbers that are to be overwritten
    let mut products = random::<T, R>(&mut rng);
    w.products_transposed(&y, &mut products);
    for (t, r) in (0..T).flat_map(|t| (0..R).map(move |r| (t, r))) {
        let sum = (0..C).fold(0.0, |sum, c| sum + y[t][c] * w.0[r][c]);
        assert_eq!(products[t][r], sum, "y · Wᵀ, {R} x {C}, step {t}, row {r}");
    }

    // W + Σ_t x_tᵀ · y_t
    let mut outer = w.clone();
    outer.add_outer_products(&x, &y);
    for (r, c) in (0..R).flat_map(|r| (0..C).map(move |c| (r, c))) {
        let sum = (0..T).fold(w.0[r][c], |sum, t| sum + x[t][r] * y[t][c]);
        assert_eq!(outer.0[r][c], sum, "Σ_t x_tᵀ · y_t, {R} x {C}, row {r}, column {c}");
    }
}

macro_rules! every {
    ($($C:literal)+) => { $(every!(@ $C: 1 2 3 4 5 6 7 8 9);)+ };
    (@ $C:literal: $($R:literal)+) => { $(check::<$R, $C>();)+ };
}

/// Rows go in fours; columns in sixteens, then fours, then ones.
#[test]
fn every_remainder_of_rows_and_columns() {
    every!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
}

#[test]
fn larger_sizes() {
    check::<1, 64>();
    check::<64, 1>();
    check::<32, 128>();
    check::<37, 53>();
    check::<17, 131>();
    check::<131, 17>();
    check::<140, 140>(); // too large to be transposed on the stack
}

#[test]
fn products_without_rows_or_columns() {
    check::<0, 4>();
    check::<4, 0>();
}
