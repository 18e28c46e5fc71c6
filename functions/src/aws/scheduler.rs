//! EventBridge Scheduler: one-shot schedules, deleted once they have run.

use super::connection::{Connection, unavailable};
use crate::event::flood;
use crate::event::schedule::WindowEnd;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::BuildError;
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::types::{ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use relay::id::RequestId;
use relay::secret::Tag;
use serde_json::Value;
use service::ports::{Schedule, Unavailable};

const CREATE: &str = "scheduler:CreateSchedule";
const UPDATE: &str = "scheduler:UpdateSchedule";

/// The schedule that ends a pause of receiving. A stack has one at most; the rights in the template name it.
const RESUME_RECEIVING: &str = "resume-receiving";

/// The stack's schedule group, and the function that its schedules invoke.
pub struct Scheduler {
    client: Client,
    group: String,
    function_arn: String,
    role_arn: String,
}

impl Scheduler {
    /// Schedules in `group` invoke the function `function_arn` with the role `role_arn`.
    pub fn new(connection: &Connection, group: String, function_arn: String, role_arn: String) -> Self {
        Self { client: Client::from_conf(connection.scheduler().build()), group, function_arn, role_arn }
    }

    fn target(&self, input: &Value) -> Result<Target, Unavailable> {
        let target = Target::builder().arn(&self.function_arn).role_arn(&self.role_arn).input(input.to_string());
        target.build().map_err(incomplete)
    }

    /// Schedules the end of a pause of receiving. An earlier one is replaced: the pause is counted from the last flood.
    ///
    /// # Errors
    /// Scheduler did not answer.
    pub async fn schedule_resume(&self, at: Timestamp) -> Result<(), Unavailable> {
        let target = self.target(&flood::resume())?;
        let create = self
            .client
            .create_schedule()
            .name(RESUME_RECEIVING)
            .group_name(&self.group)
            .schedule_expression(at_expression(at))
            .flexible_time_window(not_flexible()?)
            .target(target.clone())
            .action_after_completion(ActionAfterCompletion::Delete);
        match create.send().await {
            Ok(_) => return Ok(()),
            Err(error) if error.as_service_error().is_some_and(CreateScheduleError::is_conflict_exception) => {}
            Err(error) => return Err(unavailable(CREATE)(error)),
        }
        self.client
            .update_schedule()
            .name(RESUME_RECEIVING)
            .group_name(&self.group)
            .schedule_expression(at_expression(at))
            .flexible_time_window(not_flexible()?)
            .target(target)
            .action_after_completion(ActionAfterCompletion::Delete)
            .send()
            .await
            .map_err(unavailable(UPDATE))?;
        Ok(())
    }
}

impl Schedule for Scheduler {
    async fn schedule_end(&self, tag: &Tag, request: &RequestId, at: Timestamp) -> Result<(), Unavailable> {
        let input = WindowEnd { tag: tag.clone(), request: request.clone() }.to_json();
        self.client
            .create_schedule()
            .name(request.as_str())
            .group_name(&self.group)
            .schedule_expression(at_expression(at))
            .flexible_time_window(not_flexible()?)
            .target(self.target(&input)?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .send()
            .await
            .map_err(unavailable(CREATE))?;
        Ok(())
    }
}

fn not_flexible() -> Result<FlexibleTimeWindow, Unavailable> {
    FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().map_err(incomplete)
}

/// Formats a one-shot schedule expression in UTC: `at(2026-11-21T20:05:00)`
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time>).
fn at_expression(at: Timestamp) -> String {
    format!("at({})", at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S"))
}

#[allow(clippy::needless_pass_by_value, reason = "the signature that map_err takes")]
fn incomplete(error: BuildError) -> Unavailable {
    Unavailable { operation: CREATE, cause: error.to_string() }
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
