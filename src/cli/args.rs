//! What the command line can say.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use bantam::analysis::Attachment;
use bantam::output::ImageName;
use bantam::report::{Limit, parse_size};
use bantam::sbom::Format;
use bantam::tarball::Counted;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::platforms::Wanted;
use super::sbom::BillFile;

const EXIT_STATUS: &str = "\
Exit status:
  0  done
  1  failed: the input cannot be used, or the output not be written
  2  the command line makes no sense
  3  `report --fail-over`: more could be removed than that; `--fail-on-growth`: it became larger by more than that
  4  `diff --exit-code`: the images differ
  5  `--strict`: something makes the result doubtful; `slim --from`: some images failed";

/// Makes built container images small without running them, and says why for every file.
#[derive(Debug, Parser)]
#[command(name = "bantam", version, after_help = EXIT_STATUS, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub general: General,
}

/// Options of every command.
#[derive(Debug, ClapArgs)]
pub struct General {
    /// Print nothing but errors (and what was asked for on standard output)
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show how far things are
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub progress: When,
    /// How many threads to use [default: one a processor]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// End with status 1 rather than take more memory than this: `512MB` [default: no limit]
    #[arg(long, global = true, value_name = "SIZE", value_parser = parse_size)]
    pub max_memory: Option<u64>,
}

/// When to do something that only makes sense on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// If standard error is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is, where that is safe
    #[default]
    On,
    /// It is not
    Off,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a smaller image
    Slim(Box<Slim>),
    /// Say what `slim` would remove
    Report(Report),
    /// Say how two images differ, or an image and what `slim` makes of it
    Diff(Diff),
    /// Add up the reports of many images, and what they take in a registry
    Summary(Summary),
    /// Say why a file stays or goes
    Why(Why),
    /// List the profiles, which name what goes and what stays
    Profiles(Profiles),
    /// Print a script that completes bantam's command line in a shell
    Completions(Completions),
    /// Print the manual page: of bantam, or of one of its commands
    Man(Man),
}

/// Which image.
#[derive(Clone, Debug, ClapArgs)]
pub struct Input {
    /// A file or directory, `docker://HOST/REPOSITORY[:TAG|@DIGEST]`, `docker-daemon:NAME[:TAG|@ID]`, `docker-archive:FILE[:REF]`, `oci:DIR[:REF]`, `oci-archive:FILE[:REF]`, `dir:DIR`, `rootfs:FILE`, or `-`
    #[arg(value_name = "IMAGE")]
    pub image: String,
    #[command(flatten)]
    pub means: Means,
}

/// Which of several images, and by what means it is read.
#[derive(Clone, Debug, ClapArgs)]
pub struct Means {
    /// Which of several platforms: `os/architecture[/variant]`; `slim` also takes `all`, or several (repeatable), and writes an index
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Vec<Wanted>,
    #[command(flatten)]
    pub registries: Registries,
    #[command(flatten)]
    pub resources: Resources,
}

/// How registries are reached.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Registries")]
pub struct Registries {
    /// Trust this certificate (PEM) besides those of the system, which `SSL_CERT_FILE` can name (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
    /// Speak to this host (and port) whatever its certificate, and in the clear if need be (repeatable)
    #[arg(long, value_name = "HOST")]
    pub insecure: Vec<String>,
}

/// What a run may use up, and what it says of that.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Resources")]
pub struct Resources {
    /// How much memory decompressed layers may take: `64MB`; more waits in unlinked files in the temporary directory
    #[arg(long, value_name = "SIZE", default_value = "32MiB", value_parser = parse_size)]
    pub memory: u64,
    /// Read an image that holds more of something than is usual (repeatable): `metadata`, `entries`, `holes` or `unpacked`,
    /// as in `holes=20GiB`: see docs/limits.md
    #[arg(long, value_name = "WHAT=N")]
    pub limit: Vec<RaisedLimit>,
    /// Keep what files were found to say in this directory, so that they are not analysed again
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// How large that directory may become
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size, requires = "cache")]
    pub cache_size: u64,
    /// Say on standard error how long each stage took
    #[arg(long)]
    pub timings: bool,
}

/// Another limit than usual: `WHAT=N`.
#[derive(Clone, Copy, Debug)]
pub struct RaisedLimit {
    pub counted: Counted,
    pub limit: u64,
}

impl FromStr for RaisedLimit {
    type Err = bantam::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || bantam::Error::Usage(format!("{text:?} is not of the form WHAT=N"));
        let (counted, limit) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Self { counted: counted.parse()?, limit: parse_size(limit)? })
    }
}

