use super::*;

#[test]
fn a_redis_that_evicts_what_never_expires_is_known_by_its_policy() {
    let memory = |policy: &str| format!("# Memory\r\nused_memory:1\r\nmaxmemory_policy:{policy}\r\nallocator:x\r\n");
    for policy in ["allkeys-lru", "allkeys-lfu", "allkeys-random"] {
        assert_eq!(evicting(&memory(policy)), Some(policy));
    }
    for policy in ["noeviction", "volatile-lru", "volatile-ttl"] {
        assert_eq!(evicting(&memory(policy)), None);
    }
    assert_eq!(evicting("# Memory\r\n"), None, "it does not say");
}

#[test]
fn a_prefix_is_no_pattern() {
    assert_eq!(escaped("a*b[c]:lists:"), "a\\*b\\[c\\]:lists:");
}
