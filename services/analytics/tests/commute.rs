//! Every event counts once, in whatever order and however often it arrives.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use kernel::{CustomerId, MemberId, MessageId, RewardId, Zone};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proto::analytics as pb;
use support::caller::owner;
use support::events::{Business, Card, Sent, Stamp};
use support::{World, lima};

const NOW: &str = "2026-11-23T10:00:00";
const FROM: &str = "2026-10-01";
/// A history may reach past the present: rewards are redeemed some time after the stamp.
const TO: &str = "2027-02-28";

/// One thing that happens in a shop; indices choose among its few cards, members and rewards.
#[derive(Clone, Debug)]
enum Step {
    Stamp {
        card: usize,
        hours_ago: u32,
        count: i32,
        kind: &'static str,
        via: &'static str,
        member: Option<usize>,
    },
    /// Takes back one of the stamps so far, and the reward it unlocked.
    Void {
        which: usize,
        member: Option<usize>,
    },
    /// Redeems an open reward, or undoes the redemption of one.
    Reward {
        which: usize,
        member: Option<usize>,
        minutes: u32,
    },
    Expire {
        which: usize,
    },
    Enroll {
        hours_ago: u32,
        leaves: bool,
    },
    Message(Message),
    OptOut {
        hours_ago: u32,
    },
}

/// A message goes through so many of handed_over, sent, delivered and read, an hour each. Some of it may never be told, but
/// its last state is. It may fail first and be tried again, or fail in the end.
#[derive(Clone, Debug)]
struct Message {
    hours_ago: u32,
    states: usize,
    told: [bool; 3],
    fails_first: bool,
    fails_last: bool,
}

fn any_message() -> impl Strategy<Value = Message> {
    (0..1_000u32, 0..5usize, any::<[bool; 3]>(), any::<bool>(), any::<bool>()).prop_map(
        |(hours_ago, states, told, fails_first, fails_last)| Message {
            hours_ago,
            states,
            told,
            fails_first,
            fails_last,
        },
    )
}

fn any_member() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(0..2usize)
}

fn any_step() -> impl Strategy<Value = Step> {
    let kind = prop::sample::select(vec!["earn", "earn", "earn", "bonus", "import"]);
    let via = prop::sample::select(vec!["scan", "search", "referral", "offline"]);
    let stamp = (0..4usize, 0..1_000u32, 1..4i32, kind, via, any_member()).prop_map(
        |(card, hours_ago, count, kind, via, member)| Step::Stamp {
            card,
            hours_ago,
            count,
            kind,
            via,
            member,
        },
    );
    prop_oneof![
        6 => stamp,
        2 => (any::<usize>(), any_member()).prop_map(|(which, member)| Step::Void { which, member }),
        3 => (any::<usize>(), any_member(), 0..3_000u32)
            .prop_map(|(which, member, minutes)| Step::Reward { which, member, minutes }),
        1 => any::<usize>().prop_map(|which| Step::Expire { which }),
        1 => (0..1_000u32, any::<bool>()).prop_map(|(hours_ago, leaves)| Step::Enroll { hours_ago, leaves }),
        2 => any_message().prop_map(Step::Message),
        1 => (0..1_000u32).prop_map(|hours_ago| Step::OptOut { hours_ago }),
    ]
}

/// What one business's figures must be, summed the plain way while the history is told.
#[derive(Default)]
struct Expected {
    days: BTreeMap<NaiveDate, pb::Figures>,
    hours: BTreeMap<(u32, u32), i64>,
    members: BTreeMap<MemberId, pb::MemberFigures>,
    entries: BTreeMap<(NaiveDate, kernel::CardId), i32>,
    open: BTreeMap<RewardId, i64>,
    customers: i64,
}

impl Expected {
    fn day(&mut self, at: DateTime<Utc>) -> &mut pb::Figures {
        self.days.entry(Zone::LIMA.day(at)).or_default()
    }

