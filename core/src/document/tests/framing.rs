use super::super::*;
use crate::model::{OddRecord, Site};
use crate::text::TextError;

/// All parts, with the sites marked, after pushing pieces of `size` bytes.
fn frame(document: &[u8], size: usize) -> Result<(Vec<u8>, Vec<Vec<u8>>), DocumentError> {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    let (mut all, mut sites) = (Vec::new(), Vec::new());
    for piece in document.chunks(size) {
        framer.push(piece, &mut batch)?;
        for part in batch.parts() {
            match part {
                Part::Copy(bytes) => all.extend_from_slice(bytes),
                Part::Site { index, bytes } => {
                    assert_eq!(index, sites.len() as u64);
                    all.extend_from_slice(bytes);
                    sites.push(bytes.to_vec());
                }
            }
        }
    }
    framer.finish()?;
    Ok((all, sites))
}

fn frame_text(document: &str) -> Result<Vec<String>, DocumentError> {
    let whole = frame(document.as_bytes(), usize::MAX);
    for size in [1, 2, 3, 7] {
        assert_eq!(
            frame(document.as_bytes(), size),
            whole,
            "pieces of {size} in {document}"
        );
    }
    let (all, sites) = whole?;
    assert_eq!(all, document.as_bytes(), "every byte comes out again");
    Ok(sites.into_iter().map(|site| String::from_utf8(site).unwrap()).collect())
}

