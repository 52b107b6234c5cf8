use proptest::prelude::*;

use super::*;

fn page_of(blobs: &str) -> ListedPage {
    let document = format!("<EnumerationResults><Blobs>{blobs}</Blobs></EnumerationResults>");
    parse(document.as_bytes(), "", "zkv").unwrap().0
}

fn only(blob: &str) -> ListedBlob {
    let mut page = page_of(&format!("<Blob>{blob}</Blob>"));
    assert_eq!((page.blobs.len(), page.odd_count), (1, 0), "{blob}");
    page.blobs.remove(0)
}

#[test]
fn a_page_as_azure_writes_it() {
    let document = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
        ServiceEndpoint=\"https://a.blob.core.windows.net/\" ContainerName=\"c\"><Prefix>zkv/</Prefix><Blobs>\
        <Blob><Name>zkv/a &amp; b.zkv</Name><Properties><Last-Modified>Sun, 06 Nov 1994 08:49:37 GMT</Last-Modified>\
        <Etag>0x8D</Etag><Content-Length>12</Content-Length><Content-MD5 /><AccessTier>Hot</AccessTier></Properties>\
        <Metadata><Zkv>AAEC+/==</Zkv></Metadata><OrMetadata /></Blob><Blob><Name>zkv/c</Name><Properties/></Blob>\
        </Blobs><NextMarker>2!88!x</NextMarker></EnumerationResults>";
    let (page, next) = parse(document.as_bytes(), "zkv/", "zkv").unwrap();
    assert_eq!(next.as_deref(), Some("2!88!x"));
    let expected = ListedBlob {
        name: "zkv/a & b.zkv".to_owned(),
        len: Some(12),
        modified: Some(784_111_777),
        metadata: Some("AAEC+/==".to_owned()),
        ..ListedBlob::default()
    };
    assert_eq!((page.blobs.len(), &page.blobs[0], page.odd_count), (2, &expected, 0));
    assert!(parse(b"<html></html>", "", "").is_err());
    let empty = parse(
        b"<EnumerationResults><Blobs /><NextMarker>\n  </NextMarker></EnumerationResults>",
        "",
        "",
    );
    assert_eq!(empty, Ok((ListedPage::default(), None)));
}

#[test]
fn a_listing_of_nothing_is_a_listing() {
    for none in [
        "",
        "{}",
        "[]",
        "OK",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<!-- no blobs -->",
        "<EnumerationResults/>",
        "<EnumerationResults><NextMarker/></EnumerationResults>",
        "<EnumerationResults><Containers/><NextMarker/></EnumerationResults>",
        "<EnumerationResults><Blobs/><NextMarker/>",
        "<ListBucketResult><Blobs/></ListBucketResult>",
        "<BlockList><UncommittedBlocks/></BlockList>",
        "<x><EnumerationResults><Blobs/></EnumerationResults></x>",
    ] {
        assert!(parse(none.as_bytes(), "", "").is_err(), "{none}");
    }
}

#[test]
fn a_marker_is_read_without_the_lines_around_it() {
    let page = |marker: &str| {
        let document = format!("<EnumerationResults><Blobs/><NextMarker>{marker}</NextMarker></EnumerationResults>");
        parse(document.as_bytes(), "", "").unwrap().1
    };
    assert_eq!((page(""), page("\n  ")), (None, None));
    assert_eq!(page("\n  2!88!x=\n  ").as_deref(), Some("2!88!x="));
}

