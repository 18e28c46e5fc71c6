//! EventBridge Scheduler: a one-shot schedule for each request, deleted once it has run.

use super::connection::{Connection, unavailable};
use crate::event::schedule::WindowEnd;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::BuildError;
use aws_sdk_scheduler::types::{ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use relay::id::RequestId;
use relay::secret::Tag;
use service::ports::{Schedule, Unavailable};

const OPERATION: &str = "scheduler:CreateSchedule";

/// The stack's schedule group, and the function that its schedules invoke.
pub struct Scheduler {
    client: Client,
    group: String,
    expire_arn: String,
    role_arn: String,
}

impl Scheduler {
    /// Schedules in `group` invoke the function `expire_arn` with the role `role_arn`.
    pub fn new(connection: &Connection, group: String, expire_arn: String, role_arn: String) -> Self {
        Self { client: Client::from_conf(connection.scheduler().build()), group, expire_arn, role_arn }
    }
}

impl Schedule for Scheduler {
    async fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> Result<(), Unavailable> {
        let input = WindowEnd { tag: tag.clone(), request: request.clone() }.to_json();
        let target = Target::builder().arn(&self.expire_arn).role_arn(&self.role_arn).input(input.to_string());
        let not_flexible = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off);
        self.client
            .create_schedule()
            .name(request.as_str())
            .group_name(&self.group)
            .schedule_expression(at_expression(at))
            .flexible_time_window(not_flexible.build().map_err(incomplete)?)
            .target(target.build().map_err(incomplete)?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .send()
            .await
            .map_err(unavailable(OPERATION))?;
        Ok(())
    }
}

/// Formats a one-shot schedule expression in UTC: `at(2026-11-21T20:05:00)`
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time>).
fn at_expression(at: Timestamp) -> String {
    format!("at({})", at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S"))
}

#[allow(clippy::needless_pass_by_value, reason = "the signature that map_err takes")]
fn incomplete(error: BuildError) -> Unavailable {
    Unavailable { operation: OPERATION, cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_expression_is_in_utc() {
        let at = "2026-11-21T20:05:00Z".parse().expect("a timestamp");
        assert_eq!(at_expression(at), "at(2026-11-21T20:05:00)");
    }
}