    fn messages(&mut self, at: DateTime<Utc>) -> &mut pb::MessageFigures {
        self.day(at).messages.get_or_insert_default()
    }

    fn stamps(&mut self, at: DateTime<Utc>, count: i32) {
        use chrono::Datelike;
        let (day, hour) = (Zone::LIMA.day(at), Zone::LIMA.hour(at));
        self.day(at).stamps += i64::from(count);
        *self.hours.entry((day.weekday().number_from_monday(), hour)).or_default() += i64::from(count);
    }

    fn entry(&mut self, at: DateTime<Utc>, card: Card, by: i32) {
        *self.entries.entry((Zone::LIMA.day(at), card.id)).or_default() += by;
    }

    fn member(&mut self, member: Option<MemberId>) -> Option<&mut pb::MemberFigures> {
        let member = member?;
        Some(
            self.members
                .entry(member)
                .or_insert_with(|| pb::MemberFigures { member_id: member.to_string(), ..Default::default() }),
        )
    }

    fn came(&self) -> impl Iterator<Item = &(NaiveDate, kernel::CardId)> {
        self.entries.iter().filter(|(_, entries)| **entries > 0).map(|(key, _)| key)
    }
}

struct GivenStamp {
    at: DateTime<Utc>,
    stamp: Stamp,
    reward: Option<RewardId>,
}

struct GivenReward {
    id: RewardId,
    unlocked_at: DateTime<Utc>,
    /// When it was unlocked, or last redeemed; what comes next comes later.
    touched_at: DateTime<Utc>,
    redeemed: Option<(DateTime<Utc>, Option<MemberId>)>,
    over: bool,
}

/// Tells a history that could have happened, and what its figures are.
struct Shop {
    business: Business,
    cards: Vec<Card>,
    members: Vec<MemberId>,
    stamps: Vec<GivenStamp>,
    rewards: Vec<GivenReward>,
    events: Vec<Sent>,
    expected: Expected,
}

impl Shop {
    fn tell(steps: &[Step]) -> Self {
        let business = Business::new();
        let mut shop = Self {
            business,
            cards: (0..4).map(|_| Card::new()).collect(),
            members: (0..2).map(|_| MemberId::generate()).collect(),
            stamps: Vec::new(),
            rewards: Vec::new(),
            events: vec![business.created(lima("2026-09-01T08:00:00"), "America/Lima")],
            expected: Expected::default(),
        };
        for step in steps {
            shop.step(step);
        }
        shop
    }

    fn step(&mut self, step: &Step) {
        let who = |member: &Option<usize>| member.map(|member| self.members[member]);
        match step {
            Step::Stamp { card, hours_ago, count, kind, via, member } => {
                let at = lima(NOW) - Duration::hours((*hours_ago).into());
                let member = who(member);
                self.stamp(at, Stamp { card: self.cards[*card], count: *count, kind, via, member });
            }
            Step::Void { which, member } => self.void(*which, who(member)),
            Step::Reward { which, member, minutes } => self.reward(*which, who(member), *minutes),
            Step::Expire { which } => self.expire(*which),
            Step::Enroll { hours_ago, leaves } => {
                let at = lima(NOW) - Duration::hours((*hours_ago).into());
                let customer = CustomerId::generate();
                self.events.push(self.business.enrolled(at, customer));
                self.expected.day(at).enrollments += 1;
                if *leaves {
                    self.events.push(self.business.erased(at, customer));
                } else {
                    self.expected.customers += 1;
                }
            }
            Step::Message(message) => self.message(message),
            Step::OptOut { hours_ago } => {
                let at = lima(NOW) - Duration::hours((*hours_ago).into());
                self.events.push(self.business.opted_out(at, CustomerId::generate()));
                self.expected.messages(at).opted_out += 1;
            }
        }
    }

