//! What the tests of the words have in common.

use std::path::Path;

/// Whether the package's types know a word.
pub(super) fn is_in_types(code: &str) -> bool {
    let types = include_str!("../../js/src/index.d.ts");
    let (_, words) = types.split_once("type ZkvErrorCode =").unwrap();
    words.contains(&format!("| \"{code}\""))
}

/// The name and body of every public enum in a crate's sources.
pub(super) fn enums_of(member: &str) -> Vec<(String, String)> {
    let mut enums = Vec::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![workspace.join(member).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap_or_default();
            let parts = source.split("\npub enum ").skip(1);
            enums.extend(parts.map(|part| {
                let (name, body) = part.split_once(" {\n").unwrap();
                (name.to_owned(), body.split("\n}\n").next().unwrap().to_owned())
            }));
        }
    }
    enums
}

/// Lines of a formatted enum that begin a variant: four spaces and a capital.
pub(super) fn variants(body: &str) -> impl Iterator<Item = &str> {
    body.lines().filter_map(|line| {
        let rest = line.strip_prefix("    ")?;
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        rest.starts_with(char::is_uppercase).then(|| rest.get(..end))?
    })
}
