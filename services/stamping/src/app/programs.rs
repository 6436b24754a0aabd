//! Making and changing programs.

use kernel::{BusinessId, ProgramId};

use super::App;
use crate::domain::{Actor, Definition, LookChange, Program, RewardRule, RulesChange};
use crate::{Error, events, store};

/// Most programs of one business.
const MAX_PROGRAMS: usize = 50;

/// What is to change in a program; what is `None` stays.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in `Definition`")]
pub struct ProgramChange {
    pub name: Option<String>,
    pub stamps_required: Option<i32>,
    pub rewards: Option<Vec<RewardRule>>,
    pub rules: Option<RulesChange>,
    pub look: Option<LookChange>,
    pub active: Option<bool>,
}

impl App {
    /// Makes a program in its first version.
    pub async fn create_program(&self, actor: &Actor, definition: Definition) -> Result<Program, Error> {
        if store::program::list(&self.pool, actor.business, true).await?.len() >= MAX_PROGRAMS {
            return Err(kernel::Invalid::new("programs", "too_many").into());
        }
        let now = self.clock.now();
        let program = Program {
            program: ProgramId::generate_at(now),
            business: actor.business,
            version: 1,
            active: true,
            created_at: now,
            definition,
        };
        let mut tx = self.pool.begin().await?;
        store::program::insert(&mut tx, &program).await?;
        let appended = self.outbox.append(&mut tx, vec![events::program_changed(&program, now)]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(program)
    }

    /// Changes a program into its next version. Running cycles keep theirs.
    pub async fn update_program(
        &self,
        actor: &Actor,
        program: ProgramId,
        change: ProgramChange,
    ) -> Result<Program, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        // Changes of one program come one after the other, each on top of what it finds.
        store::program::lock(&mut tx, actor.business, program).await?;
        let found = store::program::get(&mut *tx, actor.business, program).await?;
        let old = found.ok_or(Error::NotFound("program_id"))?;
        let definition = old.definition;
        let program = Program {
            version: old.version + 1,
            active: change.active.unwrap_or(old.active),
            definition: Definition::new(
                change.name.as_deref().unwrap_or(&definition.name),
                change.stamps_required.unwrap_or(definition.stamps_required),
                change.rewards.unwrap_or(definition.rewards),
                change.rules.unwrap_or_default().over(definition.rules),
                change.look.unwrap_or_default().over(&definition.look)?,
            )?,
            ..old
        };
        store::program::advance(&mut tx, &program).await?;
        store::program::insert_version(&mut tx, &program, now).await?;
        let appended = self.outbox.append(&mut tx, vec![events::program_changed(&program, now)]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(program)
    }

    /// One program of a business.
    pub async fn get_program(&self, business: BusinessId, program: ProgramId) -> Result<Program, Error> {
        store::program::get(&self.pool, business, program).await?.ok_or(Error::NotFound("program_id"))
    }

    /// The programs of a business, oldest first.
    pub async fn list_programs(
        &self,
        business: BusinessId,
        include_inactive: bool,
    ) -> Result<Vec<Program>, Error> {
        store::program::list(&self.pool, business, include_inactive).await
    }
}