    fn message(&mut self, message: &Message) {
        let (id, states) = (MessageId::generate(), ["handed_over", "sent", "delivered", "read"]);
        let at = |state: i64| lima(NOW) + Duration::hours(state - i64::from(message.hours_ago));
        let mut lived = Vec::new();
        if message.fails_first {
            lived.push((0, "failed"));
        }
        let is_told = |state: &usize| state + 1 == message.states || message.told.get(*state) == Some(&true);
        lived.extend((0..message.states).filter(is_told).map(|state| (state as i64 + 1, states[state])));
        if message.fails_last && message.states < 3 {
            lived.push((5, "failed"));
        }
        for ((state, status), version) in lived.iter().zip(1..) {
            self.events.push(self.business.message(at(*state), id, status, version, 12));
        }
        let first_of = |wanted: &[&str]| lived.iter().find(|(_, status)| wanted.contains(status));
        if let Some((state, _)) = first_of(&states) {
            let figures = self.expected.messages(at(*state));
            (figures.sent, figures.cost_cents) = (figures.sent + 1, figures.cost_cents + 12);
        }
        if let Some((state, _)) = first_of(&states[2..]) {
            self.expected.messages(at(*state)).delivered += 1;
        }
        if let Some((state, _)) = first_of(&states[3..]) {
            self.expected.messages(at(*state)).read += 1;
        }
        if let Some((state, "failed")) = lived.last() {
            self.expected.messages(at(*state)).failed += 1;
        }
    }

    /// Every third stamp unlocks a reward.
    fn stamp(&mut self, at: DateTime<Utc>, stamp: Stamp) {
        self.events.push(self.business.stamped(at, stamp));
        if stamp.kind != "import" {
            self.expected.stamps(at, stamp.count);
            if stamp.kind == "earn" {
                self.expected.entry(at, stamp.card, 1);
            }
            if let Some(sums) = self.expected.member(stamp.member) {
                sums.stamps += i64::from(stamp.count);
                sums.stamps_by_search += if stamp.via == "search" { i64::from(stamp.count) } else { 0 };
            }
        }
        let reward = self.events.len().is_multiple_of(3).then(RewardId::generate);
        if let Some(id) = reward {
            self.events.push(self.business.unlocked(at, id, Some(700)));
            self.rewards.push(GivenReward {
                id,
                unlocked_at: at,
                touched_at: at,
                redeemed: None,
                over: false,
            });
            self.expected.day(at).rewards_unlocked += 1;
            self.expected.open.insert(id, 700);
        }
        self.stamps.push(GivenStamp { at, stamp, reward });
    }

    fn void(&mut self, which: usize, member: Option<MemberId>) {
        if self.stamps.is_empty() {
            return;
        }
        let given = self.stamps.remove(which % self.stamps.len());
        let reward = given.reward.filter(|id| self.expected.open.contains_key(id));
        let voided_at = given.at + Duration::hours(30);
        let stamp = Stamp { member, ..given.stamp };
        self.events.push(self.business.voided(voided_at, given.at, stamp, reward.as_slice()));
        if stamp.kind != "import" {
            self.expected.stamps(given.at, -stamp.count);
            if let Some(sums) = self.expected.member(member) {
                sums.voids += 1;
            }
        }
        if stamp.kind == "earn" {
            self.expected.entry(given.at, stamp.card, -1);
        }
        if let Some(id) = reward {
            self.expected.open.remove(&id);
            let taken = self.rewards.iter_mut().find(|given| given.id == id).unwrap();
            taken.over = true;
            let at = taken.unlocked_at;
            self.expected.day(at).rewards_unlocked -= 1;
        }
    }

    fn reward(&mut self, which: usize, member: Option<MemberId>, minutes: u32) {
        let Some(which) = which.checked_rem(self.rewards.len()) else { return };
        let given = &mut self.rewards[which];
        if given.over {
            return;
        }
        let id = given.id;
        match given.redeemed.take() {
            Some((at, by)) => {
                self.events.push(self.business.unredeemed(at + Duration::minutes(1), id, at));
                self.expected.day(at).rewards_redeemed -= 1;
                if let Some(sums) = self.expected.member(by) {
                    sums.rewards_redeemed -= 1;
                }
                self.expected.open.insert(id, 700);
            }
            None => {
                let at = given.touched_at + Duration::minutes(i64::from(minutes) + 2);
                (given.touched_at, given.redeemed) = (at, Some((at, member)));
                self.events.push(self.business.redeemed(at, id, member));
                self.expected.day(at).rewards_redeemed += 1;
                if let Some(sums) = self.expected.member(member) {
                    sums.rewards_redeemed += 1;
                }
                self.expected.open.remove(&id);
            }
        }
    }

