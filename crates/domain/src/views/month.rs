use crate::Timestamp;

/// The month of a time, in UTC: `202603` for March of 2026. Later months are greater.
#[must_use]
pub fn month_of(Timestamp(millis): Timestamp) -> i64 {
    // Years that begin with March have their odd day at the end; an era is the 400 years after which all repeats.
    let days = millis.div_euclid(86_400_000) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on: 31, 30, 31, 30, 31 days, twice and a bit.
    let from_march = (5 * day_of_year + 2) / 153;
    let (month, year) = (if from_march < 10 { from_march + 3 } else { from_march - 9 }, year_of_era + era * 400);
    (year + i64::from(month <= 2)) * 100 + month
}