/// What goes and what stays.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "What goes")]
pub struct Selection {
    /// Use another profile too (repeatable)
    #[arg(long, value_name = "FILE")]
    pub profile: Vec<PathBuf>,
    /// Leave out a built-in profile (repeatable)
    #[arg(long, value_name = "NAME")]
    pub no_profile: Vec<String>,
    /// Leave out a rule by which something goes (repeatable); reports name them
    #[arg(long, value_name = "ID")]
    pub no_rule: Vec<String>,
    /// What is taken for granted about the program: `nothing` counts every import in reachable code, whether or not
    /// anything was found that runs it
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Assume::Usual)]
    pub assume: Assume,
    /// Remove what this glob names, directories with all that is in them (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub strip: Vec<String>,
    /// Keep what this glob names, whatever else says it goes (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub keep: Vec<String>,
    /// Keep the programs of a set, for debugging: `shell`, `net`, `python`, `trace` or one of a profile's (repeatable)
    #[arg(long, value_name = "SET", value_delimiter = ',')]
    pub keep_tools: Vec<String>,
    /// Do not obey the labels of the image, `bantam.strip` and the like: it has them from its base, too
    #[arg(long)]
    pub no_labels: bool,
    /// Do not use the profiles' strip rules
    #[arg(long)]
    pub no_strip: bool,
    /// Whether ELF files that stay lose debug information and symbols
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = Switch::On,
        default_missing_value = "on"
    )]
    pub strip_symbols: Switch,
    /// Do not remove files for not being reached
    #[arg(long)]
    pub no_prune: bool,
    /// Make identical files of packages hard links of one another: see docs/design.md for what that means
    #[arg(long)]
    pub dedupe: bool,
    /// What becomes of Python's byte code: it goes, and each start compiles what it imports (`strip`), or stays where it is valid
    /// for a module that stays (`keep`)
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Bytecode::Strip)]
    pub bytecode: Bytecode,
    /// Another command that the image is started with (repeatable)
    #[arg(long, value_name = "COMMAND")]
    pub entry: Vec<String>,
}

/// What becomes of byte code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Bytecode {
    /// It goes
    Strip,
    /// It stays where the interpreter would take it
    Keep,
}

/// How much is taken for granted about a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Assume {
    /// What docs/soundness.md lists
    Usual,
    /// Nothing
    Nothing,
}

impl From<Assume> for bantam::reach::Assume {
    fn from(assume: Assume) -> Self {
        match assume {
            Assume::Usual => Self::Usual,
            Assume::Nothing => Self::Nothing,
        }
    }
}

/// How a report is printed.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Report")]
pub struct Print {
    /// Print JSON, with every file: see docs/report-schema.md
    #[arg(long, conflicts_with_all = ["list", "markdown"])]
    pub json: bool,
    /// Print nothing but the paths of what goes
    #[arg(long, conflicts_with = "markdown")]
    pub list: bool,
    /// Print a summary in Markdown, for a comment on a pull request or a pipeline's job page
    #[arg(long)]
    pub markdown: bool,
    /// Write the report as one web page to a file, besides what is printed; of several platforms, `{platform}` in its name tells them apart
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How many of the largest files and packages to print
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Print one table of all that goes and stays instead, by this
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with_all = ["json", "list"])]
    pub by: Option<By>,
}

impl Print {
    /// Whether a report was asked for, where the default is none.
    pub fn is_wanted(&self) -> bool {
        self.json || self.list || self.markdown || self.by.is_some()
    }
}

/// What a table tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Why files go
    Category,
    /// The package, distribution or installation they belong to
    Owner,
    /// The layer that brought them
    Layer,
    /// The folders that say most
    Folder,
}

