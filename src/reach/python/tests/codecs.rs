//! Which codecs are kept: those that something names, and all where something computes the name.

use super::Scene;
use super::scene::STDLIB;

const CODEC: &str = "/usr/local/lib/python3.11/encodings/cp866.py";

fn scene(program: &str) -> Scene {
    let aliases = "aliases = {\n    '866' : 'cp866',\n}\n";
    Scene::program(program)
        .file("/usr/local/lib/python3.11/encodings/__init__.py", "")
        .file("/usr/local/lib/python3.11/encodings/aliases.py", aliases)
        .file(CODEC, "")
        .with_profiles()
}

#[test]
fn codecs_by_what_names_them() {
    scene("b''.decode('utf-8')\n").run().leaves(CODEC);
    scene("import codecs\nname = None\nopen('x', encoding=None)\n").run().leaves(CODEC);
    scene("import os\nos.open('x', os.O_RDWR, mode)\nopen('x', 'r', -1)\n").run().leaves(CODEC);
    scene("import gzip\ngzip.open('x', 'rb', 9)\nstr(x)\n").run().leaves(CODEC);
    let named = ["x = 'cp866'\n", "b''.decode('866')\n", "# -*- coding: cp866 -*-\n"];
    let computed = [
        "import sys\nb''.decode(sys.argv[1])\n",
        "import os\nopen('x', encoding=os.environ['E'])\n",
        "import codecs, sys\ncodecs.lookup(sys.argv[1])\n",
        "import sys\nstr(b'', sys.argv[1])\n",
        "import sys\nbytes('', sys.argv[1])\n",
        "import io, sys\nio.TextIOWrapper(sys.stdin.buffer, sys.argv[1])\n",
        "import sys\nfrom codecs import EncodedFile as f\nf(sys.stdin.buffer, sys.argv[1])\n",
        "import codecs\ncodecs.open('x', 'r', encoding)\n",
        "open('x', 'r', -1, file_encoding)\n",
        "from pathlib import Path\nPath('x').read_text(charset)\n",
        "from pathlib import Path\nPath('x').write_text('text', enc)\n",
        "import codecs\ncodecs.open('x', 'r', conf['a'])\n",
        "import codecs\ncodecs.open('x', 'r', e)\n",
        "open('x', mode, -1, which())\n",
        "open('x', **options)\n",
        "from pathlib import Path\nPath('x').read_text(conf['a'])\n",
        "from email.mime.text import MIMEText\nMIMEText('x', 'plain', conf['a'])\n",
        "import subprocess\nsubprocess.run(['x'], **options)\n",
        "import subprocess\nsubprocess.run(['x'], encoding=conf.get('a'))\n",
        "import logging\nlogging.FileHandler('x', 'a', conf['a'])\n",
        "from tempfile import NamedTemporaryFile as f\nf('w', -1, conf['a'])\n",
        "import fileinput\nfileinput.hook_encoded(conf['a'])\n",
        "from urllib.parse import quote\nquote('x', '', conf['a'])\n",
        "import zipfile\nzipfile.ZipFile('x', metadata_encoding=conf['a'])\n",
        "from functools import partial\npartial(open, 'x', 'r', -1, conf['a'])\n",
        "import asyncio\nasyncio.to_thread(path.read_text, conf['a'])\n",
        "from logging.config import dictConfig\ndictConfig({'handlers': {'x': {'encoding': conf['a']}}})\n",
        "reader.encoding = conf['a']\n",
        "options['output_encoding'] = conf['a']\n",
    ];
    for program in named.iter().chain(&computed) {
        scene(program).run().reaches(CODEC);
    }
    scene("").env("LANG", "ru_RU.CP866").run().reaches(CODEC);
    let library = "def read(data, encoding):\n    return data.decode(encoding)\n";
    scene("import installed\ninstalled.read(b'', x)\n").file("installed.py", library).run().reaches(CODEC);
    scene("import installed\n").file("installed.py", library).run().leaves(CODEC);
}

#[test]
fn what_a_library_reads_by_an_expression() {
    let library = |body: &str| {
        let source = format!("import codecs\nfrom functools import partial\ndef f(path, options):\n    {body}\n");
        scene("import installed\ninstalled.f(x, y)\n").file("installed.py", &source).run()
    };
    library("codecs.open(path, 'r', options['a'])").reaches(CODEC);
    library("open(path, 'r', -1, options.get('a'))").reaches(CODEC);
    library("partial(open, path, 'r', -1, options['a'])").reaches(CODEC);
    // Others of the name take something else, and who calls a library with an encoding says so.
    library("path.open('r', path, options['a'])").leaves(CODEC);
    library("open(path, **options)").leaves(CODEC);
    library("options = {'encoding': options['a']}").leaves(CODEC);
}

#[test]
fn a_variable_that_is_one_of_several_constants() {
    let library = |body: &str| {
        let source = format!("def convert(data, encoding, known):\n    {body}\n    return data\n");
        scene("import installed\ninstalled.convert(b'', x, y)\n").file("installed.py", &source).run()
    };
    library("if encoding in {'ascii', 'utf-8'}: data = data.decode(encoding)").leaves(CODEC);
    library("if data and encoding in ('ascii',): data = unquote(data, encoding=encoding)").leaves(CODEC);
    library("if encoding in {'ascii', 'cp866'}: data = data.decode(encoding)").reaches(CODEC);
    library("if encoding in known: data = data.decode(encoding)").reaches(CODEC);
    library("if data or encoding in {'ascii'}: data = data.decode(encoding)").reaches(CODEC);
    library("if encoding not in {'ascii'}: data = data.decode(encoding)").reaches(CODEC);
    library("if encoding in {'ascii'}:\n        encoding = known\n        data = data.decode(encoding)").reaches(CODEC);
    library("if encoding in {'ascii'}: pass\n    else: data = data.decode(encoding)").reaches(CODEC);
    library("if encoding in {'ascii'}: pass\n    data = data.decode(encoding)").reaches(CODEC);
}

