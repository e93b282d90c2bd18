//! What running code asks for other than by import statements: computed imports, listings, resources, entry points,
//! libraries, commands. Most answers are given at once; what may be answered later is kept in [`Asking`].

mod answered;
mod calls;
mod commands;
mod computed;
mod constants;
mod entry_points;
mod extension;
mod importers;
mod lazy;
mod libraries;
mod listing;
mod named;
mod namespaces;
mod open;
mod packages;
mod paths;
mod resources;
mod search_path;
mod shared;
mod strings;
mod values;

pub(super) use open::Asking;
