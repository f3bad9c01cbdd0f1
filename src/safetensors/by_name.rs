//! Files whose tensors are found by their names: those of other programs, and of other values.

use super::check::{Checked, Values};
use super::error::{Dims, Error, Reason};
use super::header::Entry;
use super::json::unescaped;
use super::reader::{Cut, Reader};
use super::schema::{Form, Found, Limit, Schema};
use super::state_dict::StateDict;
use super::text::TensorName;
use super::{SafeTensors, TensorView};

/// [`load`](super::load) of the tensors whose names begin with `prefix`, without it: a part of a
/// larger file.
///
/// ```
/// use elman::safetensors::{load_prefix, save};
/// use elman::{ConstZero, Dense, Elman, Stack, Trainer, Adam, safetensors::StateDict};
///
/// type Net = Stack<(Elman<1, 2>, Dense<2, 1>)>;
/// let mut net = Net::ZERO;
/// net.0.1.bias = [0.5];
/// let mut file = [0; Net::SIZE];
/// save(&net, &mut file)?;
///
/// let mut readout = Dense::<2, 1>::ZERO;
/// load_prefix(&mut readout, &file, "1.")?;
/// assert_eq!(readout, net.0.1);
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
///
/// # Errors
///
/// As [`load`](super::load).
pub fn load_prefix<S: StateDict>(value: &mut S, file: &[u8], prefix: &str) -> Result<(), Error> {
    read(value, file, prefix, Values::Finite)
}

/// Reads those tensors of a file that `value` has with the same name, shape and kind of number, and
/// leaves the rest of `value` as it is: PyTorch's `load_state_dict(…, strict=False)`.
///
/// `report` is told of each tensor that is left out: [`Missing`](Reason::Missing) from the file,
/// [`Unexpected`](Reason::Unexpected) in it, or of another shape or dtype. Only tensors whose names
/// begin with `prefix` count. Returns how many were read.
///
/// ```
/// use elman::safetensors::{StateDict, load_matching, save};
/// use elman::{ConstZero, Dense, Elman, Stack};
///
/// type Old = Stack<(Elman<1, 2>, Dense<2, 1>)>;
/// type New = Stack<(Elman<1, 2>, Dense<2, 3>)>; // two more outputs
/// let mut file = [0; Old::SIZE];
/// save(&Old::ZERO, &mut file)?;
///
/// let mut left_out = Vec::new();
/// let mut net = New::ZERO;
/// let loaded = load_matching(&mut net, &file, "", |tensor| left_out.push(tensor.to_string()))?;
/// assert_eq!(loaded, 3); // the cell
/// assert_eq!(left_out[0], "tensor `1.kernel`: its shape is [2, 1], not [2, 3]");
/// # Ok::<(), elman::safetensors::Error>(())
/// ```
///
/// # Errors
///
/// When the file is not valid, or a number to be read is infinite or NaN. Then `value` is as it was.
pub fn load_matching<S: StateDict>(
    value: &mut S,
    file: &[u8],
    prefix: &str,
    mut report: impl FnMut(Error),
) -> Result<usize, Error> {
    let names = Names { schema: const { &S::SCHEMA }, file: SafeTensors::parse(file)?, prefix };
    let mut loaded = 0;
    names.check(Values::Finite, |tensor| match tensor {
        Ok(()) => {
            loaded += 1;
            Ok(())
        }
        Err(error) => left_out(error, &mut report),
    })?;
    names.read(value);
    Ok(loaded)
}

/// Reports a tensor that can be left out.
fn left_out(error: Error, report: &mut impl FnMut(Error)) -> Result<(), Error> {
    match error.reason {
        Reason::Missing
        | Reason::Unexpected
        | Reason::WrongShape { .. }
        | Reason::WrongDtype { .. }
        | Reason::OtherParts => {
            report(error);
            Ok(())
        }
        _ => Err(error),
    }
}

/// Reads all tensors of `value`.
pub(super) fn read<S: StateDict>(
    value: &mut S,
    file: &[u8],
    prefix: &str,
    values: Values,
) -> Result<(), Error> {
    let names = Names { schema: const { &S::SCHEMA }, file: SafeTensors::parse(file)?, prefix };
    names.check(values, |tensor| match tensor {
        Err(error) if error.reason == Reason::Unexpected => Ok(()),
        tensor => tensor,
    })?;
    names.read(value);
    Ok(())
}

/// The tensors of a value in a file, by name.
struct Names<'f> {
    schema: &'static Schema,
    file: SafeTensors<'f>,
    prefix: &'f str,
}

/// So many tensors of a value are looked for in one pass over the header.
const AT_ONCE: usize = 1024;
/// Which of these have been found.
type Seen = [u32; AT_ONCE / 32];

