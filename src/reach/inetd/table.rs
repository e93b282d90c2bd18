//! What the tables of inetd and xinetd say.

use serde::{Deserialize, Serialize};

/// How many lines are read of one table.
const MAX_LINES: usize = 20_000;

/// What a table starts and names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Servers {
    /// Argument vectors, each with its 1-based line.
    pub commands: Vec<(Vec<String>, u32)>,
    /// Other files, and folders of files, that are read as well.
    pub included: Vec<String>,
    /// There was more than is read.
    pub cut: bool,
}

/// Reads inetd's table: see `inetd.conf(5)`. After the service, the type of socket, the protocol, whether to wait, and the user,
/// a line has the server and its arguments, the first of which is the name that it is told.
pub fn read_inetd(text: &str) -> Servers {
    let mut found = Servers { cut: text.lines().nth(MAX_LINES).is_some(), ..Servers::default() };
    for (line, number) in text.lines().take(MAX_LINES).zip(1..) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let Some([service, _, _, _, _, server, arguments @ ..]) = words.get(..) else { continue };
        if service.starts_with('#') || *server == "internal" {
            continue;
        }
        add(&mut found, server, arguments, true, number);
    }
    found
}

/// Reads xinetd's configuration: see `xinetd.conf(5)`.
pub fn read_xinetd(text: &str) -> Servers {
    let mut found = Servers { cut: text.lines().nth(MAX_LINES).is_some(), ..Servers::default() };
    let mut entry: Option<Entry> = None;
    for (line, number) in text.lines().take(MAX_LINES).zip(1..) {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if let Some(path) = line.strip_prefix("includedir").or_else(|| line.strip_prefix("include")) {
            found.included.push(path.trim().to_owned());
        } else if line.starts_with("service") || line.starts_with('{') {
            entry.get_or_insert_with(Entry::default);
        } else if line.starts_with('}') {
            entry.take().into_iter().for_each(|entry| entry.finish(&mut found));
        } else if let (Some(entry), Some((key, value))) = (&mut entry, line.split_once('=')) {
            let words = value.split_ascii_whitespace().map(str::to_owned);
            match key.trim_end_matches(['+', '-', ' ', '\t']) {
                "server" => (entry.server, entry.line) = (value.trim().to_owned(), number),
                "server_args" => entry.arguments.extend(words),
                "flags" => entry.named |= words.into_iter().any(|flag| flag == "NAMEINARGS"),
                "disable" => entry.disabled = value.trim() == "yes",
                _ => {}
            }
        }
    }
    entry.into_iter().for_each(|entry| entry.finish(&mut found));
    found
}

/// `service NAME { … }`
#[derive(Default)]
struct Entry {
    server: String,
    arguments: Vec<String>,
    named: bool,
    disabled: bool,
    line: u32,
}

impl Entry {
    fn finish(self, found: &mut Servers) {
        if !self.disabled && !self.server.is_empty() {
            let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
            add(found, &self.server, &arguments, self.named, self.line);
        }
    }
}

/// Adds a server. `named` says that the first argument is the name that it is told: that of a program where the server is
/// `tcpd(8)`, which starts it.
fn add(found: &mut Servers, server: &str, arguments: &[&str], named: bool, line: u32) {
    let own = arguments.get(usize::from(named)..).unwrap_or_default();
    let command = |program: &str, arguments: &[&str]| -> Vec<String> {
        std::iter::once(program).chain(arguments.iter().copied()).map(str::to_owned).collect()
    };
    found.commands.push((command(server, own), line));
    if let Some(name) = arguments.first().filter(|_| named && server.ends_with("/tcpd")) {
        found.commands.push((command(name, own), line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(servers: &Servers) -> Vec<String> {
        servers.commands.iter().map(|(argv, line)| format!("{line} {}", argv.join(" "))).collect()
    }

    #[test]
    fn lines_of_inetd_name_the_server_twice() {
        let table = "#x stream tcp nowait root /bin/no no\necho stream tcp nowait root internal\nfinger stream tcp nowait nobody /usr/sbin/tcpd in.fingerd -w\nweb stream tcp nowait www /usr/sbin/micro micro -d /srv\n";
        let expected = ["3 /usr/sbin/tcpd -w", "3 in.fingerd -w", "4 /usr/sbin/micro -d /srv"];
        assert_eq!(shown(&read_inetd(table)), expected);
    }

    #[test]
    fn entries_of_xinetd_may_be_disabled() {
        let text = "defaults\n{\n}\nincludedir /etc/xinetd.d\nservice a\n{\n  disable = no\n\tserver\t\t= /usr/bin/a\n  server_args = -x y\n}\nservice b\n{\n server = /usr/bin/b\n disable = yes\n}\nservice c\n{\n flags = REUSE NAMEINARGS\n server = /usr/sbin/tcpd\n server_args = /usr/bin/c -z\n}\n";
        let found = read_xinetd(text);
        assert_eq!(shown(&found), ["8 /usr/bin/a -x y", "19 /usr/sbin/tcpd -z", "19 /usr/bin/c -z"]);
        assert_eq!(found.included, ["/etc/xinetd.d"]);
    }
}
