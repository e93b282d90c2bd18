//! Programs in archives: on the image's own interpreter, or on one that they bring along.

use std::sync::Arc;

use super::resolver::Python;
use super::search::environment::{self, Environment};
use crate::reach::bundle::Bundle;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

impl Python<'_> {
    /// An archive of modules was read that runs.
    pub(super) fn take_bundle(&mut self, trace: &mut Trace<'_>, file: NodeId, bundle: &Arc<Bundle>) {
        if let Some(version) = bundle.frozen {
            let env = self.add_frozen(trace, file, version);
            self.run_bundle(env, file, bundle);
            return;
        }
        self.given.bundles.push((file, bundle.clone()));
        for env in self.reaching.search.environments() {
            self.run_bundle(env, file, bundle);
        }
    }

    /// Runs the modules of an archive, unless they run there already. On an interpreter that a program brings along that is
    /// what lies beside it.
    pub(super) fn run_bundle(&mut self, env: usize, file: NodeId, bundle: &Bundle) {
        let (tree, environment) = (&self.rootfs.tree, self.reaching.search.environment(env));
        let beside = || tree.is_within(file, tree.parent(environment.stdlib));
        let runs = bundle.frozen.is_some() || !environment.is_frozen || beside();
        if runs && !self.has_zip(env, file) {
            self.run_members(env, file, &bundle.members);
        }
    }

    /// A library of an interpreter without a standard library: that is in an archive, or among modules that are there
    /// without source (cx_Freeze).
    pub(super) fn take_frozen_library(&mut self, trace: &mut Trace<'_>, library: NodeId) {
        let tree = &self.rootfs.tree;
        if self.owners.of(library).is_some() || !environment::discover(self.rootfs, self.ctx, library).is_empty() {
            return;
        }
        let Some(version) = environment::version_in(tree.name(library)) else { return };
        let envs = self.reaching.search.environments();
        if envs.into_iter().all(|env| self.reaching.search.environment(env).stdlib != library) {
            let env = self.add_frozen(trace, library, version);
            self.take_given(trace, env);
        }
    }

    fn add_frozen(&mut self, trace: &mut Trace<'_>, file: NodeId, version: (u8, u8)) -> usize {
        let env = self.reaching.search.add_environment(Environment::frozen(file, version, self.ctx));
        self.reaching.set_off_by_start(trace, env, file);
        env
    }
}
