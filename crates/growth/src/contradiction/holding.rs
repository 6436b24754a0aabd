//! What is held, and the connections to where it is held.

use super::{Contradiction, Weight};
use crate::table::number;
use crate::{Activity, Assumptions, Connections, Deployment, Section, Year, storage};

pub(super) fn list(assumed: &Assumptions) -> Vec<Contradiction> {
    let third = Deployment::of(Year::Three, assumed);
    let fifth = Deployment::of(Year::Five, assumed);
    vec![
        visits(assumed),
        sends(assumed),
        rewards(),
        referrals(assumed),
        campaigns(assumed),
        fifth_year(&fifth),
        disks(&third),
        passes(assumed),
        partitions(),
        backups(),
        instances(&third.database),
        formula(&third.database),
    ]
}

fn visits(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(2_000, assumed);
    Contradiction {
        subject: "Visits of a year",
        places: vec![Section::DatabaseSize, Section::Customers],
        says: "540,000 a year, three years of them".to_owned(),
        follows: format!(
            "{} a month are {} a year; 540,000 are the {} active customers twelve times, as if each came once a month",
            number(activity.visits_a_month),
            number(activity.visits_a_month * 12.0),
            number(activity.active_customers)
        ),
        plan: format!(
            "{} rows by the end of year 3",
            number(storage::computed(&[105, 500, 2_000], assumed)[2].rows)
        ),
        why: "Each year at the pace of its end. By accident the document's total is the last year's number.",
        weight: Weight::Differs,
    }
}

fn sends(assumed: &Assumptions) -> Contradiction {
    let rows: f64 = 583.0 * 365.0 * 3.0;
    let planned = storage::computed(&[105, 500, 2_000], assumed)[4].rows;
    let bytes = rows * 256.0 * 1.5 / 1e9;
    Contradiction {
        subject: "Rows of campaign_sends",
        places: vec![Section::DatabaseSize],
        says: "6.3 million (583 a day × 365 × 3), 2.4 GB: the largest table".to_owned(),
        follows: format!("{} and {bytes:.2} GB: ten times fewer", number(rows)),
        plan: format!("{} by the end of year 3, a blast counted by persons", number(planned)),
        why: "Two mistakes that nearly undo each other.",
        weight: Weight::Differs,
    }
}

fn rewards() -> Contradiction {
    Contradiction {
        subject: "Rows of rewards",
        places: vec![Section::DatabaseSize],
        says: "108,000, 20 % of stamps, beside 540,000 × 3 stamps".to_owned(),
        follows: number(540_000.0 * 3.0 * 0.20),
        plan: "20 % of all stamps".to_owned(),
        why: "Rewards are kept as long as the stamps that unlocked them.",
        weight: Weight::Slip,
    }
}

fn referrals(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "Rows of referrals",
        places: vec![Section::DatabaseSize],
        says: "20,000, 10 % conversion of 100,000 customers".to_owned(),
        follows: number(Activity::of(2_000, assumed).customers * 0.10),
        plan: "10 % of customers".to_owned(),
        why: "30 MB either way.",
        weight: Weight::Slip,
    }
}

fn campaigns(assumed: &Assumptions) -> Contradiction {
    let rows = storage::computed(&[105, 500, 2_000], assumed)[3].rows;
    Contradiction {
        subject: "Years that a table holds",
        places: vec![Section::DatabaseSize],
        says: "72,000 campaigns are one year's; visits and sends beside them are three years'".to_owned(),
        follows: format!("{} campaigns in three years", number(rows)),
        plan: number(rows),
        why: "All tables of one database are equally old.",
        weight: Weight::Slip,
    }
}

fn fifth_year(fifth: &Deployment) -> Contradiction {
    let five_times = storage::total(&storage::document()) * 5.0 / 1e9;
    Contradiction {
        subject: "Database in year 5",
        places: vec![Section::DatabaseSize],
        says: "30 + 15 = 45 GB for five times the businesses; 6.2 GB in year 3".to_owned(),
        follows: format!(
            "{} GB, five times as much; {} GB by what a blast counts",
            number(five_times),
            number(fifth.held / 1e9)
        ),
        plan: format!("{} GB of disk", number(fifth.disk as f64)),
        why: "Twice what is held, in steps of ten.",
        weight: Weight::Differs,
    }
}

