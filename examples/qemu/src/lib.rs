//! What a program needs of its board, and the recipes that the programs run.
//!
//! Nothing here knows a network: a firmware of your own would put its HAL in this place.
#![no_std]

use core::fmt::{Error, Write};
use core::panic::PanicInfo;

use semihosting::io::Write as _;
use semihosting::process;

pub mod count;
mod fault;
pub mod product;
pub mod recipes;
mod reset;
pub mod rls;
pub mod stack;
pub mod uart;

#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;

pub use reset::reset;

#[doc(hidden)]
pub use static_cell;

/// `own!(Type = value)?`: a static of that type, which whoever comes first owns. Each place where this
/// is written has another one.
#[macro_export]
macro_rules! own {
    ($Type:ty = $value:expr) => {{
        use $crate::static_cell::ConstStaticCell;
        static VALUE: ConstStaticCell<$Type> = ConstStaticCell::new($value);
        VALUE.try_take().ok_or(core::fmt::Error)
    }};
}

/// `report_sizes!(out: Values (1, 12) (3, 16))`: each `Values<I, H>` in a static of its own, whose
/// address the compiler is not to know, reports.
#[macro_export]
macro_rules! report_sizes {
    ($out:ident: $Values:ident $(($i:expr, $h:expr))+) => {
        $(core::hint::black_box($crate::own!($Values<{ $i }, { $h }> = $Values::new())?).report($out)?;)+
    };
}

/// The debugger's console, by semihosting.
pub struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> Result<(), Error> {
        let mut stdout = semihosting::io::stdout().map_err(|_| Error)?;
        stdout.write_all(text.as_bytes()).map_err(|_| Error)
    }
}

/// The whole program. It ends, and the emulator with it, with 0 if `report` was written and says yes.
pub fn run(report: impl FnOnce(&mut Console) -> Result<bool, Error>) -> ! {
    fault::guard_stack();
    process::exit(if report(&mut Console) == Ok(true) { 0 } else { 1 })
}

/// The exit code of a panic, as the standard library has it.
const PANICKED: i32 = 101;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    process::exit(PANICKED)
}