impl From<By> for bantam::report::By {
    fn from(by: By) -> Self {
        match by {
            By::Category => Self::Category,
            By::Owner => Self::Owner,
            By::Layer => Self::Layer,
            By::Folder => Self::Folder,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub struct Slim {
    /// A file or directory, `docker://HOST/REPOSITORY[:TAG|@DIGEST]`, `docker-daemon:NAME[:TAG|@ID]`, `docker-archive:FILE[:REF]`, `oci:DIR[:REF]`, `oci-archive:FILE[:REF]`, `dir:DIR`, `rootfs:FILE`, or `-`
    #[arg(value_name = "IMAGE", required_unless_present = "from", conflicts_with = "from")]
    pub image: Option<String>,
    /// Slim the images of a list, `SOURCE [TARGET [OPTIONS]]` a line, one after the other, but those that are there already, and print a line of JSON for each: see docs/fleet-schema.md. `-` is standard input
    #[arg(
        long,
        value_name = "LIST",
        help_heading = "Many images",
        conflicts_with_all = ["tag", "sbom", "digest_file", "dry_run", "json", "list", "markdown", "html", "by", "baseline"]
    )]
    pub from: Option<String>,
    /// Take only this part of the list, counted from 0 [default: as Kubernetes, Slurm or AWS Batch say it in the environment]
    #[arg(long, value_name = "I", requires = "from", help_heading = "Many images")]
    pub index: Option<u64>,
    /// How many parts the list has
    #[arg(long, value_name = "N", requires = "from", help_heading = "Many images")]
    pub of: Option<u64>,
    #[command(flatten)]
    pub means: Means,
    /// Where the new image goes; with --from for lines without TARGET, with `{repo}`, `{host}`, `{path}`, `{name}` and `{tag}` of the original's name in it: a file, `docker://HOST/REPOSITORY[:TAG]`, `docker-daemon:NAME[:TAG]`, `oci:DIR[:REF]`, `docker-archive:FILE[:NAME]`, `oci-archive:FILE[:REF]`, or `-`
    #[arg(long, short, value_name = "OUT", required_unless_present_any = ["dry_run", "from"])]
    pub output: Option<String>,
    #[command(flatten)]
    pub selection: Selection,
    /// How the layer is compressed: `gzip`, `zstd` or `none` [default: what OUT is usually compressed with]
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub compression: Option<String>,
    /// How hard to compress: 0 to 9 for gzip, 1 to 22 for zstd
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub level: Option<u32>,
    /// Name of the new image (repeatable) [default: those of the original]
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub tag: Vec<ImageName>,
    /// Write a bill of materials of the new image: `cyclonedx=FILE` or `spdx=FILE`, in JSON (repeatable); of several platforms, `{platform}` in its name tells them apart
    #[arg(long, value_name = "FORMAT=FILE", conflicts_with = "dry_run", help_heading = "Output")]
    pub sbom: Vec<BillFile>,
    /// Write the digest of the new image's manifest to a file
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run", help_heading = "Output")]
    pub digest_file: Option<PathBuf>,
    /// Attach documents to the image in its registry: `sbom` (CycloneDX), `spdx`, `report` (repeatable)
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        value_delimiter = ',',
        conflicts_with = "dry_run",
        help_heading = "Output"
    )]
    pub attach: Vec<Attach>,
    /// Write nothing and exit with status 5 if something makes the result doubtful
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
    #[command(flatten)]
    pub growth: Growth,
    /// Write nothing; print the report instead
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,
    /// How the report is printed: that of `--dry-run`, or on what was written
    #[command(flatten)]
    pub print: Print,
}

/// Comparison with an earlier report.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Since the last build")]
pub struct Growth {
    /// Say what became larger since this report, as `--json` prints it, by package
    #[arg(long, value_name = "REPORT")]
    pub baseline: Option<PathBuf>,
    /// Exit with status 3 if it is larger by more than this: `5%`, `1MB`, `0`. Of `report` that is the image as it is built, of `slim` the new one, which is not written then
    #[arg(long, value_name = "LIMIT", requires = "baseline")]
    pub fail_on_growth: Option<Limit>,
}

/// What can be attached to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attach {
    /// A bill of materials: CycloneDX
    Sbom,
    /// A bill of materials: SPDX
    Spdx,
    /// The JSON report
    Report,
}

/// What a line of a list can say besides source and target; it counts for that image, with the command's own options.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
pub struct LineOptions {
    /// As for all.
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<Wanted>,
    #[command(flatten)]
    pub selection: Selection,
    #[arg(long, value_name = "NAME")]
    pub compression: Option<String>,
    #[arg(long, value_name = "N")]
    pub level: Option<u32>,
}

impl Selection {
    /// What both say: lists one after the other, a switch if one of them throws it.
    pub fn with(&self, own: &Self) -> Self {
        fn both<T: Clone>(all: &[T], own: &[T]) -> Vec<T> {
            [all, own].concat()
        }
        Self {
            profile: both(&self.profile, &own.profile),
            no_profile: both(&self.no_profile, &own.no_profile),
            no_rule: both(&self.no_rule, &own.no_rule),
            assume: if own.assume == Assume::Nothing { own.assume } else { self.assume },
            strip: both(&self.strip, &own.strip),
            keep: both(&self.keep, &own.keep),
            keep_tools: both(&self.keep_tools, &own.keep_tools),
            no_labels: self.no_labels || own.no_labels,
            no_strip: self.no_strip || own.no_strip,
            strip_symbols: if own.strip_symbols == Switch::Off { own.strip_symbols } else { self.strip_symbols },
            no_prune: self.no_prune || own.no_prune,
            dedupe: self.dedupe || own.dedupe,
            bytecode: if own.bytecode == Bytecode::Keep { own.bytecode } else { self.bytecode },
            entry: both(&self.entry, &own.entry),
        }
    }
}

