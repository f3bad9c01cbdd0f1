#!/usr/bin/env bash
# Breaks the crate on purpose, one line at a time, and shows that a test fails each time.
#
#     tests/mutants.sh
#
# Each mutant is a `sed` command on one file of a temporary copy, and names the test that must catch
# it. A mutant that does not apply, does not compile or is not caught makes the script fail.
set -euo pipefail
cd "$(dirname "$0")/.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/tests"
cp -r Cargo.toml Cargo.lock README.md src "$copy"
tests=(reference goldens traps tanh matrix optimizers losses guard trainer init frozen
    safetensors safetensors_dtypes safetensors_hostile checkpoint soft)
cp -r tests/{agreement,behaviour,storage,support,data} "$copy/tests"
# What only the examples and the other tests need is not built.
sed -i -E '/^(clap|criterion|csv|embedded-storage|indicatif|nalgebra|plotters|trybuild) =/d
    /^\[\[bench\]\]/,/^$/d' "$copy/Cargo.toml"

export CARGO_TARGET_DIR=$PWD/target/mutants CARGO_PROFILE_TEST_DEBUG=0 CARGO_PROFILE_DEV_DEBUG=0
failed=0

# mutant TEST FILE SED WHAT
mutant() {
    local test=$1 file=$2 change=$3 what=$4 verdict
    sed -z -i "$change" "$copy/src/$file"
    verdict=$(judge "$test" "$file")
    printf '%-16s %-9s %s\n' "$verdict" "$test" "$what"
    [[ $verdict == caught ]] || failed=1
    cp "src/$file" "$copy/src/$file"
}

# judge TEST FILE
judge() {
    if cmp -s "src/$2" "$copy/src/$2"; then
        echo "DOES NOT APPLY"
    elif run "$1"; then
        echo "SURVIVED"
    elif grep -q '^test result: FAILED' "$copy/log"; then
        echo caught
    else
        echo "DOES NOT BUILD"
    fi
}

# run TEST
run() {
    cargo test --quiet --manifest-path "$copy/Cargo.toml" --test $(place "$1") >"$copy/log" 2>&1
}

# The binary and the module of a test.
place() {
    case $1 in
        goldens) echo agreement frameworks:: ;;
        soft) echo agreement soft_float:: ;;
        traps) echo behaviour pitfalls:: ;;
        guard) echo behaviour non_finite:: ;;
        trainer | frozen) echo behaviour "$1::" ;;
        safetensors_*) echo storage "${1#safetensors_}::" ;;
        safetensors | checkpoint) echo storage "$1::" ;;
        *) echo agreement "$1::" ;;
    esac
}

for test in "${tests[@]}"; do
    run $test || { cat "$copy/log"; echo "$test fails before anything is broken"; exit 1; }
done

# The cell
mutant traps elman.rs \
    's/affine(bias, \[(x, &kernel.0), (h, &recurrent_kernel.0)\], &mut z);\s*activate(h, &z);/z = *bias; kernel.add_product(x, \&mut z); for j in 0..H { for i in 0..H { z[j] += h[i] * recurrent_kernel.0[i][j]; } h[j] = z[j].tanh(); }/' \
    'the state is updated in place'
mutant traps elman.rs 's/(from_ref(before), /(h, /' \
    'h_t for h_{t-1} at the first step'
mutant reference elman.rs 's/(h, later)/(h.get(1..).unwrap_or_default(), later)/' \
    'h_t for h_{t-1} at the later steps'
mutant traps elman.rs 's/(\*delta + take(carry))/{ take(carry); *delta }/' \
    'δ_{t+1} is forgotten: no error travels through time'
mutant traps elman.rs 's/ \* (T::ONE - h \* h)//' "tanh' is forgotten"
mutant traps elman.rs 's/take(carry)/*carry/' 'the carried error is never spent'
mutant reference elman.rs 's/self.recurrent_kernel.add_product_transposed(delta, carry)/self.recurrent_kernel.add_product(delta, carry)/' \
    'W_h for its transpose on the way back'
mutant traps elman.rs 's/gradient.kernel.add_outer_products(x, delta)/if let ([x, ..], [d, ..]) = (x, \&*delta) { gradient.kernel.add_outer_products(from_ref(x), from_ref(d)); }/' \
    'ΔW_x is not summed over time'
mutant traps elman.rs 's/, (h, later)//' \
    'ΔW_h is not summed over time'
