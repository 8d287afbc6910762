use std::collections::HashSet;

use super::*;

fn rounds_of(rate: f64) -> Rounds {
    Rounds(vec![Measured { rate, latencies: Latencies::new() }])
}

#[test]
fn no_two_figures_have_one_name() {
    let beside = |callers| Beside { callers, ours: rounds_of(3.0), produce: rounds_of(2.0), insert: rounds_of(1.0) };
    let figures: Vec<Figure> = CALLERS.iter().flat_map(|callers| beside(*callers).figures()).collect();
    let names: HashSet<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names.len(), figures.len(), "{figures:#?}");
    let of = |name: &str| figures.iter().find(|figure| figure.name == name).unwrap().reference;
    assert_eq!(of("writer, 64 callers: rate"), Some(2.0));
    assert_eq!(of("writer, 64 callers: rate beside insert"), Some(1.0));
}
