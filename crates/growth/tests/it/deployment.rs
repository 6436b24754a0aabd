//! What a year needs.

use growth::{Assumptions, Deployment, Multiple, Request, Service, Tier, Workload, Year};
use proptest::prelude::*;

use crate::PLANNED;

fn replicas(year: Year) -> [(u64, u64); 7] {
    Deployment::of(year, &PLANNED).services.map(|size| (size.replicas, size.most))
}

#[test]
fn in_years_one_and_two_availability_decides_and_not_load() {
    assert_eq!(replicas(Year::One), [(2, 4); 7]);
    assert!(replicas(Year::Two).iter().all(|(least, _)| *least == 2));
}

#[test]
fn from_year_three_on_the_way_of_a_stamp_stands_in_three_zones_and_from_year_five_everything() {
    let third = Deployment::of(Year::Three, &PLANNED).services;
    for size in third {
        let is_on_the_way = [Service::Gateway, Service::Stamping].contains(&size.service);
        assert_eq!(size.replicas, if is_on_the_way { 3 } else { 2 }, "{size:?}");
    }
    assert!(replicas(Year::Five).iter().all(|(least, _)| *least >= 3));
}

#[test]
fn the_database_grows_from_two_cores_to_eight_and_no_role_takes_another_s_connections() {
    let databases = Year::ALL.map(|year| Deployment::of(year, &PLANNED).database);
    assert_eq!(databases.map(|database| database.cores), [2, 2, 4, 4, 8]);
    assert_eq!(databases.map(|database| database.active), [8, 8, 12, 12, 20]);
    assert_eq!(databases.map(|database| database.read_replicas), [1, 1, 2, 2, 2]);
    for database in databases {
        // Six roles with all that they may hold, and a burst of one of them.
        assert_eq!(database.pool_total, database.pool * 6 + database.reserve);
        // One more copy, while a release changes them, and twenty that pass by.
        assert_eq!(database.most, database.pool_total * (database.poolers + 1) + 20);
    }
}

#[test]
fn year_three_holds_a_few_gigabytes() {
    let third = Deployment::of(Year::Three, &PLANNED);
    assert!((5e9..10e9).contains(&third.held), "{}", third.held);
    assert_eq!(third.disk, 20);
    assert_eq!(third.tier, Tier::HundredThousand);
}

#[test]
fn every_request_meets_the_gateway_and_somebody_behind_it() {
    for request in Request::ALL {
        assert_eq!(Service::Gateway.calls(request), 1.0);
        let behind = Service::ALL.iter().skip(1).map(|service| service.calls(request)).sum::<f64>();
        assert!(behind >= 1.0, "{request:?}");
    }
}

/// Every field that could go wrong, for whatever number of businesses.
fn assert_sane(deployment: &Deployment) -> Result<(), TestCaseError> {
    for size in &deployment.services {
        prop_assert!(
            size.replicas >= 2 && size.most >= size.replicas && size.calls.is_finite(),
            "{:?}",
            size
        );
    }
    let sum = deployment.services.iter().fold(0_u64, |sum, size| sum.saturating_add(size.replicas));
    prop_assert_eq!(sum, deployment.replicas());
    let database = &deployment.database;
    prop_assert!(database.pool <= database.pool_total && database.pool_total <= database.most);
    prop_assert!(database.active <= database.pool.saturating_mul(database.poolers));
    let bill = &deployment.bill;
    let lines: f64 = bill.lines.iter().map(|line| line.monthly).sum();
    prop_assert!(bill.running().is_finite() && bill.lines.iter().all(|line| line.monthly >= 0.0));
    prop_assert_eq!(lines, bill.running());
    prop_assert_eq!(bill.running() + bill.messages, bill.total());
    prop_assert!(deployment.held.is_finite() && deployment.files.total().is_finite());
    Ok(())
}

/// Small and absurd numbers of businesses alike.
fn businesses() -> impl Strategy<Value = u64> {
    prop_oneof![0..20_000_u64, any::<u64>(), Just(u64::MAX)]
}

proptest! {
    /// More businesses never need fewer replicas, cores, connections, gigabytes, a smaller tier or less money.
    #[test]
    fn more_businesses_never_need_less(some in businesses(), more in businesses()) {
        let few = Deployment::after(&[some.min(more)], &PLANNED);
        let many = Deployment::after(&[some.max(more)], &PLANNED);
        assert_sane(&few)?;
        assert_sane(&many)?;
        for (few, many) in few.services.iter().zip(&many.services) {
            prop_assert!(few.replicas <= many.replicas && few.most <= many.most, "{:?} {:?}", few, many);
        }
        prop_assert!(few.database.cores <= many.database.cores && few.database.most <= many.database.most);
        prop_assert!(few.database.read_replicas <= many.database.read_replicas);
        prop_assert!(few.database.clients <= many.database.clients);
        prop_assert!(few.disk <= many.disk && few.held <= many.held && few.files.total() <= many.files.total());
        prop_assert!(few.tier <= many.tier);
        prop_assert!(few.bill.total() <= many.bill.total());
    }

    /// The replicas that always run carry the peak at half their processors; the most carry the load test at seven tenths.
    #[test]
    fn what_runs_carries_what_is_planned(businesses in 0..10_000_000_u64) {
        let deployment = Deployment::after(&[businesses], &PLANNED);
        let tested = Workload::planned(businesses, Multiple::LOAD_TEST, &PLANNED);
        for size in &deployment.services {
            let carried = |replicas: u64, cpu: f64| replicas as f64 * PLANNED.calls_of_replica.value * cpu;
            let asked: f64 =
                Request::ALL.into_iter().map(|request| tested.rate(request) * size.service.calls(request)).sum();
            prop_assert!(carried(size.replicas, 0.5) >= size.calls - 1e-6, "{:?}", size);
            prop_assert!(carried(size.most, 0.7) >= asked - 1e-6, "{:?}", size);
        }
        let gateway = &deployment.services[0];
        prop_assert!(gateway.most as f64 * PLANNED.sockets_of_replica.value >= tested.panels + tested.tills);
    }

    /// Absurd assumptions make absurd numbers, and no panic.
    #[test]
    fn absurd_assumptions_do_not_break_it(factor in prop_oneof![Just(0.0), Just(1e300), -1e9..1e9], years in prop::collection::vec(any::<u64>(), 0..6)) {
        let mut assumed: Assumptions = PLANNED;
        for one in [&mut assumed.visits, &mut assumed.customers_per_business, &mut assumed.calls_of_replica, &mut assumed.days] {
            one.value *= factor;
        }
        let deployment = Deployment::after(&years, &assumed);
        prop_assert!(deployment.replicas() >= 14);
        prop_assert!(growth::steps(&assumed).len() == 4);
    }
}
