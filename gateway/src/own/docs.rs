//! `/docs`: Swagger UI, which shows `/openapi.json` and lets it be tried out. All of it is in this program, and the
//! page may ask nobody else.

use std::sync::LazyLock;

use super::file::File;

/// Swagger UI puts pictures into its style as `data:`. No script is in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! built {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

static PAGE: LazyLock<File> =
    LazyLock::new(|| File::new(HTML, include_bytes!("assets/viewer.html")).with_policy(POLICY));
static START: LazyLock<File> = LazyLock::new(|| File::new(JAVASCRIPT, include_bytes!("assets/start.js")));
static VIEWER: LazyLock<File> =
    LazyLock::new(|| File::compressed(JAVASCRIPT, built!("swagger-ui-bundle.js"), built!("swagger-ui-bundle.js.gz")));
static STYLE: LazyLock<File> =
    LazyLock::new(|| File::compressed(CSS, built!("swagger-ui.css"), built!("swagger-ui.css.gz")));

/// The file at a path below `/docs`, without that.
pub(crate) fn file(path: &str) -> Option<&'static File> {
    match path {
        "" | "/" => Some(&PAGE),
        "/start.js" => Some(&START),
        "/swagger-ui-bundle.js" => Some(&VIEWER),
        "/swagger-ui.css" => Some(&STYLE),
        _ => None,
    }
}
