//! Pictures and files: the object store, and the sizes that are made of pictures.

use crate::declaring::measures;

measures! {
    "Media" in ["command-services", "query-api"];

    STORE_FAILURES: Count<0> = "inklog_media_store_failures_total" in "failures" [],
        "What the object store did not do, or not in time.";
    RENDER: Spread<0> = "inklog_media_render_seconds" in "seconds" [],
        "How long it took to make the smaller sizes of a picture.";
}
