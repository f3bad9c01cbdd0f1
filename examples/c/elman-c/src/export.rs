//! Export: the functions for C of one network.

/// Writes the functions for C of one network, in a module of its name.
///
/// ```text
/// type Net = Stack<(Elman<1, 8>, Dense<8, 1>)>;
/// type Trainer = SlicedTrainer<Net, Adam, 5, 20>;
///
/// fn settings(trainer: &mut Trainer, learning_rate: f32, seed: u64) {
///     let learner = &mut trainer.complete().learner;
///     learner.optimizer = Adam::new(learning_rate);
///     learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
/// }
///
/// elman_c::export!(pump: Trainer, f32, settings, "../include/pump.h");
/// ```
///
/// An item `x` of the module is `pump_x` in C, a constant `X` is `PUMP_X`, a type `X` too is `pump_x`, but `Memory` is
/// `pump`. The header is written by `cargo run -p header`, which reads the items below: their comments are the header's. What the header
/// says of sizes is checked here, in every build.
#[macro_export]
macro_rules! export {
    ($name:ident: $Trainer:ty, $Scalar:ty, $settings:path, $header:literal) => {
        #[doc = concat!("The functions for C of `", stringify!($name), "`.")]
        #[allow(clippy::missing_safety_doc, missing_docs)]
        pub mod $name {
            #[allow(unused_imports)]
            use super::*;
            use $crate::{Learning, Status};

            /// A network, its optimiser and its window. Reserve one, and give it to `init` first.
            pub type Memory = $crate::Memory<$Trainer>;

            /// An input.
            #[derive(Clone, Copy, Debug)]
            #[repr(C)]
            pub struct Input {
                pub x: [$Scalar; INPUTS],
            }

            /// An output, or a target.
            #[derive(Clone, Copy, Debug)]
            #[repr(C)]
            pub struct Output {
                pub y: [$Scalar; OUTPUTS],
            }

            const _: fn(Input) -> <$Trainer as Learning>::In = |input| input.x;
            const _: fn(Output) -> <$Trainer as Learning>::Out = |output| output.y;

            /// The numbers of an input.
            pub const INPUTS: usize = $crate::numbers::<$Trainer, <$Trainer as Learning>::In>();
            /// The numbers of an output, and of a target.
            pub const OUTPUTS: usize = $crate::numbers::<$Trainer, <$Trainer as Learning>::Out>();
            /// The weights.
            pub const WEIGHTS: usize = $crate::numbers::<$Trainer, <$Trainer as Learning>::Net>();
            /// The bytes of a checkpoint.
            pub const CHECKPOINT_BYTES: usize = $crate::checkpoint_bytes::<$Trainer>();
            /// The multiply-accumulates of a window, about: all that is pending takes.
            pub const MACS: usize = <$Trainer as Learning>::MACS;

            /// Read by `cargo run -p header`.
            #[unsafe(export_name = concat!(stringify!($name), "_sizes"))]
            pub static SIZES: [u32; 6] = [
                size_of::<Memory>() as u32,
                INPUTS as u32,
                OUTPUTS as u32,
                WEIGHTS as u32,
                CHECKPOINT_BYTES as u32,
                MACS as u32,
            ];

            const _: () = {
                const HEADER: &str = include_str!($header);
                const fn says(what: &str) -> usize {
                    $crate::header_says(HEADER, stringify!($name), what)
                }
                let bytes = if size_of::<usize>() == 4 { "_BYTES_32 " } else { "_BYTES_64 " };
                let is_of_this_network = says(bytes) == size_of::<Memory>()
                    && says("_INPUTS ") == INPUTS
                    && says("_OUTPUTS ") == OUTPUTS
                    && says("_WEIGHTS ") == WEIGHTS
                    && says("_CHECKPOINT_BYTES ") == CHECKPOINT_BYTES
                    && says("_MACS ") == MACS;
                assert!(
                    is_of_this_network || option_env!("ELMAN_C_MEASURE").is_some(),
                    "the header has the sizes of another network: cargo run -p header"
                );
            };

            /// Starts, or starts anew, with first weights drawn from `seed`.
            #[unsafe(export_name = concat!(stringify!($name), "_init"))]
            pub unsafe extern "C" fn init(
                net: *mut Memory,
                learning_rate: $Scalar,
                seed: u64,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe {
                    $crate::calls::init(net, learning_rate, |net| {
                        $settings(net, learning_rate, seed)
                    })
                }
            }

            /// One step without a target: writes the output.
            #[unsafe(export_name = concat!(stringify!($name), "_step"))]
            pub unsafe extern "C" fn step(
                net: *mut Memory,
                x: *const Input,
                y: *mut Output,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::step(net, x.cast(), y.cast()) }
            }

            /// One step with a target, to learn from: writes the output and its loss. It learns nothing yet.
            ///
            /// If work is pending for a whole window of samples, it does that first.
            #[unsafe(export_name = concat!(stringify!($name), "_observe"))]
            pub unsafe extern "C" fn observe(
                net: *mut Memory,
                x: *const Input,
                target: *const Output,
                y: *mut Output,
                loss: *mut $Scalar,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::observe(net, x.cast(), target.cast(), y.cast(), loss) }
            }

            /// Whether a window is full and `learn` has work to do. Not of a network that was not started.
            #[unsafe(export_name = concat!(stringify!($name), "_is_pending"))]
            pub unsafe extern "C" fn is_pending(net: *const Memory) -> bool {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::is_pending(net) }
            }

            /// Does a slice of the pending work, of about `macs` multiply-accumulates.
            #[unsafe(export_name = concat!(stringify!($name), "_learn"))]
            pub unsafe extern "C" fn learn(net: *mut Memory, macs: usize) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::learn(net, macs) }
            }

            /// Does all pending work, and starts a new sequence. The weights stay.
            #[unsafe(export_name = concat!(stringify!($name), "_reset"))]
            pub unsafe extern "C" fn reset(net: *mut Memory) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::reset(net) }
            }

            /// Does all pending work, and writes a checkpoint with a sequence number of yours.
            #[unsafe(export_name = concat!(stringify!($name), "_save"))]
            pub unsafe extern "C" fn save(
                net: *mut Memory,
                sequence: u32,
                file: *mut [u8; CHECKPOINT_BYTES],
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::save(net, sequence, file.cast(), CHECKPOINT_BYTES) }
            }

            /// Does all pending work, and reads a checkpoint, in place; writes its sequence number.
            ///
            /// The network must be started. Its learning rate stays. The file may be longer than a checkpoint.
            #[unsafe(export_name = concat!(stringify!($name), "_load"))]
            pub unsafe extern "C" fn load(
                net: *mut Memory,
                file: *const u8,
                length: usize,
                sequence: *mut u32,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::load(net, file, length, sequence) }
            }

            /// As `load`, of the newer one of two checkpoints that is whole. Both slots are `length` bytes long.
            #[unsafe(export_name = concat!(stringify!($name), "_load_newest"))]
            pub unsafe extern "C" fn load_newest(
                net: *mut Memory,
                a: *const u8,
                b: *const u8,
                length: usize,
                sequence: *mut u32,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::load_newest(net, [a, b], length, sequence) }
            }

            /// Does all pending work, and reads what fits of a checkpoint that another firmware wrote, with another
            /// optimiser, `K1` or `K2`; writes how many tensors were left out. If the layers have other sizes
            /// some weights may fit by chance: `load_weights` first, and go on without the checkpoint if it fails.
            #[unsafe(export_name = concat!(stringify!($name), "_load_matching"))]
            pub unsafe extern "C" fn load_matching(
                net: *mut Memory,
                file: *const u8,
                length: usize,
                left_out: *mut u32,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::load_matching(net, file, length, left_out) }
            }

            /// Does all pending work, and reads weights from a safetensors file, such as one that was trained at a
            /// desk. The names of its tensors begin with `prefix`: "" if they are those of the network,
            /// "net." in a file of the example `replay`, "learner.net." in a checkpoint.
            #[unsafe(export_name = concat!(stringify!($name), "_load_weights"))]
            pub unsafe extern "C" fn load_weights(
                net: *mut Memory,
                file: *const u8,
                length: usize,
                prefix: *const core::ffi::c_char,
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::load_weights(net, file, length, prefix) }
            }

            /// Copies the weights, tensor by tensor, in the order of the network's layers.
            #[unsafe(export_name = concat!(stringify!($name), "_weights"))]
            pub unsafe extern "C" fn weights(
                net: *const Memory,
                to: *mut [$Scalar; WEIGHTS],
            ) -> Status {
                // SAFETY: the caller's, as the module `calls` asks for.
                unsafe { $crate::calls::weights(net, to.cast(), WEIGHTS) }
            }
        }
    };
}

/// What a firmware whose only Rust is the network does at a panic, of which none is linked.
#[macro_export]
macro_rules! panic_handler {
    () => {
        #[cfg(not(test))]
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            loop {}
        }
    };
}
