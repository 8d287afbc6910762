//! How reviews stand, beside what is there of what they are of. That a working copy is discarded or saved over is no
//! event, so the rows of reviews alone do not tell.

/// The reviews, in SQL: a row for each that ever was, with what its row has, whether what it is of is still `there`,
/// and whether the working copy that it is of has been saved over since (`saved_since`).
pub(super) const REVIEWS: &str = "(SELECT v.post_id, v.state, v.copy_sha256, v.acted_by, v.since, v.note, \
     (v.copy_sha256 IS NULL OR w.post_id IS NOT NULL) AS there, \
     (v.copy_sha256 IS NOT NULL AND w.post_id IS NOT NULL \
      AND encode(sha256(convert_to(w.change, 'UTF8')), 'hex') <> v.copy_sha256) AS saved_since \
     FROM content.reviews v LEFT JOIN writing.working_copies w ON w.post_id = v.post_id)";
