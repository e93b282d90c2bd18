//! Images in registries, by the OCI distribution specification.
//!
//! | file | what it knows |
//! |---|---|
//! | `name`, `remote` | what images are called |
//! | `credentials` | what `docker login` and `podman login` leave, and helpers |
//! | `challenge`, `token` | what a registry asks for before it answers, and who gives it |
//! | `session` | requests: proofs, redirections, further tries |
//! | `pull` | manifests and blobs that are read |
//! | `push` | those that are written |
//! | `referrers` | documents about an image, beside it |
//! | `trouble` | what went wrong, and what to do |

mod challenge;
mod credentials;
mod name;
mod pull;
mod push;
mod referrers;
mod remote;
mod session;
mod token;
mod trouble;

pub use credentials::{Credentials, Login};
pub use name::ImageName;
pub use pull::{BlobReader, Manifest, manifest, small_blob};
pub use push::{Came, Content, blob, is_there, put_manifest, try_push};
pub use referrers::{Artifact, Subject, attach};
pub use remote::RemoteImage;
pub use session::{Access, Payload, Session};
pub use trouble::Trouble;