mutant traps elman.rs 's/add_rows(&mut gradient.bias, delta);//' 'the bias of a cell has no gradient'
mutant reference elman.rs 's/self.kernel.products_transposed(delta, d_x);//' \
    'no error reaches the layer below'
mutant reference matrix.rs 's/\*x = Zeros::ZEROS;//' "the error below is added to the last one's"
mutant goldens elman.rs 's/let (w_x, w_h) = /let (w_h, w_x) = /' 'W_h on top of W_x'

# The kernels, where sizes are not multiples of a block
mutant matrix matrix/blocks.rs 's/R - R % 4 + k/k/' 'the last rows are the first ones'
mutant matrix matrix/blocks.rs 's/row, 4 \* i + k, c/row, 4 * i, c/' 'the last columns of four rows are one'
mutant matrix matrix/blocks.rs 's/add_row(row, 4 \* i + k, c, steps);//' 'the last columns are left out'
mutant matrix matrix/blocks.rs 's/add_block_dots::<4, T, R, C>(w, c, /add_block_dots::<4, T, R, C>(w, 0, /' 'columns are summed twice'
mutant matrix matrix/blocks.rs 's/s0.add(y0);/s0.add(y1);/' 'a row of a tile is that of its neighbour'
mutant reference matrix/rows.rs 's/rest.iter_mut().zip(w_rest) {\s*\*y += x \* w;/rest.iter_mut().zip(w_rest) {/' \
    'the last weights of a tensor stay'
mutant reference matrix/rows.rs 's/\*y += x;/*y = x;/' 'the gradient of the bias is that of one step'

# Whole numbers for floating point
mutant soft soft.rs 's/significand &= !0x40;//' 'a tie of a product is rounded up'
mutant soft soft.rs 's/sum &= !0x80;//' 'a tie of a sum is rounded up'
mutant soft soft.rs 's/ | i32::from(down << by != n)//' 'what is shifted out is forgotten'
mutant soft soft.rs 's/(-sum, sign ^ SIGN)/(-sum, sign)/' 'a difference has the sign of the first'
mutant soft soft.rs 's/exponent(w) + carry - 127/exponent(w) - 127/' 'the carry of a product is lost'
mutant soft soft.rs 's/        exponent -= 1;/        exponent -= 0;/' 'a sum that lost its first bit is too large'
mutant soft soft.rs 's/81..190/1..190/' 'a product may be subnormal'
mutant soft soft.rs 's/is_zero(x) \&\& is_finite(w)/is_zero(x)/' '0 times infinity is 0'
mutant soft soft.rs 's/low \* w_high + //' 'a product of halves lacks one'

# The readout and the stack
mutant reference dense.rs 's/add_rows(&mut gradient.bias, delta);//' \
    'the bias of a readout has no gradient'
mutant reference stack.rs 's/None => (x, d_x.take())/None => (x, None)/' \
    'an array gives its inputs no gradient'
mutant reference stack.rs 's/down 2 from 1, 1 from 0/down 1 from 0, 2 from 1/' \
    'the lower layer is sent back before the upper'

# The window
mutant traps tape.rs 's/self.state = state;//' 'a reset leaves the state'
mutant reference tape.rs 's/self.before = state;//' 'a reset leaves the state before the window'
mutant traps tape.rs 's/self.inputs.clear();//' 'a reset leaves the recorded inputs'
mutant traps tape.rs 's/self.record.clear();\s*self.next = 0;/self.record.clear();/' \
    'a reset leaves the place in the ring'
mutant traps tape.rs 's/unwrap_or(K - 1)/unwrap_or(0)/' 'the newest step is off by a turn of the ring'
mutant reference tape.rs 's/self.record.read(self.next, &mut self.before);//' \
    'the state before the window does not move on'
mutant reference tape.rs 's/self.record.read(len - 1, &mut before);//' \
    'the seam of the ring has the wrong state before it'
mutant reference tape.rs 's/&mut carry,\(\s*Some(gradient),\s*older_d_x\)/\&mut { L::REST },\1/' \
    'no error travels past the seam of the ring'
mutant traps tape.rs 's/errors.fill(Zeros::ZEROS);//' 'errors are not spent: each enters twice'
mutant traps record.rs 's/put(&mut self.errors, row, &Zeros::ZEROS);/if self.errors.get(row).is_none() { put(\&mut self.errors, row, \&Zeros::ZEROS); }/' \
    'a new step inherits the error of the one it replaces'