#[test]
fn what_a_name_no_longer_stands_for_is_no_file() {
    for past in [
        "<Deleted>true</Deleted>",
        "<Snapshot>2026-01-01T00:00:00.0000000Z</Snapshot>",
        "<VersionId>2026-01-01T00:00:00.0000000Z</VersionId>",
        "<VersionId>2026-01-01T00:00:00.0000000Z</VersionId><IsCurrentVersion>false</IsCurrentVersion>",
        "<VersionId>2026-01-01T00:00:00.0000000Z</VersionId><IsCurrentVersion>true</IsCurrentVersion><Deleted>true</Deleted>",
    ] {
        let page = page_of(&format!(
            "<Blob><Name>a</Name>{past}</Blob><Blob><Name>a</Name><Properties/></Blob>"
        ));
        assert_eq!((page.blobs.len(), page.odd_count), (1, 0), "{past}");
    }
    for live in [
        "<Deleted>false</Deleted><Snapshot/><VersionId/>",
        "<VersionId>2026-01-01T00:00:00.0000000Z</VersionId><IsCurrentVersion>true</IsCurrentVersion>",
        "<IsCurrentVersion>true</IsCurrentVersion><VersionId>2026-01-01T00:00:00.0000000Z</VersionId>",
        "<Metadata><Deleted>true</Deleted><Snapshot>1</Snapshot></Metadata>",
    ] {
        only(&format!("<Name>a</Name>{live}"));
    }
}

#[test]
fn folders_are_known_by_every_mark() {
    for folder in [
        "<Name>docs</Name><Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>",
        "<Name>docs</Name><Metadata><Hdi_isfolder>true</Hdi_isfolder></Metadata>",
        "<Name>docs</Name><Metadata><HDI_IsFolder> True </HDI_IsFolder></Metadata>",
        "<Name>docs</Name><Properties><ResourceType>directory</ResourceType></Properties>",
        "<Name>docs</Name><Properties><ResourceType>Directory</ResourceType></Properties>",
        "<Name>docs/</Name>",
    ] {
        assert!(only(folder).is_folder, "{folder}");
    }
    for file in [
        "<Name>docs</Name><Metadata><hdi_isfolder>false</hdi_isfolder></Metadata>",
        "<Name>docs</Name><Properties><ResourceType>file</ResourceType></Properties>",
        "<Name>docs/a</Name>",
    ] {
        assert!(!only(file).is_folder, "{file}");
    }
}

#[test]
fn archived_blobs_are_known() {
    let with = |property: &str| only(&format!("<Name>a</Name><Properties>{property}</Properties>")).is_archived;
    assert!(with("<AccessTier>Archive</AccessTier>"));
    assert!(with(
        "<AccessTier>Hot</AccessTier><ArchiveStatus>rehydrate-pending-to-hot</ArchiveStatus>"
    ));
    assert!(!with("<AccessTier>Cool</AccessTier><ArchiveStatus />"));
}

#[test]
fn metadata_are_kept_that_were_asked_for_however_many_there_are() {
    let others: String = (0..300).map(|number| format!("<k{number}>v</k{number}>")).collect();
    let blob = only(&format!(
        "<Name>a</Name><Metadata>{others}<ZKV>entry</ZKV><zkv>second</zkv></Metadata>"
    ));
    assert_eq!(blob.metadata.as_deref(), Some("entry"));
}

#[test]
fn odd_blobs_are_set_aside_and_sizes_never_stop_anything() {
    for odd in [
        "<Blob/>",
        "<Blob><Name/></Blob>",
        "<Blob><Name>a&nope;</Name></Blob>",
        "<Blob><Name Encoded=\"true\">%ff</Name></Blob>",
    ] {
        let page = page_of(&format!(
            "<Blob><Name>before</Name></Blob>{odd}<Blob><Name>after</Name></Blob>"
        ));
        let names: Vec<_> = page.blobs.iter().map(|blob| blob.name.as_str()).collect();
        assert_eq!(
            (names, page.odd_count, page.odd.len()),
            (vec!["before", "after"], 1, 1),
            "{odd}"
        );
    }
    for (len, expected) in [
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("-1", None),
        ("1e3", None),
        ("", None),
    ] {
        let blob = only(&format!(
            "<Name>a</Name><Properties><Content-Length>{len}</Content-Length></Properties>"
        ));
        assert_eq!(blob.len, expected, "{len}");
    }
    let page = parse(
        b"<EnumerationResults><Blobs><Blob><Name>other</Name></Blob></Blobs></EnumerationResults>",
        "zkv/",
        "",
    );
    assert_eq!(
        page.unwrap().0.odd_count,
        1,
        "a storage that does not look at the prefix"
    );
}

