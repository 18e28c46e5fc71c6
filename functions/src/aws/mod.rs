//! The ports of [`service`], implemented over AWS.

pub mod bucket;
pub mod connection;
pub mod scheduler;
pub mod table;
