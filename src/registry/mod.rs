//! Images in registries: what they are called.

mod name;
mod remote;

pub use name::ImageName;
pub use remote::RemoteImage;
