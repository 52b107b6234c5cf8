//! The proxy that a request went through: where one is set and a connection fails, it may be the reason.

use hyper_util::client::proxy::matcher::Matcher;

use crate::transport::{TransportError, TransportFault};

/// Host and port of the proxy that the environment names for an address, without its user and password.
pub(super) fn of_environment(address: &http::Uri) -> Option<String> {
    place(&Matcher::from_system(), address)
}

fn place(proxies: &Matcher, address: &http::Uri) -> Option<String> {
    let intercepted = proxies.intercept(address)?;
    let uri = intercepted.uri();
    let host = uri.host()?;
    Some(match uri.port_u16() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Refuses a proxy of the environment that is none: reqwest goes past it without a word, to where a proxy was to stand
/// in between.
pub(super) fn check(address: &http::Uri) -> Result<(), TransportError> {
    match unreadable(address, |name| std::env::var(name).ok()) {
        None => Ok(()),
        Some(name) => Err(TransportError::new(
            TransportFault::Connect,
            format!(
                "{name} is set and is no address of a proxy, such as http://proxy.example:3128 without white space and \
                 quotation marks"
            ),
        )),
    }
}

/// The variable that names no proxy, where one is to be used for this address. Of each name in both cases the first one
/// that is there counts, as for reqwest.
fn unreadable(address: &http::Uri, variable: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, variable(name)?)));
    let (_, direct) = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    for (name, proxy) in [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]]
        .into_iter()
        .filter_map(first)
    {
        let used = |proxy: &str| {
            let proxies = Matcher::builder().https(proxy).no(direct.as_str()).build();
            proxies.intercept(address).is_some()
        };
        if used(&proxy) || !used("http://proxy.example:3128") {
            return None;
        }
        if !proxy.is_empty() {
            return Some(name);
        }
    }
    None
}

/// Why a connection through a proxy failed, in place of `reason`.
pub(super) fn explain(proxy: &str, reason: &str) -> String {
    let named = format!("proxy {proxy}, which HTTPS_PROXY or ALL_PROXY names,");
    match reason.strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => format!("the {named} wants a user and a password, or different ones"),
        Some("unsuccessful") => format!("the {named} refuses to connect to this host"),
        Some("unexpected end of file") => format!("the {named} closed the connection"),
        Some(other) => format!("the {named} sent no usable response: {other}"),
        None => format!("no connection through the {named} came about: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let proxies = Matcher::builder()
            .https("http://user:CANARY@proxy.example:3128")
            .no("direct.example")
            .build();
        let of = |address: &str| place(&proxies, &address.parse().unwrap());
        assert_eq!(
            of("https://a.blob.core.windows.net/c").as_deref(),
            Some("proxy.example:3128")
        );
        assert_eq!(of("https://direct.example/c"), None);
        assert_eq!(of("http://127.0.0.1/c"), None);
    }

    #[test]
    fn what_is_no_proxy_is_not_gone_past() {
        let address = "https://a.blob.core.windows.net/c".parse().unwrap();
        let of = |set: &[(&str, &str)]| {
            let variable = |name: &str| set.iter().find(|(known, _)| *known == name);
            unreadable(&address, |name| variable(name).map(|(_, value)| (*value).to_owned()))
        };
        for good in ["", "http://p.example:3128", "p.example:3128", "socks5://p.example:1080"] {
            assert_eq!(of(&[("HTTPS_PROXY", good)]), None, "{good}");
        }
        for wrong in [
            " http://p.example:3128 ",
            "\"http://p.example:3128\"",
            "ftp://p.example",
            "::::",
        ] {
            assert_eq!(of(&[("HTTPS_PROXY", wrong)]), Some("HTTPS_PROXY"), "{wrong}");
            assert_eq!(of(&[("https_proxy", wrong)]), Some("https_proxy"), "{wrong}");
            assert_eq!(of(&[("all_proxy", wrong)]), Some("all_proxy"), "{wrong}");
            let direct = ("NO_PROXY", ".core.windows.net");
            assert_eq!(
                of(&[("HTTPS_PROXY", wrong), direct]),
                None,
                "it is not to be used: {wrong}"
            );
        }
        assert_eq!(
            of(&[("HTTPS_PROXY", "http://p.example:3128"), ("ALL_PROXY", "::::")]),
            None
        );
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn every_way_to_fail_names_it() {
        for reason in [
            "tunnel error: proxy authorization required",
            "tunnel error: unsuccessful",
            "tunnel error: unexpected end of file",
            "tunnel error: something new",
            "Connection refused (os error 111)",
        ] {
            let explained = explain("proxy.example:3128", reason);
            assert!(explained.contains("the proxy proxy.example:3128, "), "{explained}");
        }
        assert!(explain("p", "Connection refused (os error 111)").ends_with("Connection refused (os error 111)"));
    }
}
