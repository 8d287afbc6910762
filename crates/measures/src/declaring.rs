//! How a metric is declared, and how it is used.

use std::marker::PhantomData;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, with_recorder};

use crate::{About, Declared};

/// Where the exporter might look for what a metric belongs to; ours are told apart by name.
static NOWHERE: Metadata<'static> = Metadata::new("inklog", metrics::Level::INFO, None);

/// A metric with so many labels.
#[derive(Debug)]
pub struct Measure<K, const LABELS: usize> {
    about: About,
    kind: PhantomData<fn() -> K>,
}

/// Something that only grows.
pub type Count<const LABELS: usize> = Measure<Counter, LABELS>;
/// Something that goes up and down.
pub type Level<const LABELS: usize> = Measure<Gauge, LABELS>;
/// How values are spread.
pub type Spread<const LABELS: usize> = Measure<Histogram, LABELS>;

impl<K, const LABELS: usize> Measure<K, LABELS> {
    pub(crate) const fn of(about: About) -> Self {
        assert!(about.labels.len() == LABELS, "its type says how many labels it has");
        Self { about, kind: PhantomData }
    }

    fn key(&self, values: [SharedString; LABELS]) -> Key {
        let labels = self.about.labels.iter().zip(values);
        Key::from_parts(
            self.about.name,
            labels.map(|(label, value)| metrics::Label::new(label.name, value)).collect::<Vec<_>>(),
        )
    }

    fn described(&self) -> (KeyName, SharedString) {
        (KeyName::from_const_str(self.about.name), SharedString::const_str(self.about.help))
    }

    /// All combinations of the labels' values, where these are known.
    pub(crate) fn known(&self) -> Vec<[SharedString; LABELS]> {
        let known: Option<Vec<_>> = self.about.labels.iter().map(super::Label::known).collect();
        let mut rows: Vec<Vec<&'static str>> = vec![Vec::new()];
        for values in known.unwrap_or_else(|| vec![Vec::new()]) {
            rows = rows.iter().flat_map(|row| values.iter().map(move |value| [row, &[*value][..]].concat())).collect();
        }
        let whole = |row: Vec<&'static str>| <[&'static str; LABELS]>::try_from(row).ok();
        rows.into_iter().filter_map(whole).map(|row| row.map(SharedString::const_str)).collect()
    }
}

impl<const LABELS: usize> Count<LABELS> {
    /// The counter with these values of its labels. To be kept where it is used all the time.
    pub fn with<V: Into<SharedString>>(&self, values: [V; LABELS]) -> Counter {
        let key = self.key(values.map(Into::into));
        with_recorder(|recorder| recorder.register_counter(&key, &NOWHERE))
    }
}

impl Count<0> {
    /// Counts one more.
    pub fn increment(&self) {
        self.with::<SharedString>([]).increment(1);
    }
}

impl<const LABELS: usize> Level<LABELS> {
    /// The gauge with these values of its labels.
    pub fn with<V: Into<SharedString>>(&self, values: [V; LABELS]) -> Gauge {
        let key = self.key(values.map(Into::into));
        with_recorder(|recorder| recorder.register_gauge(&key, &NOWHERE))
    }
}

impl Level<0> {
    /// It is so much now.
    pub fn set(&self, value: f64) {
        self.with::<SharedString>([]).set(value);
    }
}

impl<const LABELS: usize> Spread<LABELS> {
    /// The histogram with these values of its labels.
    pub fn with<V: Into<SharedString>>(&self, values: [V; LABELS]) -> Histogram {
        let key = self.key(values.map(Into::into));
        with_recorder(|recorder| recorder.register_histogram(&key, &NOWHERE))
    }
}

impl Spread<0> {
    /// One more value, such as a duration in seconds.
    pub fn record(&self, value: impl metrics::IntoF64) {
        self.with::<SharedString>([]).record(value);
    }
}

impl<const LABELS: usize> Declared for Count<LABELS> {
    fn about(&self) -> &About {
        &self.about
    }

    fn describe(&self) {
        let (name, help) = self.described();
        with_recorder(|recorder| recorder.describe_counter(name, None, help));
        self.known().into_iter().for_each(|values| self.with(values).increment(0));
    }
}

impl<const LABELS: usize> Declared for Level<LABELS> {
    fn about(&self) -> &About {
        &self.about
    }

    fn describe(&self) {
        let (name, help) = self.described();
        with_recorder(|recorder| recorder.describe_gauge(name, None, help));
    }
}

impl<const LABELS: usize> Declared for Spread<LABELS> {
    fn about(&self) -> &About {
        &self.about
    }

    fn describe(&self) {
        let (name, help) = self.described();
        with_recorder(|recorder| recorder.describe_histogram(name, None, help));
    }
}

/// Declares the metrics of a layer: `NAME: Kind<labels> = "name" in "unit", [label: "values", …], "what it means";`
macro_rules! measures {
    (
        $title:literal in $programs:expr;
        $($constant:ident: $kind:ident<$labels:literal> = $name:literal in $unit:literal
            [$($label:ident: $values:literal),*] $(by $buckets:expr)? , $help:literal;)+
    ) => {
        $(
            #[doc = $help]
            pub static $constant: $crate::$kind<$labels> = $crate::$kind::of($crate::About {
                name: $name,
                kind: $crate::declaring::kind!($kind $($buckets)?),
                unit: $unit,
                help: $help,
                labels: &[$($crate::Label { name: stringify!($label), values: $values }),*],
            });
        )+
        /// All of them.
        pub const LAYER: $crate::Layer =
            $crate::Layer { title: $title, programs: &$programs, all: &[$(&$constant),+] };
    };
}

macro_rules! kind {
    (Count) => {
        $crate::Kind::Counter
    };
    (Level) => {
        $crate::Kind::Gauge
    };
    (Spread) => {
        $crate::Kind::Histogram(&$crate::declaring::ANSWERS)
    };
    (Spread $buckets:expr) => {
        $crate::Kind::Histogram(&$buckets)
    };
}

pub(crate) use {kind, measures};

/// Upper bounds in seconds of what is asked and answered: from what one command takes when nothing is in its way to the
/// longest deadline.
pub(crate) const ANSWERS: [f64; 15] =
    [0.0005, 0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Upper bounds in seconds of what may be late: from a moment to a day.
pub(crate) const LATENESS: [f64; 12] = [0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0];
