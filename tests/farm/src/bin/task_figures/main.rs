//! Measures tasks: how many a second the queue carries beside other queues on the same databases, and how long it takes
//! from `POST /task` to the first touch of the phone with a thousand other phones at work. Prints each figure beside its
//! limit; ends with 1 where one is over it. Run by `make bench`, as a release build.

mod dispatch;
mod queue;

use std::process::ExitCode;

use farm::figures::ended;

#[tokio::main]
async fn main() -> ExitCode {
    ended(measure().await)
}

async fn measure() -> std::io::Result<bool> {
    let mut good = dispatch::measure().await?;
    good &= queue::measure().await?;
    Ok(good)
}