mutant traps tape.rs 's/self.fresh >= K1/self.fresh > K1/' 'an update comes a step too late'

# The update
mutant traps clip.rs 's|limit / norm)|P::Scalar::ONE / norm)|' 'clipping scales by 1/norm'
mutant traps clip.rs 's/sum += g \* g/sum = g * g/' 'the norm is that of the last number'
mutant traps clip.rs 's/if sum.is_finite() && [^{]*{/if true {/' 'the norm overflows'
mutant traps clip.rs 's/norm > limit && norm.is_finite()/norm > limit/' 'an infinite norm scales by 0'
mutant traps optimizer/sgd.rs 's/-self.learning_rate/-T::ONE/' 'the learning rate is ignored'
mutant goldens loss.rs 's/error + error/error/' 'the gradient of the loss is half of it'

# The optimisers and their schedules
mutant optimizers optimizer/sgd.rs 's/T::ONE - self.learning_rate \* self.weight_decay/T::ONE - self.weight_decay/' \
    'a decay without the learning rate'
mutant optimizers optimizer/momentum.rs 's/{ g + self.momentum \* v } else/{ v } else/' 'Nesterov is Polyak'
mutant optimizers optimizer/momentum.rs 's/flush(self.momentum \* v + g)/flush(self.momentum * v + (T::ONE - self.momentum) * g)/' \
    'a velocity that is a mean'
mutant optimizers optimizer/rms_prop.rs 's/(s.sqrt() + self.epsilon)/(s + self.epsilon).sqrt()/' \
    'the epsilon of RMSprop is under the root'
mutant optimizers optimizer/adam.rs 's/s.sqrt() \* of_root + self.epsilon/(s.sqrt() + self.epsilon) * of_root/' \
    'the epsilon of Adam is corrected'
mutant optimizers optimizer/adam.rs 's|self.learning_rate / c1|self.learning_rate|' 'the mean is not corrected'
mutant optimizers optimizer/adam.rs 's/net.scale(self.kept());//' 'AdamW does not decay'
mutant optimizers optimizer/adam.rs 's/self.next(w \* kept, g/self.next(w, g/' \
    'AdamW looks at weights that have not decayed'
mutant optimizers optimizer/adam.rs 's/ && s.is_finite()//' 'a mean square may overflow'
mutant optimizers optimizer/mod.rs 's/{ T::ZERO } else/{ moment } else/' 'moments stay subnormal'
mutant optimizers schedule.rs 's/T::from_u32(updates + 1)/T::from_u32(updates)/' 'a warm-up starts at 0'
mutant optimizers schedule.rs 's/end + (T::ONE - end)/(T::ONE - end)/' 'a cosine ends at 0'
mutant optimizers schedule.rs 's/const TERMS: u32 = 11/const TERMS: u32 = 8/' 'a cosine of 8 terms'
mutant optimizers clip.rs 's/\*g = -limit/*g = limit/' 'clipping by value loses the sign'

# The losses
mutant losses loss.rs 's/y.map(|y| y - largest)/y.map(|y| y)/' 'a softmax overflows'
mutant losses loss.rs 's/ \* mass - target/ - target/' 'a distribution is taken to sum to 1'
mutant losses loss.rs 's/(-y.abs()).exp()/(-y).exp()/' 'a logistic function overflows'
mutant losses loss.rs 's/error < -delta/error < T::ZERO - delta - delta/' "Huber's corner is too far out"

# The initialisers
mutant init init.rs 's/let overlap = dot(row, other);/let overlap = dot(row, other) * T::from_u32(2);/' \
    'rows are reflected, not projected'
mutant init init.rs 's|/ norm;|/ (norm * norm);|' 'rows have another norm than 1'
mutant init init.rs 's/T::ONE \/ size::<I, T>().sqrt()/T::ONE \/ size::<O, T>().sqrt()/' \
    'a readout is drawn by its outputs'
mutant init init.rs 's/T::from_u32(6)/T::from_u32(3)/' "Glorot's limit is too small"

# The guard
mutant guard learner.rs 's/check(x, NonFinite::Input)?;//' 'inputs are not looked at'
mutant guard learner.rs 's/check(target, NonFinite::Target)?;//' 'targets are not looked at'
mutant guard learner.rs 's/check(&state, NonFinite::State)?;//' 'the state is not looked at'
mutant guard learner.rs 's/finite(loss, NonFinite::Loss)?;\s*check(&d_y, NonFinite::Loss)?;//' \
    'the loss is not looked at'
