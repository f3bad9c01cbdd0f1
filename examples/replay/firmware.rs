//! Firmware: what goes into a device with the file of the best network.

use core::fmt::{Error, Write};
use std::path::Path;

use crate::ahead::Target;
use crate::log::Log;
use crate::settings::{Cell, Numbers, Settings};
use crate::table::inputs;

/// The lines to paste.
pub fn print(
    file: &Path,
    log: &Log,
    settings: &Settings,
    target: Target,
    out: &mut impl Write,
) -> Result<(), Error> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let inputs = inputs(log);
    let net = settings.net(inputs);
    let Settings { k1, k2, .. } = settings;
    let (rule, value) = settings.optimizer();
    writeln!(out, "\nWith `{name}` in the firmware:\n\n```rust")?;
    writeln!(out, "// A sample is [{}] in the units of the log.", log.names.join(", "))?;
    writeln!(out, "type Net = {net};")?;
    writeln!(out, "const FILE: &[u8] = include_bytes!(\"{name}\");")?;
    writeln!(out, "\n// It forecasts, and goes on learning:")?;
    if target == Target::NEXT_CHANGE && settings.numbers == Numbers::F32 {
        writeln!(out, "let mut device = Forecaster::<Net, {rule}, {k1}, {k2}>::new({value});")?;
    } else {
        writeln!(out, "// `Ahead` is examples/replay/ahead.rs; copy it.")?;
        let Target { horizon, is_level } = target;
        writeln!(out, "let target = Target {{ horizon: {horizon}, is_level: {is_level} }};")?;
        writeln!(
            out,
            "let mut device = Ahead::<Net, {rule}, {inputs}, {k1}, {k2}>::new({value}, target);"
        )?;
        writeln!(out, "load_prefix(&mut device.target_scaler, FILE, \"target_scaler.\")?;")?;
    }
    writeln!(out, "load_prefix(&mut device.trainer.learner.net, FILE, \"net.\")?;")?;
    writeln!(out, "load_prefix(&mut device.scaler, FILE, \"scaler.\")?;")?;
    in_flash(&name, settings, out)?;
    writeln!(out, "```")
}

/// The weights in flash: in the file of an `Elman` of floats they lie as Keras has them, which is read at
/// compile time.
fn in_flash(name: &str, settings: &Settings, out: &mut impl Write) -> Result<(), Error> {
    if settings.cell != Cell::Elman || settings.numbers != Numbers::F32 {
        return Ok(());
    }
    writeln!(out, "\n// Or it only forecasts, with the weights in flash:")?;
    writeln!(
        out,
        "const TENSORS: SafeTensors = checked!(SafeTensors::parse(include_bytes!(\"{name}\")));"
    )?;
    writeln!(out, "static NET: Net = Stack::new((")?;
    writeln!(out, "    checked!(Elman::from_keras(&TENSORS, \"net.0.\")),")?;
    writeln!(out, "    checked!(Dense::from_keras(&TENSORS, \"net.1.\")),")?;
    writeln!(out, "));")
}
