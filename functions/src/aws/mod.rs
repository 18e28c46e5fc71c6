//! The ports of [`service`], implemented over AWS.

pub mod bucket;
pub mod bucket_contents;
mod clients;
pub mod connection;
mod endpoints;
mod partitions;
pub mod receipt_rule;
pub mod response;
mod retry;
pub mod rule_set;
pub mod scheduler;
pub mod table;