mutant guard learner.rs 's/if !optimizer.is_safe([^{]*{/if false {/' 'an update is not looked at'
mutant guard learner.rs 's/finite(norm(&self.gradient), NonFinite::Gradient)?;//' \
    'clipping by value hides an infinity'
mutant guard learner.rs 's/let result = self.try_update();\s*self.drop_gradient();/let result = self.try_update(); if result.is_ok() { self.drop_gradient(); }/' \
    'a gradient that was refused stays'
mutant guard stream.rs 's/let step = self.steps;\s*self.steps = self.steps.saturating_add(1);/self.steps += 1; let step = self.steps;/' \
    'the error names the step after'
mutant guard bounded.rs 's/(self \* self).is_finite()/self.is_finite()/' '1e38 is let in'

# The trainer
mutant trainer learner.rs 's/self.windows < self.batch/false/' 'a batch is not waited for'
mutant trainer stream.rs 's/self.fresh >= K1/self.fresh > K1/' 'a window is a step too long'
mutant trainer learner.rs 's/if targets == 0 {/if false {/' 'a window without a target is an update'
mutant trainer learner.rs 's/O::forget(&mut self.moments);//' 'a roll-back leaves the moments'
mutant trainer stream.rs 's/self.tape.reset(N::REST);\s*self.fresh = 0;/self.tape.reset(N::REST);/' \
    'a reset leaves the place in the window'
mutant trainer stream.rs 's/self.fresh = 0;\s*self.targets = 0;/self.fresh = 0;/' \
    'a reset leaves targets that wait'
mutant trainer learner.rs 's/stream.reset();\s*stream.count(result)/stream.count(result)/' \
    'the end of a sequence does not reset'
mutant trainer stream.rs 's/if !self.tape.is_empty() {/{/' 'a label alone is learned'
mutant trainer learner.rs 's/N::Scalar::ONE \/ N::Scalar::from_u32(self.targets)/N::Scalar::ONE/' \
    'a mean is a sum'
mutant optimizers learner.rs 's/.scaled(self.schedule.factor(self.updates))//' 'the schedule is ignored'
mutant trainer snapshot.rs 's/error.is_finite() && //' 'an infinite error is the best'

# What is frozen
mutant frozen frozen.rs 's/W::weights().backward::<K>([^;]*;//' 'no error passes through a frozen layer'
mutant frozen frozen.rs 's/W::weights().backward::<K>([^;]*;/if d_x.is_some() { & }/' \
    'the lowest layer, if frozen, has no initial error'
mutant frozen frozen.rs 's/put(&mut self.outputs, row, L::output(state));/put(\&mut self.outputs, 0, L::output(state));/' \
    'a frozen base records one step only'

# Weights in and out
mutant safetensors safetensors/import.rs 's/recurrent_kernel: transposed(&recurrent)/recurrent_kernel: recurrent/' \
    "PyTorch's square matrix is not transposed"
mutant safetensors safetensors/import.rs 's/a\[n\] += b\[n\];//' "one of PyTorch's biases is lost"
mutant safetensors safetensors/import.rs 's/tri!(take(&mut tensor, cell.kernel.as_mut_slice(), name));\s*tri!(take(&mut tensor, cell.recurrent_kernel.as_mut_slice(), name));/tri!(take(\&mut tensor, cell.recurrent_kernel.as_mut_slice(), name)); tri!(take(\&mut tensor, cell.kernel.as_mut_slice(), name));/' \
    'W_h on top of W_x'
mutant safetensors safetensors/import.rs 's/if !first.is_finite() {/if false {/' 'NaN is imported'
mutant safetensors safetensors/import.rs 's/if !a\[n\].is_finite() {/if false {/' "two biases' sum is infinite"
mutant safetensors safetensors/import.rs 's/if !tensor.shape.is(&wanted) {/if false {/' 'any shape is imported'
mutant safetensors safetensors/import.rs 's/if !tensor.dtype.is_float() {/if false {/' 'whole numbers are imported'
mutant safetensors safetensors/saved.rs 's/check(&S::TREE, &file, values)?;//' 'a file is loaded unchecked'
mutant safetensors safetensors/saved.rs 's/check_written(&S::TREE, [^;]*;//' 'NaN is saved'
mutant safetensors safetensors/tree.rs 's/next_multiple_of(8)/next_multiple_of(16)/' 'the size is not that of the file'
mutant safetensors_dtypes safetensors/dtype.rs 's/+ odd) >> times/+ 1) >> times/' 'ties are not to even'
mutant safetensors_dtypes safetensors/dtype.rs 's/873..897/874..897/' 'the least F64 are lost'
mutant safetensors_dtypes safetensors/dtype.rs 's/897..1151/897..1150/' 'the largest F64 are infinite'
mutant safetensors_dtypes safetensors/dtype.rs 's/0..0x0400 =>/0..0x0001 =>/' 'subnormal F16 are not'

