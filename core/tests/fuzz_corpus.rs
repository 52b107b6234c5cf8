//! Replays the fuzz corpora on a stable compiler: the properties that the fuzzers look for counterexamples of,
//! on every seed and on every input that once failed.

#[cfg(test)]
#[path = "../../fuzz/properties/file_prelude.rs"]
mod file_prelude;
#[cfg(test)]
#[path = "../../fuzz/properties/keyring.rs"]
mod keyring;
#[cfg(test)]
#[path = "../../fuzz/properties/sites_document.rs"]
mod sites_document;
#[cfg(test)]
#[path = "../../fuzz/properties/value_envelope.rs"]
mod value_envelope;

#[cfg(test)]
mod replay {
    use std::fs;
    use std::path::PathBuf;

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    fn corpus(target: &str, check: fn(&[u8])) {
        let mut replayed = 0;
        for entry in fs::read_dir(root().join("fuzz/corpus").join(target)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            check(&fs::read(path).unwrap());
            replayed += 1;
        }
        assert!(replayed > 0, "{target} has no seeds");
    }

    #[test]
    fn value_envelope() {
        corpus("value_envelope", super::value_envelope::check);
    }

    /// The values of the vectors, whatever they are meant to do, keep to the property as well.
    #[test]
    fn value_vectors() {
        for entry in fs::read_dir(root().join("tests/vectors/value")).unwrap() {
            let content = fs::read_to_string(entry.unwrap().path()).unwrap();
            if let Some(value) = content.lines().find_map(|line| line.strip_prefix("value: ")) {
                let value: String = serde_json::from_str(value).unwrap();
                super::value_envelope::check(value.as_bytes());
            }
        }
    }

    #[test]
    fn file_prelude() {
        corpus("file_prelude", super::file_prelude::check);
    }

    #[test]
    fn keyring() {
        corpus("keyring", super::keyring::check);
    }

    #[test]
    fn sites_document() {
        corpus("sites_document", super::sites_document::check);
    }
}
