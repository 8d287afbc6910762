//! Journeys and bad days over the running programs: there is nothing here but tests, in `tests/it`.
