use super::*;

fn network(name: &str) -> Network {
    Network(name.to_owned())
}

/// A place for an account that is in a network of its own.
fn taken(places: &Places, account: u128) -> Result<Place<'_>, Problem> {
    places.take(Uuid::from_u128(account), network(&account.to_string()))
}

fn kind(refused: Result<Place<'_>, Problem>) -> String {
    refused.unwrap_err().details().kind.clone()
}

/// Two accounts held all places between them.
#[test]
fn a_few_accounts_leave_places_to_others() {
    let places = Places::default();
    let most_of = |account| std::iter::from_fn(|| taken(&places, account).ok()).collect::<Vec<_>>();
    let mut of_ada = most_of(1);
    assert_eq!(of_ada.len(), AT_ONCE - FOR_OTHERS, "alone it has as many as may be");
    assert_eq!(kind(taken(&places, 1)), "urn:inklog:problem:quota-exceeded");
    let others: Vec<_> = (2..6).map(most_of).collect();
    assert!(others.iter().all(|places| places.len() == 1), "each has one");
    assert_eq!(kind(taken(&places, 6)), "urn:inklog:problem:overloaded");
    assert_eq!(kind(taken(&places, 1)), "urn:inklog:problem:quota-exceeded");
    of_ada.pop();
    assert_eq!(kind(taken(&places, 1)), "urn:inklog:problem:quota-exceeded", "it is for others");
    let of_frank = taken(&places, 6).unwrap();
    drop((of_ada, others, of_frank));
    let taken = places.0.lock();
    assert!(taken.of_accounts.is_empty() && taken.of_networks.is_empty());
}

/// As many accounts as there are places held all of them from one address.
#[test]
fn one_network_leaves_places_to_others() {
    let places = Places::default();
    let of_one = |account| places.take(Uuid::from_u128(account), network("192.0.2.1"));
    let held: Vec<_> = (1..=OF_NETWORK as u128).map(|account| of_one(account).unwrap()).collect();
    assert_eq!(kind(of_one(99)), "urn:inklog:problem:quota-exceeded");
    let _elsewhere = places.take(Uuid::from_u128(99), network("192.0.2.2")).unwrap();
    drop(held);
    let _again = of_one(1).unwrap();
}

/// Five accounts held all places with bodies that came as slowly as is taken.
#[test]
fn while_a_place_is_wanted_a_slow_body_does_not_keep_one() {
    let places = Places::default();
    let held: Vec<_> = (1..=AT_ONCE as u128).map(|account| taken(&places, account).unwrap()).collect();
    assert_eq!(held[0].least_rate(), LEAST);
    assert_eq!(kind(taken(&places, 99)), "urn:inklog:problem:overloaded");
    assert_eq!(held[0].least_rate(), LEAST_WHILE_WANTED);
    places.0.lock().wanted_at = Instant::now().checked_sub(WANTED);
    assert_eq!(held[0].least_rate(), LEAST);
}
