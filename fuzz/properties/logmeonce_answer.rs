//! Whatever the LogMeOnce API answers, in JSON or XML: it is read or refused alike however it arrives, a part of it is
//! never taken for the whole, what is read can be written and read again, and errors quote nothing of it.
//!
//! The first byte chooses the form of the answer and what was asked for; the rest is the body.

use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::oauth::{Credentials, Session};
use zkvault_client::{ClientError, ServiceUrl};
use zkvault_core::SecretText;
use zkvault_core::model::Site;

use crate::heap;
use crate::service::{self, Service};
use crate::xml;

const MEDIA_TYPES: [&str; 2] = ["application/json", "application/xml"];
const TOKEN: &str = r#"{"access":"token-token","refresh":null,"grant":"client","expires_at":null,"renew_at":null}"#;
const CANARY: &str = "Canary8Canary8";

pub(crate) fn check(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let media_type = MEDIA_TYPES[usize::from(choice & 1)];
    let asked = What::of(choice >> 1);
    let whole = read(asked, media_type, body, body.len());
    for piece in [1, 7, 1000] {
        if piece > 1 || body.len() < 256 {
            // Of several faults, which one is noticed first depends on the pieces.
            let pieces = read(asked, media_type, body, piece);
            assert_eq!(pieces.as_ref().ok(), whole.as_ref().ok(), "in pieces of {piece}");
        }
    }
    if let Ok(objects) = &whole {
        again(asked, objects);
    }
    a_part_is_not_the_whole(asked, media_type, body, &whole);
    nothing_is_quoted(asked, media_type, body);
    if let Ok(text) = str::from_utf8(body) {
        texts_come_back(text);
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Sites,
    Users,
    Groups,
    Site,
}

impl What {
    fn of(choice: u8) -> Self {
        [Self::Sites, Self::Users, Self::Groups, Self::Site][usize::from(choice % 4)]
    }
}

fn client(service: &Service) -> LogMeOnce<&Service> {
    let token = zkvault_client::oauth::Token::from_json(&SecretText::from(TOKEN.to_owned())).unwrap();
    let credentials = Credentials::new("key", SecretText::from("secret-secret".to_owned()));
    let url = ServiceUrl::parse("https://a.example").unwrap();
    LogMeOnce::new(service, url, Session::new(credentials, Some(token)))
}

/// What an answer holds, each object as JSON.
fn read(asked: What, media_type: &'static str, body: &[u8], piece: usize) -> Result<Vec<String>, ClientError> {
    let service = Service::new(media_type, body, piece);
    let client = client(&service);
    // The whole answer, the tree of its XML, whose element is some hundred bytes for four of the document, its JSON,
    // and the objects. A member of an object that is not there takes its room as well.
    let limit = 512 * body.len() + 256 * 1024;
    heap::within(limit, || service::run(objects(&client, asked)))
}

async fn objects(client: &LogMeOnce<&Service>, asked: What) -> Result<Vec<String>, ClientError> {
    let mut all = Vec::new();
    match asked {
        What::Sites => {
            let mut sites = client.sites(None).await?;
            while let Some(site) = sites.next().await? {
                // One that cannot be used is set aside, and is no part of the list that is written again.
                all.extend(site.ok().map(|site| json(&site)));
            }
        }
        What::Users => all.extend(client.users().await?.records.iter().map(json)),
        What::Groups => all.extend(client.groups().await?.records.iter().map(json)),
        What::Site => all.push(json(&client.site(1).await?)),
    }
    Ok(all)
}

fn json(object: &impl serde::Serialize) -> String {
    serde_json::to_string(object).unwrap()
}

/// What was read is an answer too, and the same one.
fn again(asked: What, objects: &[String]) {
    let list = format!("[{}]", objects.join(","));
    let answer = if asked == What::Site { &objects[0] } else { &list };
    let second = read(asked, "application/json", answer.as_bytes(), answer.len());
    assert_eq!(second.as_deref(), Ok(objects));
}

/// A connection that breaks must not look like an account that has lost its sites.
fn a_part_is_not_the_whole(
    asked: What,
    media_type: &'static str,
    body: &[u8],
    whole: &Result<Vec<String>, ClientError>,
) {
    let Ok(whole) = whole else { return };
    for end in [
        body.len() / 3,
        body.len() / 2,
        body.len().saturating_sub(8),
        body.len().saturating_sub(1),
    ] {
        if let Ok(part) = read(asked, media_type, &body[..end], end) {
            assert_eq!(part, *whole, "the first {end} bytes");
        }
    }
}

fn nothing_is_quoted(asked: What, media_type: &'static str, body: &[u8]) {
    let (start, end) = body.split_at(body.len() / 2);
    let body = [start, CANARY.as_bytes(), end].concat();
    if let Err(error) = read(asked, media_type, &body, body.len()) {
        // What the service says of a failure is for people to read.
        if error.service_message().is_none() {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(CANARY), "{shown}");
        }
    }
}

/// Each line is a text of a site: XML has the same as JSON, in whatever way it is written.
fn texts_come_back(text: &str) {
    let texts = xml::lines(text);
    let get = |index: usize| texts.get(index).map_or("", String::as_str);
    let (name, url, input) = (get(0), get(1), get(2));
    let document = format!(
        "<response><sites><site><id>1</id><name>{}</name><login><Url>{}</Url><inputs><input><name>{}</name></input></inputs>\
         </login></site></sites></response>",
        xml::written(name, 0),
        xml::written(url, 1),
        xml::written(input, 2),
    );
    let answer = read(What::Sites, "application/xml", document.as_bytes(), document.len()).unwrap();
    let site: Site = serde_json::from_str(&answer[0]).unwrap();
    let login = site.login.unwrap();
    let of_input = login.inputs.unwrap().remove(0).name;
    assert_eq!(
        [site.name, login.url, of_input],
        [name, url, input].map(|text| Some(text.to_owned()))
    );
}
