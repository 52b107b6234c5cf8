//! Whatever is given as a reference to a value: what is read can be written and read again, and any site and any
//! field can be referred to.

use zkvault_core::reference::Reference;

use crate::heap;

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    as_text(text);
    as_text(&format!("zkv://{text}"));
    as_text(&format!("zkv://{text}/{text}"));
    if let Some((site, field)) = text.split_once('\n') {
        as_parts(site, field);
    }
}

fn as_text(text: &str) {
    // Both parts, each decoded once and copied once.
    if let Ok(reference) = heap::within(4 * text.len() + 256, || text.parse::<Reference>()) {
        assert!(!reference.site.is_empty() && !reference.field.is_empty());
        assert!(reference.site.len() + reference.field.len() < text.len());
        let written = reference.to_string();
        assert!(written.is_ascii());
        // Encoded, it may be longer than what is read.
        if written.len() <= 8 * 1024 {
            assert_eq!(written.parse(), Ok(reference));
        }
    }
}

fn as_parts(site: &str, field: &str) {
    let reference = Reference {
        site: site.to_owned(),
        field: field.to_owned(),
    };
    let written = reference.to_string();
    if !site.is_empty() && !field.is_empty() && written.len() <= 8 * 1024 {
        assert_eq!(written.parse(), Ok(reference));
    }
}
