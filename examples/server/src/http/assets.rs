//! The dashboard, the tracking page and their files, embedded at build time (see `build.rs`).
//! Serves bytes only: what the pages show, they fetch from the API.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/dashboard"]
struct Files;

/// Everything from here, nothing from elsewhere: no inline script, no other host, no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; \
    worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";
/// Names under `assets/` with a hash in them change when their content does.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked about each time; the ETag makes that cheap.
const ASK: &str = "no-cache";

/// `/`, `/t/{token}` and `/assets/…`, for a router with any state.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(dashboard))
        .route("/t/{token}", get(tracking_page))
        .route("/assets/{*path}", get(asset))
}

async fn dashboard(request: HeaderMap) -> Response {
    serve("index.html", ASK, &request)
}

/// The same page for every token: the page itself asks the API, so that a wrong token is told
/// apart in one place only. The token is in the address, hence no referrer and no indexing.
async fn tracking_page(request: HeaderMap) -> Response {
    let mut response = serve("track.html", ASK, &request);
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

async fn asset(Path(path): Path<String>, request: HeaderMap) -> Response {
    let cache = if has_hash(&path) { FOR_EVER } else { ASK };
    serve(&format!("assets/{path}"), cache, &request)
}

fn serve(name: &str, cache: &'static str, request: &HeaderMap) -> Response {
    match Files::get(name) {
        Some(file) => answer(file, cache, request),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}

fn answer(file: EmbeddedFile, cache: &'static str, request: &HeaderMap) -> Response {
    let etag = etag(&file);
    let known = request
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| names(tags, &etag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = content_type(file.metadata.mimetype());
        ([(header::CONTENT_TYPE, kind)], file.data).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let digits: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// Whether an `If-None-Match` names the tag; weak tags count, since a proxy that compresses
/// makes a strong tag weak.
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn content_type(kind: &str) -> String {
    let text = kind.starts_with("text/") && !kind.contains("charset");
    if text { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

/// `app-AVJAR5EG.js`: eight capitals or digits after the last hyphen, as esbuild names its files.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(has_hash("app-AVJAR5EG.js"));
        assert!(has_hash("maplibre-gl-worker-Z34RSFJ5.js.LEGAL.txt"));
        assert!(!has_hash("icon.svg"));
        assert!(!has_hash("maplibre-gl-worker.js"));
    }

    #[test]
    fn tags_match_alone_in_lists_and_weak() {
        assert!(names("\"a\"", "\"a\""));
        assert!(names("\"b\", W/\"a\"", "\"a\""));
        assert!(names("*", "\"a\""));
        assert!(!names("\"b\"", "\"a\""));
    }

    #[test]
    fn both_pages_are_embedded_with_their_headers() {
        for page in ["index.html", "track.html"] {
            let response = serve(page, ASK, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(response.headers()[header::CACHE_CONTROL], ASK);
            assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        }
    }

    #[test]
    fn a_known_tag_is_answered_without_the_body() {
        let first = serve("index.html", ASK, &HeaderMap::new());
        let request =
            HeaderMap::from_iter([(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone())]);
        assert_eq!(serve("index.html", ASK, &request).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_name_outside_the_folder_is_not_found() {
        for name in ["assets/../index.html", "assets//etc/passwd", "assets/"] {
            assert_eq!(serve(name, ASK, &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        }
    }
}
