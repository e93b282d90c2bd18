use super::*;

fn words(line: &str) -> Vec<String> {
    line.split_ascii_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_wrapper_yields_its_command() {
    for line in [
        "tini -g -- PROGRAM -x",
        "tini -p SIGTERM -- PROGRAM -x",
        "docker-init PROGRAM -x",
        "dumb-init --rewrite 15:3 -- PROGRAM -x",
        "dumb-init -r15:3 PROGRAM -x",
        "env -i -u HOME A=b PROGRAM -x",
        "env --unset=HOME PROGRAM -x",
        "exec -a name PROGRAM -x",
        "gosu app:app PROGRAM -x",
        "su-exec 1000 PROGRAM -x",
        "setpriv --reuid=1000 --regid 1000 --init-groups PROGRAM -x",
        "nice -n 10 PROGRAM -x",
        "nice -10 PROGRAM -x",
        "nohup PROGRAM -x",
        "timeout -k 5 -s KILL 30 PROGRAM -x",
        "timeout --signal=KILL 30 PROGRAM -x",
        "stdbuf -oL -e 0 PROGRAM -x",
        "chroot --userspec=app / PROGRAM -x",
        "sudo -E -u app A=b PROGRAM -x",
        "runuser -u app -- PROGRAM -x",
        "catatonit -- PROGRAM -x",
        "s6-setuidgid app PROGRAM -x",
        "xargs -0 -n 1 -I{} PROGRAM -x",
        "xargs --replace PROGRAM -x",
        "xargs --max-lines --process-slot-var SLOT PROGRAM -x",
        "time -p PROGRAM -x",
        "flock -n /run/lock PROGRAM -x",
        "chpst -u app PROGRAM -x",
        "busybox PROGRAM -x",
        "find . -name x -exec PROGRAM -x ;",
        "entr -rc PROGRAM -x",
        "start-stop-daemon --start --quiet --pidfile /run/x --exec PROGRAM -- -x",
        "start-stop-daemon -S -x /other -a PROGRAM -- -x",
        "start-stop-daemon --start --quiet --exec PROGRAM --pidfile /run/x.pid -- -x",
        "start-stop-daemon -S -b -x /usr/bin/perl -a PROGRAM -- -x",
        "start-stop-daemon --start --startas=PROGRAM --exec /bin/other -- -x",
        "supervise-daemon web --start PROGRAM --pidfile /run/x.pid -- -x",
    ] {
        let all = words(line);
        let (name, args) = all.split_first().unwrap();
        let Some(Wrapped::Command { argv, .. }) = unwrap(name, args) else { panic!("{line}: no command") };
        assert_eq!(argv, ["PROGRAM", "-x"], "{line}");
    }
}

#[test]
fn some_pass_code_to_a_shell() {
    for (line, code) in [
        ("script -q -c CODE /dev/null", "CODE"),
        ("script -qec CODE /dev/null", "CODE"),
        ("script --command=CODE", "CODE"),
        ("watch -n 5 a -b", "a -b"),
        ("entr -s CODE", "CODE"),
        ("parallel -j 4 a -b {} ::: x y", "a -b x\na -b y"),
        ("parallel ::: a b", "a\nb"),
    ] {
        let all = words(line);
        let (name, args) = all.split_first().unwrap();
        assert_eq!(unwrap(name, args), Some(Wrapped::Code(code.to_owned())), "{line}");
    }
}

#[test]
fn find_runs_several_commands() {
    let args = words(". -exec a {} ; -o -execdir b {} +");
    let (first, rest) = found(&args).unwrap();
    assert_eq!((first, found(rest).unwrap().0), (words("a {}"), words("b {}")));
}

#[test]
fn env_splits_its_string_and_keeps_assignments() {
    let args = ["-S", "A=b PROGRAM -u", "script"].map(str::to_owned);
    let Some(Wrapped::Command { assignments, argv }) = unwrap("env", &args) else { panic!() };
    assert_eq!((assignments, argv), (vec!["A=b"], words("PROGRAM -u script")));
    let args = ["-vSPROGRAM -u".to_owned()];
    let Some(Wrapped::Command { argv, .. }) = unwrap("env", &args) else { panic!() };
    assert_eq!(argv, ["PROGRAM", "-u"]);
}

#[test]
fn su_passes_code_or_starts_a_shell() {
    let args = ["-", "app", "-c", "gunicorn app:app"].map(str::to_owned);
    assert_eq!(unwrap("su", &args), Some(Wrapped::Code("gunicorn app:app".to_owned())));
    assert_eq!(unwrap("runuser", &args), Some(Wrapped::Code("gunicorn app:app".to_owned())));
    assert_eq!(unwrap("su", &words("- app")), Some(Wrapped::Shell));
    assert_eq!(unwrap("sudo", &words("-i")), Some(Wrapped::Shell));
}

#[test]
fn whatever_is_unwrapped_is_a_wrapper() {
    let line = words("-u app -c x --start x --exec x -exec x ; x");
    let names = ["runuser", "supervise-daemon", "su", "find", "tini", "chroot", "parallel", "script", "doas", "time"];
    for name in names {
        assert!(unwrap(name, &line).is_some() && is_wrapper(name), "{name}");
    }
    for name in ["gunicorn", "sh", "eval", ""] {
        assert!(unwrap(name, &line).is_none() && !is_wrapper(name), "{name}");
    }
    assert!(runs_words("sh") && runs_words("eval") && runs_words("exec") && !runs_words("gunicorn"));
}

#[test]
fn other_programs_are_not_wrappers() {
    assert_eq!(unwrap("gunicorn", &words("-b x app:app")), None);
    assert_eq!(unwrap("find", &words(". -name x")), None);
    assert_eq!(unwrap("env", &[]), Some(Wrapped::Nothing));
}
