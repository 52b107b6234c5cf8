//! What lets pages of other origins ask (CORS), as an administrator of the services has to allow it.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

/// All that the npm package needs.
const RULE: [(HeaderName, &str); 4] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_ALLOW_METHODS, "GET,HEAD,PUT,POST,DELETE"),
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        "accept,authorization,content-type,if-match,if-none-match,x-ms-version,x-ms-range,x-ms-blob-type,\
         x-ms-blob-content-type,x-ms-content-crc64,x-ms-meta-zkv",
    ),
    (
        ACCESS_CONTROL_EXPOSE_HEADERS,
        "content-range,date,etag,retry-after,x-ms-error-code,x-ms-meta-zkv",
    ),
];

/// The service of `router` for pages of every origin. Without it, browsers keep them off.
pub fn for_pages(router: Router) -> Router {
    router.layer(from_fn(answer))
}

async fn answer(request: Request, next: Next) -> Response {
    if !request.headers().contains_key(ORIGIN) {
        return next.run(request).await;
    }
    let asks_first =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match asks_first {
        true => Response::default(),
        false => next.run(request).await,
    };
    for (name, value) in RULE {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
