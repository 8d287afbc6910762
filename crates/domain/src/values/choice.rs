//! Closed sets of values.

/// Declares a closed set of values, each with the text that stands for it everywhere.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text that stands for it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::values::Invalid> {
                let found = Self::ALL.iter().copied().find(|choice| choice.name() == text);
                found.ok_or_else(|| $crate::values::Invalid(format!("is not one of {}", [$($text),+].join(", "))))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::values::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::values::Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(choice: $name) -> Self {
                choice.name().to_owned()
            }
        }
    };
}

pub(crate) use choice;
