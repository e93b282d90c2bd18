//! Any bytes as a template or a configuration file, and as code in a language without an analyser; any text as a crontab, a unit, a
//! table of init and inetd, and as what logrotate, PAM and sshd read.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::text::read(bytes);
    let _ = bantam::reach::execline::read(bytes);
    use bantam::reach::foreign::Language;
    for language in [Language::Perl, Language::Ruby, Language::Php, Language::JavaScript, Language::Unknown] {
        let _ = bantam::reach::foreign::read(bytes, language);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = bantam::reach::crontab::read(text);
        let _ = bantam::reach::crontab::read_anacron(text);
        let _ = bantam::reach::logrotate::read(text);
        let _ = bantam::reach::login::stack(text);
        let _ = bantam::reach::login::keys(text);
        let _ = bantam::reach::inetd::read_inetd(text);
        let _ = bantam::reach::inetd::read_xinetd(text);
        let _ = bantam::reach::inittab::read(text);
        let _ = bantam::reach::units::read(text);
    }
});
