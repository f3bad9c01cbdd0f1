//! The leaky cell, GRU and minGRU against PyTorch, Keras, finite differences and full BPTT.

mod common;

#[path = "cells/frameworks.rs"]
mod frameworks;
#[path = "cells/import.rs"]
mod import;
#[path = "cells/leaky.rs"]
mod leaky;
#[path = "cells/rtrl.rs"]
mod rtrl;
#[path = "cells/runs.rs"]
mod runs;
