//! Conditional writes: an item is kept only where what was read still stands.

use super::{Item, Table, unavailable};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use service::port::{Answer, Kept};

impl Table {
    /// A put of an item, ready for its condition.
    pub(super) fn conditional_put(&self, item: &Item) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

/// What became of a conditional put. A condition that does not hold is an outcome, not a failure.
///
/// The SDK tries again when an answer is lost on its way. Then the item that stands in the way is the one that was put.
pub(super) fn kept<T>(put: Result<T, SdkError<PutItemError>>, item: &Item) -> Answer<Kept> {
    let Err(error) = put else { return Ok(Kept::Yes) };
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refused)) => {
            let is_ours = refused.item().is_some_and(|standing| standing == item);
            Ok(if is_ours { Kept::Yes } else { Kept::Changed })
        }
        _ => Err(unavailable("dynamodb:PutItem")(error)),
    }
}
