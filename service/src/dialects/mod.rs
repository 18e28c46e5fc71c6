//! Dialects: other programs' protocols, spoken over prestage and status so that those programs work unchanged (DESIGN
//! section 3.5). Each is a translation and has no rules of its own.

pub mod pyaarlo;
