//! ELF files: what they load.
