use super::*;

#[test]
fn numbers_are_readable() {
    assert_eq!(shown(1_234_567.8, "/s"), "1,234,568 /s");
    assert_eq!(shown(999.4, "/s"), "999 /s");
    assert_eq!(shown(12.34, "ms"), "12.3 ms");
    assert_eq!(shown(0.456, "ms"), "0.46 ms");
}

#[test]
fn a_figure_is_a_line() {
    let figure = Figure::new("rate", 60_000.0, "/s").beside("plain", 100_000.0).at_least_times(0.5);
    let table = table(&[figure]);
    let cells: Vec<&str> = table.lines().last().unwrap().split('|').map(str::trim).collect();
    assert_eq!(cells, ["", "rate", "60,000 /s", "100,000 /s (plain)", "0.60", "≥ 0.5 × reference", "yes", ""]);
}
