//! A function that does nothing but respond: the baseline of the others' start (see README, Speed).

use functions::runtime::{self, Handled};
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::run(async |event| Handled { response: Ok(event), decisions: Vec::new() }).await
}
