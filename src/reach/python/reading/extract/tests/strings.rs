//! Strings and patterns.

use super::*;

#[test]
fn strings_that_may_name_something() {
    let source = "x = ['gunicorn.workers.sync.SyncWorker', 'mod:attr', '/etc/mime.types', 'libssl.so.3', 'not a name', '', '...', 'a\\\\b', 'http://x.y/z', 'django.contrib.admin', 'a.b' '.c']\n";
    let expected = [
        "gunicorn.workers.sync.SyncWorker",
        "mod:attr",
        "/etc/mime.types",
        "libssl.so.3",
        "django.contrib.admin",
        "a.b.c",
    ];
    assert_eq!(strings(&module(source)), expected);
}

#[test]
fn identifiers_in_strings_are_names() {
    let names = |source: &str| module(source).names.iter().collect::<Vec<_>>().join(" ");
    assert_eq!(names("x = 'pkg.mod:Class'\n"), "Class mod pkg");
    assert_eq!(names("__slots__ = ('a', 'b')\n"), "a b");
    assert_eq!(names("x = '.rel', 'a/b', 'c-d'\n"), "rel");
}

#[test]
fn docstrings_are_no_strings() {
    let facts = facts("'doc.mod'\ndef f():\n    'doc.fun'\n    return 'x.y'\n");
    assert_eq!(strings(&facts.units[0]), [] as [&str; 0]);
    assert_eq!(strings(&facts.units[1]), ["x.y"]);
}

#[test]
fn strings_are_kept_once_a_scope() {
    let unit = module("x = 'a.b'\ny = 'a.b'\n");
    assert_eq!(unit.strings.len(), 1);
    assert_eq!(unit.strings[0].line, 1);
    let long = format!("x = '{}'\n", "a".repeat(256));
    assert_eq!(strings(&module(&long)), [] as [&str; 0]);
}

#[test]
fn literal_parts_of_a_pattern_are_no_strings() {
    let unit = module("a = f'pkg_{x}'\nb = 'pre_' + x\nc = 'mid_%s' % x\nd = 'post_{}'.format(x)\n");
    assert_eq!(strings(&unit), [] as [&str; 0]);
    assert_eq!(unit.patterns.len(), 4);
}

#[test]
fn f_strings() {
    assert_eq!(patterns("f'a{b}cd{e!r}f{g:>3}'\n"), ["a*cd*f*"]);
    assert_eq!(patterns("f'{\"ab\"}.{c}'\n"), ["ab.*"]);
    assert_eq!(patterns("'ab' f'{{{c}}}'\n"), [] as [&str; 0]);
    assert_eq!(patterns("f'{a}.{b}'\n"), [] as [&str; 0]);
    assert_eq!(patterns("f'cannot open {a}'\n"), [] as [&str; 0]);
}

#[test]
fn percent_formatting() {
    assert_eq!(patterns("'ab%s.%s' % (x, 'cd')\n"), ["ab*.cd"]);
    assert_eq!(patterns("'ab%%.%d' % x\n"), [] as [&str; 0]);
    assert_eq!(patterns("'ab_%-10.3d_%(n)s' % x\n"), ["ab_*_*"]);
    assert_eq!(patterns("'ab_%(n)s_%(m)s' % {'n': 'x', 'm': y}\n"), ["ab_x_*"]);
    assert_eq!(patterns("'%s.%s' % ('ab', x)\n"), ["ab.*"]);
    assert_eq!(patterns("'%5d.%s.%s' % (1, 'ab', x)\n"), ["*.ab.*"]);
    assert_eq!(strings(&module("x = '%s.cd' % 'ab'\n")), ["ab.cd", "ab"]);
}

#[test]
fn str_format() {
    assert_eq!(patterns("'ab{}.{}'.format(x, 'cd')\n"), ["ab*.cd"]);
    assert_eq!(patterns("'{1}.{0}'.format('ab', x)\n"), ["*.ab"]);
    assert_eq!(patterns("'ab{0!r:>4}.{k}{k.a}'.format(x, k='cd')\n"), ["ab*.cd*"]);
    assert_eq!(patterns("'ab{:{w}}cd{}'.format(x, 'e', w=1)\n"), ["ab*cde"]);
    assert_eq!(patterns("'ab{'.format(x)\n"), [] as [&str; 0]);
}

#[test]
fn concatenation_and_join() {
    assert_eq!(patterns("'ab.' + x + '.cd'\n"), ["ab.*.cd"]);
    assert_eq!(patterns("x + ('ab' + y)\n"), ["ab*"]);
    assert_eq!(patterns("__name__ + '.ab'\n"), ["<name>.ab"]);
    assert_eq!(patterns("'.'.join(['ab', x, 'cd'])\n"), ["ab.*.cd"]);
    assert_eq!(patterns("'.'.join(x)\n"), [] as [&str; 0]);
    assert_eq!(strings(&module("x = 'ab.' + 'cd'\n")), ["ab.cd"]);
    assert_eq!(patterns("x = ['a'] + ['b']\n"), [] as [&str; 0]);
}

#[test]
fn paths() {
    assert_eq!(patterns("os.path.join(os.path.dirname(__file__), 'data', 'x.json')\n"), ["*/data/x.json"]);
    assert_eq!(patterns("from os.path import join as j\nj(here, 'data', x)\n"), ["*/data/*"]);
    assert_eq!(patterns("Path(__file__).parent / 'data' / 'x.json'\n"), ["*/data/x.json"]);
    assert_eq!(patterns("importlib.resources.files(p).joinpath('data', 'x.json')\n"), ["*/data/x.json"]);
    assert_eq!(patterns("os.path.dirname(__file__) + '/x.json'\n"), ["*/x.json"]);
    assert_eq!(patterns("f'{os.path.dirname(__file__)}/x.json'\n"), ["*/x.json"]);
    let unit = module("os.path.join('/etc', 'ssl', 'certs')\n");
    assert!(strings(&unit).contains(&"/etc/ssl/certs"), "{:?}", unit.strings);
}

#[test]
fn constants_with_places_to_fill_in() {
    assert_eq!(
        patterns("T = 'region_%s'\nU = '{}/plugin_{name}.so'\nV = '%s: %s'\nW = '{x}'\n"),
        ["region_*", "*/plugin_*.so"]
    );
}
