// Written by `cargo run -p header`: change the Rust, not this.

#ifndef OSCILLATION_H
#define OSCILLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if UINTPTR_MAX == 0xFFFFFFFF
#define OSCILLATION_BYTES OSCILLATION_BYTES_32
#else
#define OSCILLATION_BYTES OSCILLATION_BYTES_64
#endif

#ifndef ELMAN_ALIGNED
#define ELMAN_ALIGNED(n) __attribute__((aligned(n)))
#endif

// A row of another length is an error, as it is in newer compilers by itself.
#ifdef __GNUC__
#ifndef __cplusplus
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
#endif
#endif

// The bytes of a network on cores with 32-bit pointers.
#define OSCILLATION_BYTES_32 3480

// The bytes of a network on cores with 64-bit pointers.
#define OSCILLATION_BYTES_64 3520

// The numbers of an input.
#define OSCILLATION_INPUTS 1

// The numbers of an output, and of a target.
#define OSCILLATION_OUTPUTS 1

// The weights.
#define OSCILLATION_WEIGHTS 89

// The bytes of a checkpoint.
#define OSCILLATION_CHECKPOINT_BYTES 4268

// The multiply-accumulates of a window, about: all that is pending takes.
#define OSCILLATION_MACS 7387

// What a call comes back with. After anything but `OK` all is as it was, but for what is said here.
enum elman_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Done.
  ELMAN_STATUS_OK = 0,
  // A pointer is null, or not aligned as its type asks for.
  ELMAN_STATUS_POINTER = 1,
  // A length is not that of the file.
  ELMAN_STATUS_LENGTH = 2,
  // The network was not started: call its `init` first.
  ELMAN_STATUS_NOT_STARTED = 3,
  // The learning rate is not above 0, or not finite.
  ELMAN_STATUS_LEARNING_RATE = 4,
  // An input is not finite or too large. The sample was rejected.
  ELMAN_STATUS_INPUT = 5,
  // A target is not finite or too large. The sample was rejected.
  ELMAN_STATUS_TARGET = 6,
  // The state or the loss would not be finite. The sample was rejected.
  ELMAN_STATUS_SAMPLE = 7,
  // The network has diverged: call `init`, or `load` a checkpoint. The sample was rejected.
  ELMAN_STATUS_DIVERGED = 8,
  // The gradient or the updated weights are not finite. This update was skipped.
  ELMAN_STATUS_UPDATE_SKIPPED = 9,
  // The file is not a checkpoint.
  ELMAN_STATUS_NOT_A_CHECKPOINT = 10,
  // The checkpoint is cut short or changed.
  ELMAN_STATUS_TORN = 11,
  // The checkpoint is of another network, `K1`, `K2` or optimiser.
  ELMAN_STATUS_OTHER_PROGRAM = 12,
  // The weight file is not valid, or its tensors are not those of the network.
  ELMAN_STATUS_WEIGHTS = 13,
  // A number to be saved or loaded is not finite.
  ELMAN_STATUS_NON_FINITE = 14,
  // Something that this version of the interface does not know.
  ELMAN_STATUS_UNKNOWN = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum elman_status elman_status;
#else
typedef int32_t elman_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A network, its optimiser and its window. Reserve one, and give it to `init` first.
typedef struct ELMAN_ALIGNED(8) {
  uint8_t memory[OSCILLATION_BYTES];
} oscillation;

// An input.
typedef struct {
  float x[OSCILLATION_INPUTS];
} oscillation_input;

// An output, or a target.
typedef struct {
  float y[OSCILLATION_OUTPUTS];
} oscillation_output;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The text of a status, in English. Never null.
const char *elman_status_text(int32_t status);

// Starts, or starts anew, with first weights drawn from `seed`.
elman_status oscillation_init(oscillation *net, float learning_rate, uint64_t seed);

// One step without a target: writes the output.
elman_status oscillation_step(oscillation *net, const oscillation_input *x, oscillation_output *y);

// One step with a target, to learn from: writes the output and its loss. It learns nothing yet.
//
// If work is pending for a whole window of samples, it does that first.
elman_status oscillation_observe(oscillation *net,
                                 const oscillation_input *x,
                                 const oscillation_output *target,
                                 oscillation_output *y,
                                 float *loss);

// Whether a window is full and `learn` has work to do. Not of a network that was not started.
bool oscillation_is_pending(const oscillation *net);

// Does a slice of the pending work, of about `macs` multiply-accumulates.
elman_status oscillation_learn(oscillation *net, size_t macs);

// Does all pending work, and starts a new sequence. The weights stay.
elman_status oscillation_reset(oscillation *net);

// Does all pending work, and writes a checkpoint with a sequence number of yours.
elman_status oscillation_save(oscillation *net,
                              uint32_t sequence,
                              uint8_t (*file)[OSCILLATION_CHECKPOINT_BYTES]);

// Does all pending work, and reads a checkpoint, in place; writes its sequence number.
//
// The network must be started. Its learning rate stays. The file may be longer than a checkpoint.
elman_status oscillation_load(oscillation *net,
                              const uint8_t *file,
                              size_t length,
                              uint32_t *sequence);

// As `load`, of the newer one of two checkpoints that is whole. Both slots are `length` bytes long.
elman_status oscillation_load_newest(oscillation *net,
                                     const uint8_t *a,
                                     const uint8_t *b,
                                     size_t length,
                                     uint32_t *sequence);

// Does all pending work, and reads what fits of a checkpoint that another firmware wrote, with another
// optimiser, `K1` or `K2`; writes how many tensors were left out. If the layers have other sizes
// some weights may fit by chance: `load_weights` first, and go on without the checkpoint if it fails.
elman_status oscillation_load_matching(oscillation *net,
                                       const uint8_t *file,
                                       size_t length,
                                       uint32_t *left_out);

// Does all pending work, and reads weights from a safetensors file, such as one that was trained at a
// desk. The names of its tensors begin with `prefix`: "" if they are those of the network,
// "net." in a file of the example `replay`, "learner.net." in a checkpoint.
elman_status oscillation_load_weights(oscillation *net,
                                      const uint8_t *file,
                                      size_t length,
                                      const char *prefix);

// Copies the weights, tensor by tensor, in the order of the network's layers.
elman_status oscillation_weights(const oscillation *net, float (*to)[OSCILLATION_WEIGHTS]);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* OSCILLATION_H */


#ifdef __cplusplus
static_assert(sizeof(oscillation) == OSCILLATION_BYTES, "the storage of a network has its size");
static_assert(alignof(oscillation) == 8, "the storage of a network is aligned");
#else
_Static_assert(sizeof(oscillation) == OSCILLATION_BYTES, "the storage of a network has its size");
_Static_assert(_Alignof(oscillation) == 8, "the storage of a network is aligned");
#endif