impl Slim {
    /// The image; an empty name where there is a list in place of it.
    pub fn input(&self) -> Input {
        Input { image: self.image.clone().unwrap_or_default(), means: self.means.clone() }
    }

    /// What is to be attached.
    pub fn attachments(&self) -> Vec<Attachment> {
        let attachment = |attach: &Attach| match attach {
            Attach::Sbom => Attachment::Bill(Format::CycloneDx),
            Attach::Spdx => Attachment::Bill(Format::Spdx),
            Attach::Report => Attachment::Report,
        };
        self.attach.iter().map(attachment).collect()
    }
}

#[derive(Debug, ClapArgs)]
pub struct Report {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub print: Print,
    /// Exit with status 3 if more than this could be removed: `20%`, `50MB`
    #[arg(long, value_name = "LIMIT", help_heading = "Report")]
    pub fail_over: Option<Limit>,
    #[command(flatten)]
    pub growth: Growth,
    /// Exit with status 5 if something makes the result doubtful
    #[arg(long, help_heading = "Report")]
    pub strict: bool,
    /// Write a bill of materials of the original: `cyclonedx=FILE` or `spdx=FILE`, in JSON (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Report")]
    pub sbom: Vec<BillFile>,
    #[command(flatten)]
    pub selection: Selection,
}

#[derive(Debug, ClapArgs)]
pub struct Summary {
    /// Reports as `report --json` and `slim --json` print them, or the lines of `slim --from`; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "from")]
    pub files: Vec<PathBuf>,
    /// Read the files that this list names, one a line; `-` is standard input
    #[arg(long, value_name = "LIST")]
    pub from: Option<String>,
    /// Print JSON: see docs/summary-schema.md
    #[arg(long, conflicts_with_all = ["csv", "markdown"])]
    pub json: bool,
    /// Print a table with a line an image: CSV
    #[arg(long, conflicts_with = "markdown")]
    pub csv: bool,
    /// Print it in Markdown
    #[arg(long)]
    pub markdown: bool,
    /// Write it as one web page to a file, besides what is printed
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How many rows of each list to print, as text and in Markdown
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
}

#[derive(Debug, ClapArgs)]
pub struct Diff {
    #[command(flatten)]
    pub input: Input,
    /// The image to compare it with [default: what `slim` makes of the first]
    #[arg(value_name = "OTHER")]
    pub other: Option<String>,
    /// Print JSON, with every file: see docs/diff-schema.md
    #[arg(long, conflicts_with = "list", help_heading = "Differences")]
    pub json: bool,
    /// Print nothing but the paths that differ, after `-`, `+` or `~`
    #[arg(long, help_heading = "Differences")]
    pub list: bool,
    /// How many of the largest differences to print
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Differences")]
    pub top: usize,
    /// Exit with status 4 if there is a difference
    #[arg(long, help_heading = "Differences")]
    pub exit_code: bool,
    #[command(flatten)]
    pub selection: Selection,
}

#[derive(Debug, ClapArgs)]
pub struct Why {
    #[command(flatten)]
    pub input: Input,
    /// A path or glob, a Python module (`json.tool`), a library (`libz.so.1`) or a command
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Print JSON: see docs/report-schema.md
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub selection: Selection,
}

#[derive(Debug, ClapArgs)]
pub struct Profiles {
    #[command(subcommand)]
    pub command: Option<ProfilesCommand>,
    /// Check and list another profile too (repeatable)
    #[arg(long, value_name = "FILE", global = true)]
    pub profile: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// Print a profile
    Show {
        /// Its name
        name: String,
    },
    /// Check a profile, and say what its rules do to an image or a directory
    Test(ProfileTest),
}

#[derive(Debug, ClapArgs)]
pub struct ProfileTest {
    /// The profile
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Analyse this image with the profile, and say what each rule does
    #[arg(long, value_name = "IMAGE", conflicts_with = "tree")]
    pub image: Option<String>,
    /// Say what strip, keep and owned rules name in this directory, taken as a root file system
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub struct Completions {
    /// Which shell
    pub shell: Shell,
}

#[derive(Debug, ClapArgs)]
pub struct Man {
    /// Which command
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn slim_needs_an_output_or_a_dry_run() {
        let parse = |args: &[&str]| Args::try_parse_from([&["bantam", "slim", "app.tar"], args].concat());
        assert!(parse(&["-o", "x.tar"]).is_ok());
        assert!(parse(&["--dry-run"]).is_ok());
        assert!(parse(&[]).is_err());
        assert!(parse(&["-o", "x.tar", "--threads", "0"]).is_err());
    }
}
