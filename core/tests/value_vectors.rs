//! Every value vector of tests/vectors/value: the class of its error, or the text and the layout.

#[cfg(test)]
mod value_vectors {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::PathBuf;
    use std::sync::Arc;

    use sha2::{Digest, Sha256};
    use zkvault_core::Coded as _;
    use zkvault_core::key::{KeySet, VaultKey};
    use zkvault_core::value::{Envelope, OpenValueError, OpenedValue, ValueContext};

    fn folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/value")
    }

    /// File name → content, of every vector in the folder.
    fn files() -> BTreeMap<String, String> {
        let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
        let vectors = entries.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
        let read = |path: PathBuf| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(path).unwrap(),
            )
        };
        vectors.map(read).collect()
    }

    struct Vector<'file> {
        file: &'file str,
        fields: Vec<(&'file str, &'file str)>,
    }

    impl<'file> Vector<'file> {
        fn parse(file: &'file str, content: &'file str) -> Self {
            let lines = content.lines().skip_while(|line| line.starts_with('#'));
            let field = |line: &'file str| line.split_once(": ").unwrap_or_else(|| panic!("{file}: {line}"));
            Self {
                file,
                fields: lines.map(field).collect(),
            }
        }

        fn all(&self, name: &str) -> impl Iterator<Item = &'file str> {
            self.fields
                .iter()
                .filter(move |(field, _)| *field == name)
                .map(|&(_, content)| content)
        }

        fn get(&self, name: &str) -> Option<&'file str> {
            self.all(name).next()
        }

        fn text(&self, name: &str) -> Option<String> {
            self.get(name).map(|json| serde_json::from_str(json).unwrap())
        }

        fn keys(&self) -> KeySet {
            let mut keys = KeySet::new();
            for key in self.all("key") {
                keys.add(
                    Arc::new(VaultKey::from_slice(&hex::decode(key).unwrap()).unwrap()),
                    None,
                );
            }
            keys
        }

        fn value(&self) -> String {
            let times = self.get("value-repeat").map_or(1, |count| count.parse().unwrap());
            self.text("value").unwrap().repeat(times)
        }

        fn open(&self) -> Result<OpenedValue, OpenValueError> {
            let (input_type, input_name) = (self.text("type"), self.text("name"));
            let context = self.get("site-id").map(|id| ValueContext {
                site_id: id.parse().unwrap(),
                input_type: input_type.as_deref().unwrap(),
                input_name: input_name.as_deref().unwrap(),
            });
            Envelope::parse(&self.value())?.open(&self.keys(), context.as_ref())
        }

        fn check(&self) {
            let expected = self.get("expect").unwrap();
            match self.open() {
                Ok(opened) => {
                    assert_eq!(expected, "ok", "{}", self.file);
                    assert_eq!(opened.layout.name(), self.get("layout").unwrap(), "{}", self.file);
                    assert_eq!(
                        opened.text.expose_secret(),
                        self.text("plaintext").unwrap(),
                        "{}",
                        self.file
                    );
                }
                Err(error) => assert_eq!(expected, error.code(), "{}: {error}", self.file),
            }
        }
    }

    #[test]
    fn every_vector_gives_what_it_expects() {
        for (file, content) in &files() {
            Vector::parse(file, content).check();
        }
    }

    #[test]
    fn no_class_of_outcome_is_without_a_vector() {
        let files = files();
        let mut seen = BTreeMap::new();
        for (file, content) in &files {
            *seen
                .entry(Vector::parse(file, content).get("expect").unwrap())
                .or_insert(0) += 1;
        }
        let classes: Vec<_> = seen.into_keys().collect();
        assert_eq!(
            classes,
            ["decrypt", "malformed", "no-context", "no-key", "not-text", "ok"]
        );
    }

    /// Published vectors are never edited: the list of digests says what was published.
    #[test]
    fn no_vector_was_changed() {
        let line = |(file, content): (&String, &String)| format!("{}  {file}\n", hex::encode(Sha256::digest(content)));
        let sums: String = files().iter().map(line).collect();
        let published = fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
        assert!(!published.is_empty());
        assert_eq!(sums, published);
    }
}
