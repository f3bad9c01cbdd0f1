//@ error: E0308
//! A target has as many numbers as the output.
use elman::squared_error;

fn main() {
    let _ = squared_error(&[0.0, 1.0], &[0.0]);
}
