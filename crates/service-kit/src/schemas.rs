//! The value types as OpenAPI documents describe them, made of the limits that the types themselves enforce: to be
//! named in `#[schema(value_type = schemas::Title)]`. The domain knows no OpenAPI, so each has a double here.

use domain::accounts;
use domain::values::{self, Limited, Limits};
use utoipa::openapi::schema::{ArrayBuilder, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The schema of a text with these limits.
#[must_use]
pub fn text(limits: Limits) -> ObjectBuilder {
    let Limits { least, most, pattern } = limits;
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length((least > 0).then_some(least))
        .max_length(Some(most))
        .pattern(pattern)
}

/// The schema of a text with these limits, of a format.
#[must_use]
pub fn text_of_format(limits: Limits, format: &str) -> ObjectBuilder {
    text(limits).format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// The schema of an id.
#[must_use]
pub fn id() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("uuid".to_owned())))
}

/// The schema of a list of at most `most` entries, none twice.
#[must_use]
pub fn few(most: usize, entry: impl Into<RefOr<Schema>>) -> RefOr<Schema> {
    ArrayBuilder::new().items(entry.into()).max_items(Some(most)).unique_items(true).into()
}

/// The schema of a text that is one of these.
fn one_of(names: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names))
}

/// Describes a type by a schema, as the component of this name.
#[macro_export]
macro_rules! describe {
    ($($type:ty as $name:literal = $schema:expr;)+) => {$(
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )+};
}

/// The id of a case.
const CASE: &str = "^((post|account):[0-9a-f-]{36}|comment:[0-9a-f-]{36}:[1-9][0-9]{0,5})$";

/// Declares the doubles of value types.
macro_rules! doubles {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

doubles! {
    /// [`values::Title`].
    Title = text(values::Title::LIMITS);
    /// [`values::Summary`].
    Summary = text(values::Summary::LIMITS);
    /// [`values::Markdown`].
    Markdown = text(values::Markdown::LIMITS);
    /// [`values::Slug`].
    Slug = text(values::Slug::LIMITS);
    /// [`values::Tag`].
    Tag = text(values::Tag::LIMITS);
    /// [`values::TagDescription`].
    TagDescription = text(values::TagDescription::LIMITS);
    /// [`values::UserName`].
    UserName = text(values::UserName::LIMITS);
    /// [`values::DisplayName`].
    DisplayName = text(values::DisplayName::LIMITS);
    /// [`values::Bio`].
    Bio = text(values::Bio::LIMITS);
    /// [`values::CommentText`].
    CommentText = text(values::CommentText::LIMITS);
    /// [`values::ImageUrl`].
    ImageUrl = text(values::ImageUrl::LIMITS);
    /// [`values::Locale`].
    Locale = text(values::Locale::LIMITS);
    /// [`values::TimeZone`].
    TimeZone = text(values::TimeZone::LIMITS);
    /// [`values::WebAddress`].
    WebAddress = text(values::WebAddress::LIMITS);
    /// [`values::MetaDescription`].
    MetaDescription = text(values::MetaDescription::LIMITS);
    /// [`values::Visibility`].
    PostVisibility = one_of(values::Visibility::ALL.iter().map(|choice| choice.name()));
    /// [`values::Comments`].
    Comments = one_of(values::Comments::ALL.iter().map(|choice| choice.name()));
    /// [`values::ReactionKind`].
    ReactionKind = text(values::ReactionKind::LIMITS);
    /// [`values::SharePlace`].
    SharePlace = text(values::SharePlace::LIMITS);
    /// [`values::SubjectKind`].
    SubjectKind = one_of(values::SubjectKind::ALL.iter().map(|choice| choice.name()));
    /// [`values::TargetKind`].
    TargetKind = one_of(values::TargetKind::ALL.iter().map(|choice| choice.name()));
    /// [`values::HouseRule`].
    HouseRule = text(values::HouseRule::LIMITS);
    /// [`values::FilterWord`].
    FilterWord = text(values::FilterWord::LIMITS);
    /// [`values::Statement`].
    Statement = text(values::Statement::LIMITS);
    /// [`values::Explanation`].
    Explanation = text(values::Explanation::LIMITS);
    /// [`values::Measure`].
    Measure = one_of(values::Measure::ALL.iter().map(|choice| choice.name()));
    /// The id of a case: `post:<id>`, `comment:<post id>:<number>` or `account:<id>`.
    CaseId = text(Limits::of(41, 64).matching(CASE));
    /// [`values::LocalTime`].
    LocalTime = text(values::LocalTime::LIMITS);
    /// The bytes of a picture or a file.
    Bytes = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("binary".to_owned())));
    /// [`values::AltText`].
    AltText = text(values::AltText::LIMITS);
    /// [`values::Sha256`].
    Sha256 = text(values::Sha256::LIMITS);
    /// [`accounts::Theme`].
    Theme = one_of(accounts::Theme::ALL.iter().map(|choice| choice.name()));
    /// [`accounts::EmailDigest`].
    EmailDigest = one_of(accounts::EmailDigest::ALL.iter().map(|choice| choice.name()));
    /// [`accounts::Visibility`].
    Visibility = one_of(accounts::Visibility::ALL.iter().map(|choice| choice.name()));
    /// [`accounts::PostsPerPage`].
    PostsPerPage = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(accounts::PostsPerPage::LEAST))
        .maximum(Some(accounts::PostsPerPage::MOST));
}
