//! Recursive least squares of the firmware against that of the examples, which is nalgebra's products.

#[path = "../../examples/common/baselines.rs"]
#[allow(dead_code, reason = "one of them is compared")]
mod baselines;
#[path = "../../examples/qemu/src/rls.rs"]
mod rls;

use baselines::Baseline;
use elman::Pcg32;

const LAGS: usize = 4;
const FORGETTING: f64 = 0.99;

#[test]
fn the_same_forecasts() {
    let mut expected = baselines::RecursiveLeastSquares::new(LAGS, FORGETTING);
    let mut rls = rls::RecursiveLeastSquares::<{ LAGS + 1 }, f64>::new(FORGETTING, 1e3);
    let mut noise = Pcg32::new(1, 0);
    for t in 0..500 {
        let x = (f64::from(t) * 0.3).sin() + 0.1 * noise.approx_normal::<f64>();
        let (expected, found) = (expected.observe(x), rls.observe(x));
        assert!(
            (found - expected).abs() < 1e-6 * (1.0 + expected.abs()),
            "{t}: {found}, not {expected}"
        );
    }
}
