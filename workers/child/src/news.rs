//! News of a descriptor, for those who wait in an async runtime.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Something that can be waited for until there is something to read.
#[expect(
    deprecated,
    reason = "what replaces it is unsafe for the sake of types that may swap their descriptor; ours may not"
)]
pub(crate) fn of(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}