#[test]
fn blobs_and_odd_names_are_limited() {
    let page = |number: usize| {
        let document = format!(
            "<EnumerationResults><Blobs>{}</Blobs></EnumerationResults>",
            "<Blob/>".repeat(number)
        );
        parse(document.as_bytes(), "", "").map(|(page, _)| (page.odd_count, page.odd.len()))
    };
    assert_eq!(page(MAX_PAGE_BLOBS), Ok((MAX_PAGE_BLOBS, MAX_NAMED)));
    assert!(page(MAX_PAGE_BLOBS + 1).is_err());
}

/// A blob that any program may have put there, and whether it can be used.
#[derive(Debug, Clone)]
struct Planted {
    xml: String,
    name: Option<String>,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Odd, but usable: every part of it that decides nothing is as strange as a service may write it.
fn usable() -> impl Strategy<Value = Planted> {
    let length = prop_oneof![
        any::<i128>().prop_map(|number| format!("<Content-Length>{number}</Content-Length>")),
        Just("<Content-Length/>".to_owned()),
        Just("<Content-Length>many</Content-Length>".to_owned()),
        Just(String::new()),
    ];
    let noise = prop_oneof![
        "[ -~]{0,20}".prop_map(|text| format!("<Last-Modified>{}</Last-Modified>", escaped(&text))),
        "[a-zA-Z]{0,8}".prop_map(|tier| format!("<AccessTier>{tier}</AccessTier>")),
        Just("<Content-MD5/><Nested><Deeper><Content-Length>1</Content-Length></Deeper></Nested>".to_owned()),
        Just("<Odd>&nope;</Odd>".to_owned()),
    ];
    let metadata = proptest::collection::vec(("[a-zA-Z_][a-zA-Z0-9_]{0,8}", "[ -~]{0,20}"), 0..400);
    (
        "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{fffd}-\u{ffff}]{1,40}",
        any::<bool>(),
        length,
        noise,
        metadata,
    )
        .prop_map(|(name, encoded, length, noise, metadata)| {
            let written = match encoded {
                true => {
                    let set = percent_encoding::NON_ALPHANUMERIC;
                    format!(
                        "<Name Encoded=\"true\">{}</Name>",
                        percent_encoding::utf8_percent_encode(&name, set)
                    )
                }
                false => format!("<Name>{}</Name>", escaped(&name)),
            };
            let metadata: String = metadata
                .iter()
                .map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value)))
                .collect();
            Planted {
                xml: format!(
                    "<Blob>{written}<Properties>{noise}{length}</Properties><Metadata>{metadata}</Metadata></Blob>"
                ),
                name: Some(name),
            }
        })
}

fn unusable() -> impl Strategy<Value = Planted> {
    prop_oneof![
        Just("<Blob/>"),
        Just("<Blob><Name></Name><Properties/></Blob>"),
        Just("<Blob><Properties><Content-Length>1</Content-Length></Properties></Blob>"),
        Just("<Blob><Name>&unknown;</Name></Blob>"),
        Just("<Blob><Name Encoded=\"true\">%80%81</Name></Blob>"),
    ]
    .prop_map(|xml| Planted {
        xml: xml.to_owned(),
        name: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_usable_blob_is_listed_and_every_odd_one_set_aside(
        planted in proptest::collection::vec(prop_oneof![3 => usable(), 1 => unusable()], 0..12)
    ) {
        let blobs: String = planted.iter().map(|planted| planted.xml.as_str()).collect();
        let page = page_of(&blobs);
        let names: Vec<_> = page.blobs.iter().map(|blob| blob.name.clone()).collect();
        let expected: Vec<_> = planted.iter().filter_map(|planted| planted.name.clone()).collect();
        prop_assert_eq!(names, expected);
        prop_assert_eq!(page.odd_count, planted.iter().filter(|planted| planted.name.is_none()).count());
    }

    #[test]
    fn any_bytes_are_a_page_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes, "", "zkv");
        let document = [b"<EnumerationResults><Blobs><Blob><Name>", &bytes[..], b"</Name></Blob></Blobs></EnumerationResults>"];
        let _ = parse(&document.concat(), "", "zkv");
    }
}
