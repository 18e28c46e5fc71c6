//! The ports of [`service`], implemented over AWS.

pub mod answer;
pub mod bucket;
mod clients;
pub mod connection;
pub mod contents;
mod endpoints;
mod partitions;
mod patience;
pub mod receiving;
pub mod scheduler;
pub mod table;
