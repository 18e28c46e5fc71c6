//! The ports of [`service`], implemented over AWS.

pub mod answer;
pub mod bucket;
pub mod connection;
pub mod contents;
mod patience;
pub mod receiving;
pub mod scheduler;
pub mod table;