#[test]
fn a_site_an_array_and_a_wrapper_are_documents() {
    let none: [&str; 0] = [];
    assert_eq!(frame_text(" {\"id\": 1 } \n").unwrap(), [r#"{"id": 1 }"#]);
    assert_eq!(frame_text(r#"{"login":{}}"#).unwrap(), [r#"{"login":{}}"#]);
    assert_eq!(frame_text("[]").unwrap(), none);
    assert_eq!(
        frame_text(" [ {} ,\t{\"a\":[{}]}\r\n] ").unwrap(),
        ["{}", "{\"a\":[{}]}"]
    );
    assert_eq!(frame_text(r#"{"sites":[]}"#).unwrap(), none);
    let wrapper = r#" { "a" : [1,{"sites":2}] , "sites" : [ {"id":1} , {} ] , "b":-1.5e3 ,"c":null,"d":"]}" } "#;
    assert_eq!(frame_text(wrapper).unwrap(), [r#"{"id":1}"#, "{}"]);
}

#[test]
fn the_wrappers_key_may_be_spelled_with_escapes() {
    assert_eq!(frame_text(r#"{"s\u0069tes":[{"id":1}]}"#).unwrap(), [r#"{"id":1}"#]);
}

#[test]
fn sites_are_told_as_soon_as_they_are_complete() {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    framer
        .push(br#"{"more":true,"sites":[{"id":1},{"id""#, &mut batch)
        .unwrap();
    assert_eq!(batch.parts().count(), 3);
    framer.push(b":2}", &mut batch).unwrap();
    let site = Part::Site {
        index: 1,
        bytes: br#"{"id":2}"#,
    };
    assert_eq!(batch.parts().collect::<Vec<_>>(), [site]);
}

#[test]
fn documents_of_another_shape_are_refused() {
    let cases = [
        (" \u{feff}{}", ShapeError::NotADocument),
        ("\u{feff}\u{feff}{}", ShapeError::NotADocument),
        ("x", ShapeError::NotADocument),
        ("\"sites\"", ShapeError::NotADocument),
        ("1", ShapeError::NotADocument),
        ("\0{}", ShapeError::NotADocument),
        ("{}", ShapeError::NoSites),
        (r#"{"users":[]}"#, ShapeError::NoSites),
        (r#"{"sites":{}}"#, ShapeError::SitesNotAnArray),
        (r#"{"sites":null}"#, ShapeError::SitesNotAnArray),
        ("[1]", ShapeError::SiteNotAnObject),
        ("[[]]", ShapeError::SiteNotAnObject),
        ("[{},null]", ShapeError::SiteNotAnObject),
        (r#"{"sites":[],"sites":[]}"#, ShapeError::Ambiguous),
        (r#"{"sites":[],"s\u0069tes":[]}"#, ShapeError::Ambiguous),
        (r#"{"sites":[],"login":{}}"#, ShapeError::Ambiguous),
        (r#"{"login":{},"sites":[]}"#, ShapeError::Ambiguous),
    ];
    for (document, expected) in cases {
        assert_eq!(frame_text(document), Err(expected.into()), "{document}");
    }
}

#[test]
fn a_document_in_another_encoding_comes_out_in_utf8() {
    let text = r#" {"sites":[{"id":1,"name":"Größe \u{1f511}"}]} "#;
    let units = |to_bytes: fn(u16) -> [u8; 2]| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to_bytes);
    let documents: [Vec<u8>; 3] = [
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        units(u16::to_le_bytes).collect(),
        units(u16::to_be_bytes).collect(),
    ];
    for document in documents {
        for size in [1, 2, 3, 7, usize::MAX] {
            let (all, sites) = frame(&document, size).unwrap();
            assert_eq!(all, text.as_bytes(), "pieces of {size}");
            assert_eq!(sites.len(), 1);
        }
    }
}

#[test]
fn what_is_no_text_is_refused_where_the_pieces_are_cut() {
    for (document, expected) in [
        (&b"{\0\"\0"[..], DocumentError::Text(TextError::UnmarkedUtf16)),
        (b"\xff\xfe[\0]\0 ", DocumentError::Text(TextError::BrokenUtf16)),
        (b"\xff\xfe[\0]\0\x11\xdd", DocumentError::Text(TextError::BrokenUtf16)),
        (b"\xff\xfe[\0\x3d\xd8]\0", DocumentError::Text(TextError::BrokenUtf16)),
        (b"\xff\xfe[\0}\0\x11\xdd", DocumentError::Syntax { offset: 1 }),
        (b"\xff\xfe", DocumentError::Truncated),
    ] {
        for size in [1, 2, 3, 5, usize::MAX] {
            assert_eq!(
                frame(document, size),
                Err(expected),
                "{document:x?} in pieces of {size}"
            );
        }
    }
}

#[test]
fn a_text_that_broke_off_stays_refused() {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    let broken = Err(DocumentError::Text(TextError::BrokenUtf16));
    assert_eq!(framer.push(b"\xff\xfe[\0\x11\xdd", &mut batch), broken);
    assert_eq!(framer.push(b"]\0", &mut batch), broken);
    assert_eq!(framer.finish(), broken);
}

#[test]
fn what_is_no_json_is_refused_where_it_stops_to_be() {
    let cases = [
        ("[{},]", 4),
        ("[,{}]", 1),
        ("[{} {}]", 4),
        ("[}", 1),
        (r#"{"sites":[{}}"#, 12),
        (r#"{"id":1,}"#, 8),
        (r#"{"id" 1}"#, 6),
        (r#"{"id":}"#, 6),
        (r#"{"id":+1}"#, 6),
        (r#"{"id":01}"#, 6),
        (r#"{"id":nul}"#, 6),
        (r#"{"id":1 2}"#, 8),
        (r#"{"id":"\x"}"#, 6),
        (r#"{"id":[1}}"#, 6),
        (r#"{id:1}"#, 1),
        (r#"{"i\qd":1}"#, 1),
        ("{\"id\":\"\u{1}\"}", 6),
        (r#"{"a":1,,"id":1}"#, 7),
        (r#"{"id":1]"#, 7),
        (r#"{"id":1"a":2}"#, 7),
    ];
    for (document, offset) in cases {
        assert_eq!(
            frame_text(document),
            Err(DocumentError::Syntax { offset }),
            "{document}"
        );
    }
}

#[test]
fn invalid_utf8_next_to_the_sites_is_refused() {
    let cases = [
        (&b"{\"a\":\"\xff\",\"sites\":[]}"[..], 5),
        (b"{\"\xc3\":1,\"id\":1}", 1),
    ];
    for (document, offset) in cases {
        assert_eq!(
            frame(document, 3),
            Err(DocumentError::Syntax { offset }),
            "{document:?}"
        );
    }
}

#[test]
fn what_follows_the_document_is_refused() {
    for document in ["[]]", r#"{"id":1}}"#, r#"{"id":1},"#, "[] []", "[]\0", "[]\u{feff}"] {
        let error = frame_text(document).unwrap_err();
        assert!(matches!(error, DocumentError::Trailing { .. }), "{document}: {error}");
    }
}

#[test]
fn too_many_levels_are_refused() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let site = |levels| format!(r#"[{{}},{{"a":{}}}]"#, nested(levels));
    assert!(frame_text(&site(MAX_DEPTH - 1)).is_ok());
    assert_eq!(frame_text(&site(MAX_DEPTH)), Err(DocumentError::TooDeep { offset: 4 }));
    let member = |levels| format!(r#"{{"sites":[],"a":{}}}"#, nested(levels));
    assert!(frame_text(&member(MAX_DEPTH)).is_ok());
    assert_eq!(
        frame_text(&member(MAX_DEPTH + 1)),
        Err(DocumentError::TooDeep { offset: 16 })
    );
    let bomb = vec![b'['; 1 << 20];
    assert_eq!(frame(&bomb, 4096), Err(ShapeError::SiteNotAnObject.into()));
}

/// The limit must not depend on how the document was cut, so that one piece of all is tried as well.
#[test]
fn too_long_sites_and_members_are_refused() {
    let cases = [
        ("[{\"a\":\"", b'1', "\"}]", 1),
        ("{\"id\":\"", b'1', "\"}", 0),
        ("{\"id\":1", b' ', "}", 0),
        ("{\"a\":\"\",\"b\":\"", b'1', "\",\"sites\":[]}", 0),
        ("{\"sites\":", b' ', "[]}", 0),
        ("{\"sites\":[],\"b\":\"", b'1', "\"}", 16),
        ("{\"sites\":[],\"b\":1", b'1', "}", 16),
        ("{\"sites\":[],\"", b'1', "\":1}", 12),
    ];
    for (before, filling, after, offset) in cases {
        for size in [1 << 20, usize::MAX] {
            let document = [before.as_bytes(), &vec![filling; MAX_SITE_LEN], after.as_bytes()].concat();
            assert_eq!(
                frame(&document, size),
                Err(DocumentError::TooLarge { offset }),
                "{before}"
            );
        }
    }
    let exact = format!("[{{\"a\":\"{}\"}}]", "1".repeat(MAX_SITE_LEN - 8));
    assert!(frame(exact.as_bytes(), 1 << 20).is_ok());
}

/// Before its end is seen: who waits for the end holds whatever is sent.
#[test]
fn an_endless_site_is_refused_at_the_limit() {
    for before in ["[{\"a\":\"", "{\"id\":\"", "{\"id\":1"] {
        let (mut framer, mut batch) = (Framer::new(), Batch::new());
        framer.push(before.as_bytes(), &mut batch).unwrap();
        let piece = [b'1'; 1 << 20];
        let refused = (0..=16).find_map(|_| framer.push(&piece, &mut batch).err());
        assert!(matches!(refused, Some(DocumentError::TooLarge { .. })), "{before}");
        assert_eq!(framer.push(b"\"}", &mut batch).err(), refused, "the error stays");
    }
}

#[test]
fn only_the_site_that_is_being_read_is_held_back() {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    let site = format!("{{\"a\":\"{}\"}},", "x".repeat(1000));
    framer.push(b"[", &mut batch).unwrap();
    for _ in 0..100 {
        for piece in site.as_bytes().chunks(100) {
            framer.push(piece, &mut batch).unwrap();
            assert!(framer.carry_len() <= site.len(), "{}", framer.carry_len());
        }
    }
    framer.push(&[b' '; 5000], &mut batch).unwrap();
    assert_eq!(framer.carry_len(), 0, "white space is passed on");
}

#[test]
fn an_error_stays() {
    let deep = format!("[{{\"a\":{}", "[".repeat(MAX_DEPTH));
    for document in [
        "[{},]",
        "[{\"a\":1}}",
        "{\"sites\":[],\"login\":1}",
        "{\"id\":x",
        deep.as_str(),
    ] {
        let (mut framer, mut batch) = (Framer::new(), Batch::new());
        let error = framer.push(document.as_bytes(), &mut batch).unwrap_err();
        assert!(batch.is_empty(), "{document}");
        assert_eq!(framer.push(b"", &mut batch), Err(error), "{document}");
        assert_eq!(framer.push(b"]}", &mut batch), Err(error), "{document}");
        assert_eq!(framer.finish(), Err(DocumentError::Truncated), "{document}");
    }
}

/// The sites of a list, and of those that are cut what names them.
fn list(document: &[u8], size: usize) -> Result<(Vec<Vec<u8>>, Vec<String>), DocumentError> {
    let (mut framer, mut batch) = (Framer::of_listing(), Batch::new());
    let (mut all, mut sites, mut cut) = (0, Vec::new(), Vec::new());
    for piece in document.chunks(size) {
        framer.push(piece, &mut batch)?;
        all += batch.len();
        sites.extend(batch.parts().filter_map(|part| match part {
            Part::Site { bytes, .. } => Some(bytes.to_vec()),
            Part::Copy(_) => None,
        }));
        let odd = |site: &CutSite| OddRecord::cut_off::<Site>(site.start(), &site.reason()).to_string();
        cut.extend(batch.cut_sites().iter().map(odd));
    }
    framer.finish()?;
    assert_eq!(all, document.len(), "every byte comes out again");
    Ok((sites, cut))
}

#[test]
fn a_site_of_a_list_that_nests_too_deep_is_cut_and_named() {
    let deep = |levels: usize| format!("{}\"]]\"{}", "[".repeat(levels), "]".repeat(levels));
    let named = "site 7 (\"Bank\"): it is nested deeper than 64 levels";
    let unnamed = "a site without a usable id: it is nested deeper than 64 levels";
    for (site, odd) in [
        (format!(r#"{{"id":7,"name":"Bank","x":{}}}"#, deep(MAX_DEPTH)), named),
        (
            format!(r#"{{"id":7,"name":"Bank","x":{},"name":"}}]"}}"#, deep(100_000)),
            named,
        ),
        (format!(r#"{{"x":{},"id":7,"name":"Bank","y":1}}"#, deep(500)), named),
        (deep(500), unnamed),
    ] {
        for document in [
            format!(r#"{{"sites":[{{"id":1}},{site},{{"id":2}}],"total":3}}"#),
            format!(r#"{{"sites":{{"0":{{"id":1}},"1":{site} , "2":{{"id":2}}}}}}"#),
            format!(r#"[ {{"id":1}},{site} ,{{"id":2}}]"#),
        ] {
            for size in [1, 7, 1000, usize::MAX] {
                let (sites, cut) = list(document.as_bytes(), size).unwrap();
                assert_eq!(sites, [br#"{"id":1}"#, br#"{"id":2}"#], "pieces of {size}");
                assert_eq!(cut, [odd], "pieces of {size}");
            }
        }
    }
    let whole = format!(r#"[{{"x":{}}}]"#, deep(MAX_DEPTH - 1));
    assert_eq!(list(whole.as_bytes(), 9).unwrap().1, [""; 0]);
    let beside = format!(r#"{{"sites":[],"x":{}}}"#, deep(MAX_DEPTH + 1));
    assert_eq!(
        list(beside.as_bytes(), 9),
        Err(DocumentError::TooDeep { offset: 16 }),
        "not beside the sites"
    );
}

#[test]
fn a_site_of_a_list_that_is_too_long_is_cut_and_named_and_not_held() {
    let odd = "site 7 (\"Bank\"): it is longer than 16 MiB";
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    for end in ["\"}", &format!("\",\"y\":{deep}}}")] {
        let long = "x".repeat(MAX_SITE_LEN);
        let document = format!(r#"[{{"id":1}},{{"id":7,"name":"Bank","x":"{long}{end},{{"id":2}}]"#);
        for size in [100_000, usize::MAX] {
            let (sites, cut) = list(document.as_bytes(), size).unwrap();
            assert_eq!(sites, [br#"{"id":1}"#, br#"{"id":2}"#], "pieces of {size}");
            assert_eq!(cut, [odd], "pieces of {size}");
        }
    }
    let (mut framer, mut batch) = (Framer::of_listing(), Batch::new());
    framer.push(br#"[{"x":""#, &mut batch).unwrap();
    for _ in 0..40 {
        framer.push(&[b'x'; 1 << 20], &mut batch).unwrap();
        assert!(framer.carry_len() <= MAX_SITE_LEN, "{}", framer.carry_len());
    }
    assert_eq!(framer.carry_len(), 0);
    assert_eq!(framer.finish(), Err(DocumentError::Truncated));
}