fn disks(third: &Deployment) -> Contradiction {
    Contradiction {
        subject: "Disks",
        places: vec![Section::Infrastructure, Section::DatabaseSize, Section::Database],
        says:
            "100, 200, 500 GB with 5,000 operations a second; 6.2 GB held and 7.5 writes a second in year 3"
                .to_owned(),
        follows: format!("{} GB held", number(third.held / 1e9)),
        plan: format!("{} GB in year 3", number(third.disk as f64)),
        why: "Disks grow while they run; nobody buys eighty times what is held.",
        weight: Weight::Decides,
    }
}

fn passes(assumed: &Assumptions) -> Contradiction {
    let files = storage::Files::of(2_000, 0.0, assumed);
    let all = storage::Files::as_the_document_counts(2_000, 0.0, assumed);
    Contradiction {
        subject: "Cache of passes",
        places: vec![Section::Files],
        says: format!("{} GB, one of each of 100,000 customers; kept for 24 hours", number(all.passes)),
        follows: format!("{} GB: only what changed within a day is kept", number(files.passes)),
        plan: format!("{} GB", number(files.passes)),
        why: "A pass is made anew in less than a millisecond.",
        weight: Weight::Differs,
    }
}

fn partitions() -> Contradiction {
    Contradiction {
        subject: "When tables are partitioned",
        places: vec![Section::DatabaseSize, Section::Infrastructure, Section::Risks],
        says: "\"Year 3+\", and \"Year 2+\" among the risks".to_owned(),
        follows: "Neither".to_owned(),
        plan: "From the first day".to_owned(),
        why: "An empty table is partitioned for nothing, a full one at night.",
        weight: Weight::Slip,
    }
}

fn backups() -> Contradiction {
    Contradiction {
        subject: "Backups in the bill",
        places: vec![Section::Files, Section::Cost],
        says: "S3 holds 60 GB with seven backups; another line bills backups, \"S3 + snapshots\"".to_owned(),
        follows: "43 of the 60 GB are billed twice".to_owned(),
        plan: "Once, in the line of balancer, files, delivery, monitoring and backups".to_owned(),
        why: "It is cents for storage; the line is for snapshots.",
        weight: Weight::Slip,
    }
}

fn instances(database: &Connections) -> Contradiction {
    Contradiction {
        subject: "Instances and their connections",
        places: vec![Section::Connections, Section::Infrastructure],
        says:
            "3 API servers, 2 workers, 75 connections, \"within 100\"; elsewhere 5 servers, up to 10, and 3 \
               workers, but no dashboard and no admin server"
                .to_owned(),
        follows: format!(
            "{} with 5 servers, {} with 10: more than 100",
            5 * 10 + 3 * 10 + 20 + 5,
            10 * 10 + 3 * 10 + 20 + 5
        ),
        plan: format!(
            "{} at most from services to PgBouncer, {} from there to PostgreSQL",
            database.clients,
            database.pool_total.saturating_mul(database.poolers)
        ),
        why: "Services scale by themselves, the database does not; the pooler stands between.",
        weight: Weight::Differs,
    }
}

fn formula(database: &Connections) -> Contradiction {
    Contradiction {
        subject: "Size of the pool",
        places: vec![Section::Connections, Section::Infrastructure],
        says: "cores × 2 + disks = 36 for 16 cores; pools of 50-100; 200-500 recommended; the database of year 3 has 4 cores"
            .to_owned(),
        follows: format!("{} for 4 cores", 4 * 2 + 4),
        plan: format!(
            "{} for each service in each of {} PgBouncers, {} in each for all, PostgreSQL's limit {}",
            database.pool, database.poolers, database.pool_total, database.most
        ),
        why: "One service alone can keep all cores busy, and none has to take a connection from another.",
        weight: Weight::Decides,
    }
}
