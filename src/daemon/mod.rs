//! Images in a daemon that speaks Docker's Engine API: Docker, and Podman's socket.
//!
//! | file | what it knows |
//! |---|---|
//! | `name` | what images are called there |
//! | `place` | where the daemon listens: `DOCKER_HOST`, contexts |
//! | `client` | the requests |

mod client;
mod name;
mod place;

pub use client::{Daemon, load};
pub use name::DaemonImage;