    fn expire(&mut self, which: usize) {
        let Some(which) = which.checked_rem(self.rewards.len()) else { return };
        let given = &mut self.rewards[which];
        if given.over || given.redeemed.is_some() {
            return;
        }
        given.over = true;
        self.events.push(self.business.expired(given.touched_at + Duration::days(1), given.id));
        self.expected.open.remove(&given.id);
    }
}

impl Expected {
    /// The figures of every day asked for on which anything happened.
    fn overview(&self) -> Vec<pb::DayFigures> {
        let (from, to): (NaiveDate, NaiveDate) = (FROM.parse().unwrap(), TO.parse().unwrap());
        let figures = |day: NaiveDate| pb::Figures {
            visitors: self.came().filter(|(came, _)| *came == day).count() as i64,
            ..self.days.get(&day).copied().unwrap_or_default()
        };
        from.iter_days()
            .take_while(|day| *day <= to)
            .map(|day| pb::DayFigures { day: day.to_string(), figures: Some(figures(day)) })
            .filter(is_busy)
            .collect()
    }

    /// Cards that are active, returning, and at risk.
    fn standing(&self) -> [i64; 3] {
        let today = Zone::LIMA.day(lima(NOW));
        let mut cards: BTreeMap<_, BTreeSet<NaiveDate>> = BTreeMap::new();
        for (day, card) in self.came() {
            cards.entry(*card).or_default().insert(*day);
        }
        let span =
            |days: &BTreeSet<NaiveDate>| (*days.last().unwrap() - *days.first().unwrap()).num_days() as f64;
        let pauses: usize = cards.values().map(|days| days.len() - 1).sum();
        let shop = if pauses == 0 { 0.0 } else { cards.values().map(span).sum::<f64>() / pauses as f64 };
        let silent = |days: &BTreeSet<NaiveDate>| (today - *days.last().unwrap()).num_days();
        let active = |days: &&BTreeSet<NaiveDate>| silent(days) < 30;
        let at_risk = |days: &&BTreeSet<NaiveDate>| {
            let pause = (span(days) + shop) / days.len() as f64;
            days.len() >= 3 && silent(days) as f64 > f64::max(7.0, 2.0 * pause)
        };
        [
            cards.values().filter(active).count() as i64,
            cards.values().filter(active).filter(|days| days.len() > 1).count() as i64,
            cards.values().filter(at_risk).count() as i64,
        ]
    }

    fn heatmap(&self) -> Vec<(i32, i32, i64)> {
        let cells = self.hours.iter().filter(|(_, stamps)| **stamps != 0);
        cells.map(|((weekday, hour), stamps)| (*weekday as i32, *hour as i32, *stamps)).collect()
    }

    fn members(&self) -> BTreeMap<String, pb::MemberFigures> {
        let idle = |sums: &&pb::MemberFigures| (sums.stamps, sums.voids, sums.rewards_redeemed) == (0, 0, 0);
        let busy = self.members.values().filter(|sums| !idle(sums));
        busy.map(|sums| (sums.member_id.clone(), sums.clone())).collect()
    }
}

fn is_busy(day: &pb::DayFigures) -> bool {
    day.figures != Some(pb::Figures::default())
}

/// Every event at least once, in the order of these keys.
fn shuffled(events: &[Sent], keys: &[u32]) -> Vec<Sent> {
    let mut order = Vec::new();
    for (event, key) in events.iter().zip(keys.iter().cycle()) {
        order.push((*key, event.clone()));
        if key % 4 == 0 {
            order.push((key.rotate_left(16), event.clone()));
        }
    }
    order.sort_by_key(|(key, _)| *key);
    order.into_iter().map(|(_, event)| event).collect()
}

