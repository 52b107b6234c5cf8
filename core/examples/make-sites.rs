//! Writes a document of many sites to the standard output, for benches and trials.
//!
//! `cargo run -p zkvault-core --release --example make-sites -- 100000 [bound] > sites.json`
//!
//! Every site is like the one in the vendor's API page and has two encrypted inputs: in the vendor's layout, or
//! bound. The key is 32 bytes of 0x01 (in hexadecimal `0101…01`), and no secret.

use std::io::{self, BufWriter, Write};

use zkvault_core::SealError;
use zkvault_core::key::{KeyId, VaultKey};
use zkvault_core::value::{ValueContext, seal_bound, seal_vendor};

const KEY: [u8; 32] = [1; 32];
const VENDOR_KEY_ID: KeyId = KeyId::from_bytes([0xd8, 0x7f, 0x7e, 0x0c]);
const USER: (&str, &str) = (r#"["identifier", "Email"]"#, "text");
const PASSWORD: (&str, &str) = (r#"["password", "Passwd"]"#, "password");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().ok_or("how many sites?")?.parse()?;
    let bound = arguments.next().is_some_and(|layout| layout == "bound");
    let (key, mut output) = (VaultKey::from_slice(&KEY)?, BufWriter::new(io::stdout().lock()));
    output.write_all(b"{\n\"sites\": [")?;
    for number in 0..count {
        output.write_all(if number == 0 { b"" } else { b"," })?;
        write_site(&mut output, &key, number + 1, bound)?;
    }
    output.write_all(b"]\n}\n")?;
    Ok(output.flush()?)
}

fn write_site(output: &mut impl Write, key: &VaultKey, id: u64, bound: bool) -> Result<(), Box<dyn std::error::Error>> {
    let user = seal(key, id, bound, USER, &format!("user{id:07}@mail.test"))?;
    let password = seal(key, id, bound, PASSWORD, &format!("correct horse {id:06}"))?;
    write!(
        output,
        r##"{{
  "id": {id},
  "name": "Example site {id}",
  "updated": {updated},
  "flags": 293,
  "image": "https://images.sites.test/256_example_{id}_175x175.png",
  "icon": "https://images.sites.test/256_example_{id}_16x16.png",
  "used": 0,
  "login": {{
    "Url": "https://site{id}.accounts.test/ServiceLogin?continue=http://www.site{id}.test/",
    "regex": "^(ftp|http|https)://([^/]+\\.)?site{id}.test.*",
    "inputs": [
      {{
        "flags": 3,
        "name": "[\"identifier\", \"Email\"]",
        "type": "text",
        "value": "{user}"
      }},
      {{
        "flags": 5,
        "name": "[\"password\", \"Passwd\"]",
        "type": "password",
        "value": "{password}"
      }}
    ],
    "match": {{
      "username": "#profileIdentifier, #email-display",
      "trim": "@mail.test"
    }},
    "action": {{
      "submit": "#identifierNext, #passwordNext"
    }}
  }}
}}"##,
        updated = 1_586_452_560 + id,
    )?;
    Ok(())
}

fn seal(key: &VaultKey, site_id: u64, bound: bool, input: (&str, &str), plaintext: &str) -> Result<String, SealError> {
    let (input_name, input_type) = input;
    let context = ValueContext {
        site_id,
        input_type,
        input_name,
    };
    if bound {
        seal_bound(key, &context, plaintext)
    } else {
        seal_vendor(key, VENDOR_KEY_ID, plaintext)
    }
}
