//! The AWS edge of mfa-relay.
//!
//! Each program in `bin/` reads its [environment], connects to what it uses and [runs](runtime) one job of [`service`]. All shapes
//! of AWS live here: [`event`] reads what comes in, [`aws`] implements the job's ports, [`log`] writes one line for
//! each decision, with the [metrics](metric) in it. Only [`setup`] is a job of this edge alone.

pub mod aws;
pub mod environment;
pub mod event;
pub mod log;
pub mod metric;
pub mod runtime;
pub mod setup;
