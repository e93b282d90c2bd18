//! The program as people run it, on images that the tests write themselves: no network, no daemon, no root.

mod archive;
mod assumptions;
mod bench;
mod bytecode;
mod cache;
mod daemon;
mod dedupe;
mod diff;
mod doubts;
mod failures;
mod fleet;
mod inputs;
mod labels;
mod limits;
mod memory;
mod outputs;
mod platforms;
mod profiles;
mod properties;
mod registry;
mod registry_server;
mod reports;
mod sbom;
mod usage;
