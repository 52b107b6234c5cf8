//! The proxy that a request went through: where one is set and a connection fails, it may be the reason.

use hyper_util::client::proxy::matcher::Matcher;

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
