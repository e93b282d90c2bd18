//! Tests of the whole analysis, one for every form in which Python code names other files: each wants the named
//! file reached and a file of the same kind, that nothing names, not reached.

mod assumptions;
mod codecs;
mod collecting;
mod commands;
mod computed;
mod conditions;
mod data;
mod environments;
mod extensions;
mod imports;
mod indirect;
mod lazy;
mod liveness;
mod names;
mod namespaces;
mod plugins;
mod precision;
mod programs;
mod rules;
mod scene;
mod search_path;

use scene::Scene;
