//! How numbers are compared: the worst difference, against a bound that has a name.

use core::any::type_name;

use elman::{Parameters, Scalar};

/// The bounds of a test, and the worst difference seen under each; printed when the test is done.
pub struct Worst {
    what: &'static str,
    bound: Bound,
    seen: Bound,
}

/// A number for each scalar.
#[derive(Clone, Copy)]
pub struct Bound {
    pub f64: f64,
    pub f32: f64,
}

impl Bound {
    fn of<T: Scalar>(&mut self) -> &mut f64 {
        if size_of::<T>() == 8 { &mut self.f64 } else { &mut self.f32 }
    }
}

impl Worst {
    /// Nothing compared yet.
    pub fn new(what: &'static str, bound: Bound) -> Self {
        Self { what, bound, seen: Bound { f64: 0.0, f32: 0.0 } }
    }

    /// Compares what a net of type `N` gave with what it should give.
    ///
    /// The difference is taken relative to the largest number expected where that is above 1, since
    /// a sum is as exact as its largest term.
    #[track_caller]
    pub fn compare<N: Parameters>(&mut self, name: &str, actual: &[f64], expected: &[f64]) {
        let net = type_name::<N>();
        assert_eq!(actual.len(), expected.len(), "{name} of {net}: how many");
        let bound = *self.bound.of::<N::Scalar>();
        let seen = self.seen.of::<N::Scalar>();
        let scale = expected.iter().fold(1.0_f64, |scale, x| scale.max(x.abs()));
        for (i, (a, e)) in actual.iter().zip(expected).enumerate() {
            let difference = (a - e).abs() / scale;
            assert!(
                difference <= bound,
                "{name}[{i}] of {net} is {a}, not {e}: {difference:e} > {bound:e}"
            );
            *seen = seen.max(difference);
        }
    }
}

impl Drop for Worst {
    fn drop(&mut self) {
        for (scalar, seen, bound) in
            [("f64", self.seen.f64, self.bound.f64), ("f32", self.seen.f32, self.bound.f32)]
        {
            if seen > 0.0 {
                println!("{}: {scalar} off by {seen:.1e} at most, bound {bound:.0e}", self.what);
            }
        }
    }
}