# Files that are not what they seem
mutant safetensors_hostile safetensors.rs 's/if sum > self.data.len() {/if false {/' 'tensors overlap'
mutant safetensors_hostile safetensors.rs 's/tri!(file.check_order());//' 'bytes are nobody'"'"'s'
mutant safetensors_hostile safetensors.rs 's/if jumps > Self::JUMPS {/if false {/' 'a header is read again and again'
mutant safetensors_hostile safetensors.rs 's/if found.is_some() {/if false {/' 'the second of a name is taken'
mutant safetensors_hostile safetensors.rs 's/if core::str::from_utf8(header).is_err() {/if false {/' 'a header is not UTF-8'
mutant safetensors_hostile safetensors/header.rs 's/if bits % 8 == 0 =>/=>/' 'half a byte is none'
mutant safetensors_hostile safetensors/json.rs 's/number.checked_mul(10)/Some(number.wrapping_mul(10))/' 'a size overflows'
mutant safetensors_hostile safetensors/json.rs 's/Some(0) => return Err(self.expected("no leading zero")),/Some(0) => (*digit - b'"'0'"') as usize,/' \
    'a number begins with zero'
mutant safetensors_hostile safetensors/json.rs 's/\[0x20..=0xff, rest @ ..\]/[_, rest @ ..]/' 'a string has line breaks'
mutant safetensors_hostile safetensors/json.rs 's/Some((low @ 0xdc00..0xe000, rest))/Some((low @ 0xdc00.., rest))/' \
    'half a pair of surrogates'

# Checkpoints
mutant safetensors_hostile stream.rs 's/self.steps.saturating_add(1)/self.steps + 1/' 'a counter overflows'
mutant checkpoint checkpoint.rs 's/if crc == checksum(file) =>/=>/' 'the checksum is not looked at'
mutant checkpoint checkpoint.rs 's/0xedb8_8320/0xedb8_8321/' 'the checksum is not the CRC-32'
mutant checkpoint checkpoint.rs 's/sequence(b).ok() > sequence(a).ok()/sequence(b).ok() < sequence(a).ok()/' \
    'the older slot is chosen'
mutant checkpoint checkpoint.rs 's/load(value, older.1).map(|sequence| (older.0, sequence)).or(Err(error))/Err(error)/' \
    'a foreign checkpoint hides a whole one'
mutant checkpoint tape.rs 's/fresh: usize,\s*} where/} where/' 'the place in the window is not saved'
mutant checkpoint record.rs 's/errors: Vec<\[T; N\], K>,\s*});/});/' 'errors that wait are not saved'
mutant checkpoint learner.rs 's/ net: N,\s*gradient: N,/ net: N,/' 'a batch half full is not saved'
mutant checkpoint optimizer/adam.rs 's/corrections: \[P::Scalar; 2\],\s*});/});/' 'the count of updates is not saved'
mutant checkpoint snapshot.rs 's/, worse: u32 });/ });/' "a snapshot's patience is not saved"
mutant checkpoint safetensors/values.rs 's/self.truncate(len);//' 'rows that were not there are read'

# The scalars and the generator
mutant tanh tanh.rs 's/2.402_264_8e-1/2.402_368_8e-1/' 'a coefficient is off by 1e-5'
mutant traps tanh.rs 's/a < SATURATED/a < f32::MAX/' 'tanh overflows'
mutant traps tanh.rs 's|x // NaN|1.0|' 'tanh turns NaN into a number'
mutant init init.rs 's/stream << 1 | 1/stream << 1/' 'the generator is not PCG32'

if [[ $failed != 0 ]]; then
    echo 'not every mutant is caught'
    exit 1
fi
echo 'every mutant is caught'