#[test]
fn a_function_that_returns_constants() {
    let parser = |charset: &str| {
        format!(
            "class Parser:\n    def charset(self, sent):\n        {charset}\n        return 'utf-8'\n    \
             def read(self, data):\n        return data.decode(self.charset(data), 'replace')\n"
        )
    };
    let run = |program: &str, charset: &str| {
        scene(&format!("import installed\n{program}\ninstalled.Parser().read(x)\n"))
            .file("installed.py", parser(charset))
            .file("other.py", "class Other:\n    def charset(self, sent):\n        return sent\n")
            .run()
    };
    run("", "if sent in {'ascii', 'utf-8'}: return sent").leaves(CODEC);
    run("", "if sent: return sent").reaches(CODEC);
    run("", "if sent in {'ascii'}:\n            for sent in self: return sent").reaches(CODEC);
    // A method of the same name may take its place, whenever that is found.
    run("import other", "if sent in {'ascii', 'utf-8'}: return sent").reaches(CODEC);
    run("class P(installed.Parser):\n    def charset(self, sent): return sent", "pass").reaches(CODEC);
}

#[test]
fn what_callers_of_a_library_name() {
    let run = |program: &str, module: &str| {
        let codec = "def write(text, charset):\n    return text.encode(charset)\nwrite('', '')\n";
        let (package, path) = (module.split('.').next().unwrap(), module.replace('.', "/"));
        let scene = scene(&format!("import {module}\n{program}\n")).file(&format!("{package}/__init__.py"), "");
        let folders = format!("{package}/testing/__init__.py");
        scene.file(&folders, "").file(&format!("{path}.py"), codec).run()
    };
    // `stream` means templates only beside Jinja.
    run("request.stream.read()", "jinja2.utils").reaches(CODEC);
    run("request.media", "jinja2.utils").leaves(CODEC);
    run("request.media", "falcon.testing.helpers").reaches(CODEC);
    run("request.other", "falcon.testing.helpers").leaves(CODEC);
}

#[test]
fn codecs_that_the_interpreter_has_anyway() {
    let library = |argument: &str| {
        let source = format!("import sys\nfrom x import serialization\ndef read(data):\n    return data.{argument}\n");
        scene("import installed\ninstalled.read(b'')\n").file("installed.py", &source).run()
    };
    library("decode(sys.getfilesystemencoding(), 'replace')").leaves(CODEC);
    library("public_bytes(encoding=serialization.Encoding.PEM)").leaves(CODEC);
    library("decode(sys.gettrace(), 'replace')").reaches(CODEC);
    library("public_bytes(encoding=serialization.encoding)").reaches(CODEC);
}

#[test]
fn rules_wait_for_imports_by_others_than_the_standard_library() {
    let [codecs, tree] = ["encodings/koi8_r", "xml/etree/ElementTree"].map(|name| format!("{STDLIB}/{name}.py"));
    let package = |name: &str| format!("{STDLIB}/{name}/__init__.py");
    let scene = |source: &str| {
        let files = [codecs.clone(), tree.clone(), package("encodings"), package("xml"), package("xml/etree")];
        let parser = "from xml.etree.ElementTree import parse\n";
        let scene = Scene::installed(source).files(&files.join(" ")).file(&format!("{STDLIB}/netrc.py"), parser);
        scene.with_profiles().run()
    };
    for source in [
        "from xml.etree import ElementTree as tree\n",
        "import importlib\nimportlib.import_module('xml.etree.ElementTree')\n",
    ] {
        scene(source).reaches(&format!("{codecs} {tree}"));
    }
    scene("import netrc\n").reaches(&tree).leaves(&codecs);
    let constant = "def f():\n    import xml.etree.ElementTree as tree\n    return tree.fromstring('<a/>')\nf()\n";
    scene(constant).reaches(&tree).leaves(&codecs);
    scene(&constant.replace("'<a/>'", "f")).reaches(&format!("{codecs} {tree}"));
    scene(&constant.replace("fromstring", "parse")).reaches(&format!("{codecs} {tree}"));
}

#[test]
fn the_handler_of_errors_that_writes_names_of_characters() {
    let names = &format!("{STDLIB}/unicodedata.py");
    let reached = |main: &str| Scene::program(main).with_profiles().file(names, "").run().is_reached(names);
    assert!(reached("print('x'.encode('ascii', 'namereplace'))\n"));
    assert!(reached("POLICY = 'namereplace'\nopen('x', errors=POLICY)\n"));
    assert!(reached("def write(text, kind):\n    return text.encode('ascii', errors=f'{kind}replace')\n"));
    assert!(reached("import os\nopen('x', 'w', errors=os.environ['POLICY'])\n"));
    assert!(reached("def write(text, policy):\n    return text.encode('ascii', policy)\n"));
    assert!(!reached("print('x'.encode('ascii', 'replace'))\nopen('x', errors='ignore')\nopen('y', errors=None)\n"));
}
