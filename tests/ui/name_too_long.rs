//@ error: E0080
//@ message: the name of a tensor is longer than 64 bytes
//! A tensor whose name would not be kept to its end.

use elman::Pcg32;
use elman::safetensors::save;

struct Run {
    the_generator_of_the_numbers_by_which_the_samples_are_chosen_and_mixed: Pcg32,
}
elman::state_dict!(Run {
    the_generator_of_the_numbers_by_which_the_samples_are_chosen_and_mixed: Pcg32,
});

fn main() {
    let run = Run {
        the_generator_of_the_numbers_by_which_the_samples_are_chosen_and_mixed: Pcg32::new(0, 0),
    };
    let _ = save(&run, &mut [0; 1000]);
}
