//! What the service says about a refusal: its code, its message, and what it adds about the token.

use std::fmt;

use http::HeaderMap;
use serde_json::Value;

use super::sas_url::SasUrl;
use super::xml;
use crate::visible::visible;

/// Letters of the longest code; Azure's longest has 50.
const MAX_CODE_CHARS: usize = 80;

/// The service's words as they can be shown: in one line, without control characters, and without the signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    code: String,
    message: String,
    detail: String,
    /// The header or parameter that the service does not take.
    culprit: String,
}

impl Said {
    /// Reads the header of an error and its body, which is XML; or JSON, at the `dfs` endpoint.
    pub(super) fn read(headers: &HeaderMap, body: &[u8], url: &SasUrl) -> Self {
        let mut said = of_xml(body).or_else(|| of_json(body)).unwrap_or_default();
        let named = headers.get("x-ms-error-code").and_then(|code| code.to_str().ok());
        if let Some(code) = named.filter(|code| !code.trim().is_empty()) {
            code.clone_into(&mut said.code);
        }
        Self {
            code: shown(&said.code, url).chars().take(MAX_CODE_CHARS).collect(),
            message: shown(&message(&said.message), url),
            detail: shown(&said.detail, url),
            culprit: said.culprit,
        }
    }

    /// The code, if there is one.
    pub(super) fn code(&self) -> Option<&str> {
        Some(self.code.as_str()).filter(|code| !code.is_empty())
    }

    /// What is wrong with the token, by the service.
    pub(super) fn about_token(&self) -> &str {
        &self.detail
    }

    pub(super) fn is_empty(&self) -> bool {
        self.code.is_empty() && self.message.is_empty() && self.detail.is_empty()
    }

    /// Whether the service complains about the version of its API.
    pub(super) fn is_about_version(&self) -> bool {
        const VERSION: &str = "x-ms-version";
        let message = self.message.to_ascii_lowercase();
        self.culprit.eq_ignore_ascii_case(VERSION) || message.contains(VERSION) || message.contains("api version")
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.code, &self.message].map(String::as_str);
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        f.write_str(&parts.join(": "))?;
        match self.detail.as_str() {
            "" => Ok(()),
            detail if parts.is_empty() => f.write_str(detail),
            detail => write!(f, " ({detail})"),
        }
    }
}

fn of_xml(body: &[u8]) -> Option<Said> {
    let mut said = Said::default();
    let walked = xml::walk(body, "Error", |path, text| {
        if let [name] = path {
            let member = match *name {
                "Code" => &mut said.code,
                "Message" => &mut said.message,
                "AuthenticationErrorDetail" => &mut said.detail,
                "HeaderName" | "QueryParameterName" => &mut said.culprit,
                _ => return Ok(()),
            };
            text.text.trim().clone_into(member);
        }
        Ok(())
    });
    walked.ok().map(|()| said).filter(|said| !said.is_empty())
}

fn of_json(body: &[u8]) -> Option<Said> {
    let document: Value = serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()?;
    let error = document.get("error")?;
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Said {
        code: text("code"),
        message: text("message"),
        ..Said::default()
    })
}

/// The message without the lines that Azure adds to each: the number of the request, and the time.
fn message(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let own = lines.filter(|line| !line.starts_with("RequestId:") && !line.starts_with("Time:"));
    own.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// In one line, without the signature. That is looked for before anything is cut off.
fn shown(text: &str, url: &SasUrl) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&url.conceal(&line))
}

#[cfg(test)]
mod tests {
    use zkvault_core::SecretText;

    use super::*;

    fn read(code: Option<&str>, body: &str) -> Said {
        let url = "https://a.blob.core.windows.net/c?se=2030-01-01&sp=rl&sig=CANARY%2Bx%2Fy%3D";
        let url = SasUrl::parse(&SecretText::from(url.to_owned())).unwrap();
        let mut headers = HeaderMap::new();
        if let Some(code) = code {
            headers.insert("x-ms-error-code", code.parse().unwrap());
        }
        Said::read(&headers, body.as_bytes(), &url)
    }

    #[test]
    fn an_error_as_azure_writes_it() {
        let body = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code>\
            <Message>Server failed to authenticate the request.\nRequestId:1\nTime:2026-01-01T00:00:00Z</Message>\
            <AuthenticationErrorDetail>Signature did not match. String to sign used was rl\n\n2030</AuthenticationErrorDetail>\
            </Error>";
        let said = read(None, body);
        assert_eq!(said.code(), Some("AuthenticationFailed"));
        assert_eq!(
            said.to_string(),
            "AuthenticationFailed: Server failed to authenticate the request. (Signature did not match. String to sign \
             used was rl 2030)"
        );
        assert_eq!(read(Some("BlobArchived"), "").to_string(), "BlobArchived");
        assert_eq!(read(Some("Named"), "<html>no</html>").to_string(), "Named");
        assert!(read(None, "<html>no").is_empty() && read(None, "").is_empty());
        let of_dfs = "\u{feff}{\"error\":{\"code\":\"PathNotFound\",\"message\":\"No such path.\\nRequestId:2\"}}";
        assert_eq!(read(None, of_dfs).to_string(), "PathNotFound: No such path.");
    }

    #[test]
    fn the_signature_is_never_part_of_it() {
        for echoed in [
            "CANARY%2Bx%2Fy%3D",
            "CANARY+x/y=",
            "CANARY%2bx%2fy%3d",
            "CANARY&#43;x&#47;y",
            "CANARY%252Bx%252Fy",
            "sig=CANARY%2bx",
            "SIG = CANARY",
            "sig%3DCANARY%252B&se=1",
        ] {
            let body = format!(
                "<Error><Code>{0}</Code><Message>of {0} here</Message></Error>",
                xml_escaped(echoed)
            );
            let said = read(None, &body);
            assert!(!format!("{said} {said:?}").contains("CANARY"), "{said:?}");
            assert!(
                said.to_string().contains("of ") && said.to_string().contains("here"),
                "{said}"
            );
        }
    }

    fn xml_escaped(text: &str) -> String {
        text.replace('&', "&amp;")
    }

    #[test]
    fn it_is_one_line_of_limited_length() {
        let body = format!(
            "<Error><Code>A&#27;</Code><Message>a&#27;[2J\r\nb&#x202e;{}</Message></Error>",
            "c".repeat(5000)
        );
        let said = read(None, &body).to_string();
        assert!(said.starts_with("A\u{fffd}: a\u{fffd}[2J b\u{fffd}ccc"), "{said}");
        assert!(said.chars().count() < 500, "{}", said.len());
    }

    #[test]
    fn complaints_about_the_version_are_known_in_every_form() {
        for body in [
            "<Error><Code>InvalidHeaderValue</Code><HeaderName>x-ms-version</HeaderName></Error>",
            "<Error><Message>The API version 2025-11-05 is not supported by Azurite.</Message></Error>",
            "<Error><Message>The value for one of the HTTP headers is not in the correct format: x-ms-version</Message></Error>",
        ] {
            assert!(read(None, body).is_about_version(), "{body}");
        }
        let other = "<Error><Code>InvalidHeaderValue</Code><HeaderName>x-ms-range</HeaderName></Error>";
        assert!(!read(None, other).is_about_version());
    }
}
