//! Conditional writes: an item is written only if the revision that was read is still stored.

use super::{Item, Table, number, unavailable};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use service::ports::{Unavailable, WriteOutcome};

impl Table {
    /// Puts an item if the stored one has the revision `read`; `None` means that none may be stored.
    ///
    /// A condition that does not hold is an outcome, not an error. The SDK retries a write whose answer was lost: then the
    /// item that is in the way is the one that was put.
    pub(super) async fn put_if_unchanged(&self, item: Item, read: Option<u32>) -> Result<WriteOutcome, Unavailable> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match read {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(revision) => put
                .condition_expression("revision = :read")
                .expression_attribute_values(":read", number(i64::from(revision))),
        };
        let Err(error) = put.send().await else { return Ok(WriteOutcome::Written) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let is_ours = refused.item().is_some_and(|stored| *stored == item);
                Ok(if is_ours { WriteOutcome::Written } else { WriteOutcome::Conflict })
            }
            _ => Err(unavailable("dynamodb:PutItem")(error)),
        }
    }
}