impl Names<'_> {
    /// Passes the verdict on each tensor, of the value or of the file, to `judge`, who says whether it
    /// ends there.
    fn check(
        &self,
        values: Values,
        mut judge: impl FnMut(Result<(), Error>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let all = 0..self.schema.tensors().max(1);
        for first in all.step_by(AT_ONCE) {
            let mut seen: Seen = [0; AT_ONCE / 32];
            let mut entries = self.file.entries();
            while let Some(entry) = entries.next()? {
                let name = unescaped(entry.name);
                let Some(label) = name.as_str().strip_prefix(self.prefix) else { continue };
                match self.lookup(&name, label) {
                    None if first == 0 => judge(Err(Reason::Unexpected.of(name)))?,
                    None => {}
                    Some(found) => {
                        if first == 0 {
                            judge(self.check_tensor(&found, &entry, values, name))?;
                        }
                        note(found.n, first, &mut seen).map_err(|reason| reason.of(name))?;
                    }
                }
            }
            self.missing(first, &seen, &mut judge)?;
        }
        Ok(())
    }

    fn lookup(&self, name: &TensorName, label: &str) -> Option<Found<'static>> {
        if name.is_whole() { self.schema.lookup(label) } else { None }
    }

    /// Of the tensors from `first` on, those that were not seen.
    fn missing(
        &self,
        first: usize,
        seen: &Seen,
        judge: &mut impl FnMut(Result<(), Error>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for n in first..self.schema.tensors().min(first + AT_ONCE) {
            let bits = seen.get((n - first) / 32).copied().unwrap_or_default();
            if bits >> (n % 32) & 1 == 0 {
                let name = self.schema.tensor_name(n);
                let name = TensorName::new(self.prefix).then(name.as_str());
                judge(Err(Reason::Missing.of(name)))?;
            }
        }
        Ok(())
    }

    fn check_tensor(
        &self,
        found: &Found<'static>,
        entry: &Entry<'_>,
        values: Values,
        name: TensorName,
    ) -> Result<(), Error> {
        let tensor = self.file.view(entry);
        let form = found.schema.form();
        form.fits(found.schema.shape(), &tensor).map_err(|reason| reason.of(name))?;
        let checked = found.schema.check(&mut Checked::new(), &mut form.reader(&tensor, 0), values);
        checked.map_err(|error| found.schema.error(error).within(name))
    }

    /// Reads what fits. Counts come first: how long a list is, whether there is a value.
    fn read<S: StateDict>(&self, value: &mut S) {
        for counts in [true, false] {
            let mut entries = self.file.entries();
            while let Ok(Some(entry)) = entries.next() {
                let name = unescaped(entry.name);
                let label = name.as_str().strip_prefix(self.prefix);
                let Some(found) = label.and_then(|label| self.lookup(&name, label)) else {
                    continue;
                };
                let form = found.schema.form();
                let is_count = matches!(form.limit, Limit::Most(_));
                if is_count == counts
                    && self.check_tensor(&found, &entry, Values::Any, name).is_ok()
                {
                    value.read(&mut form.reader(&self.file.view(&entry), found.start));
                }
            }
        }
    }
}

/// Notes that tensor `n` was found, if it is one of those from `first` on.
fn note(n: usize, first: usize, seen: &mut Seen) -> Result<(), Reason> {
    let Some(word) = n.checked_sub(first).and_then(|n| seen.get_mut(n / 32)) else {
        return Ok(());
    };
    let bit = 1 << (n % 32);
    if *word & bit != 0 {
        return Err(Reason::Duplicate);
    }
    *word |= bit;
    Ok(())
}

impl Form {
    /// The numbers of a tensor that is to be this one, into a value from its byte `start` on.
    fn reader<'a>(&self, tensor: &TensorView<'a>, start: usize) -> Reader<'a> {
        let reader = Reader::new(tensor.data, start, Cut::NONE);
        if tensor.dtype == self.element.dtype() { reader } else { reader.of_floats(tensor.dtype) }
    }

    /// That `tensor` can be read as this one, of the shape `wanted`.
    fn fits(&self, wanted: Dims, tensor: &TensorView<'_>) -> Result<(), Reason> {
        let found = tensor.shape;
        let bytes = self.elements * tensor.dtype.bits() / 8;
        if tensor.data.len() != bytes || !found.is(&wanted) {
            return Err(Reason::WrongShape { found, wanted });
        }
        let both_weights = self.element.is_float() && tensor.dtype.is_float();
        if !both_weights && self.element.dtype() != tensor.dtype {
            return Err(Reason::WrongDtype { found: tensor.dtype });
        }
        Ok(())
    }
}