/// Two replicas take batches of these sizes in turn, at the same time.
async fn deliver(world: &World, mut events: &[Sent], sizes: &[usize]) {
    let mut lanes = [Vec::new(), Vec::new()];
    for (turn, size) in sizes.iter().cycle().enumerate() {
        if events.is_empty() {
            break;
        }
        let (batch, rest) = events.split_at((*size).min(events.len()));
        lanes[turn % 2].push(batch);
        events = rest;
    }
    let [ours, theirs] = lanes;
    let run = async |lane: Vec<&[Sent]>| {
        for batch in lane {
            world.deliver(batch).await;
        }
    };
    tokio::join!(run(ours), run(theirs));
}

async fn check(world: &World, shop: &Shop) {
    let (callers, expected) = (&world.callers, &shop.expected);
    let owner = owner(shop.business.id);
    let mut client = world.client();
    let (from, to) = (FROM.to_owned(), TO.to_owned());

    let overview = pb::GetOverviewRequest { from: from.clone(), to: to.clone() };
    let overview = client.get_overview(callers.request(owner.clone(), overview)).await.unwrap().into_inner();
    // Days on which nothing happened would only bury the difference.
    let busy: Vec<_> = overview.days.into_iter().filter(is_busy).collect();
    assert_eq!(busy, expected.overview());
    let spent = |figures: &pb::Figures| figures.messages.unwrap_or_default().cost_cents;
    assert_eq!(spent(&overview.total.unwrap()), expected.days.values().map(spent).sum::<i64>());
    let visitors: BTreeSet<_> = expected.came().map(|(_, card)| card).collect();
    assert_eq!(overview.total.unwrap().visitors, visitors.len() as i64);

    let heatmap = pb::GetHeatmapRequest { from: from.clone(), to: to.clone() };
    let heatmap = client.get_heatmap(callers.request(owner.clone(), heatmap)).await.unwrap().into_inner();
    let cells = heatmap.cells.iter().filter(|cell| cell.stamps != 0);
    let cells: Vec<_> = cells.map(|cell| (cell.weekday, cell.hour, cell.stamps)).collect();
    assert_eq!(cells, expected.heatmap());

    let members = pb::GetMembersRequest { from, to };
    let members = client.get_members(callers.request(owner.clone(), members)).await.unwrap().into_inner();
    let members: BTreeMap<_, _> =
        members.members.into_iter().map(|sums| (sums.member_id.clone(), sums)).collect();
    assert_eq!(members, expected.members());

    let dashboard = callers.request(owner, pb::GetDashboardRequest {});
    let dashboard = client.get_dashboard(dashboard).await.unwrap().into_inner();
    assert_eq!(
        (dashboard.rewards_open, dashboard.rewards_open_cents, dashboard.customers_total),
        (expected.open.len() as i64, expected.open.values().sum(), expected.customers)
    );
    assert_eq!(
        [dashboard.active_customers, dashboard.returning_customers, dashboard.at_risk_customers],
        expected.standing()
    );
}

/// However a history is shuffled, repeated, cut into batches and shared between two replicas, the figures are those of
/// adding it up once.
#[test]
fn order_repetition_and_batches_do_not_matter() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(World::at(lima(NOW)));
    let mut runner = TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() });
    let histories = (
        prop::collection::vec(any_step(), 1..60),
        prop::collection::vec(any::<u32>(), 150),
        prop::collection::vec(1..30usize, 1..10),
    );
    let outcome = runner.run(&histories, |(steps, keys, sizes)| {
        let shop = Shop::tell(&steps);
        runtime.block_on(async {
            deliver(&world, &shuffled(&shop.events, &keys), &sizes).await;
            check(&world, &shop).await;
        });
        Ok(())
    });
    outcome.unwrap();
}
