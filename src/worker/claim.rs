//! What is due in the database, claimed for this node.

use super::{Worker, delivery::Try, ending::Ending};
use crate::{
    channel::Refusal,
    core::{clock::Timestamp, plan::Plan},
    service::{Error, Order, Ticket},
    store::{Due, batch::Step},
};

/// Claims of a delivery none of which came to an end, after which it is set aside: it may be what ends the process. Far more
/// than an innocent one gathers while processes die young around it: what is set aside is not delivered.
const MAX_CLAIMS: i16 = 100;

impl Worker {
    /// Claims what is due. A body that cannot be opened is given up at once: no later try will open it.
    pub(super) async fn claim(&self, limit: usize) -> Result<Vec<Order>, Error> {
        if limit == 0 {
            return Ok(vec![]);
        }
        let parts = self.service.parts();
        let now = parts.clock.now();
        let claim = parts.ids.next(now)?;
        let mut orders = vec![];
        for due in parts.store.claim_due(claim, self.settings.lease, limit, now).await? {
            match self.look_at(&due) {
                Ok(plan) => orders.push(order(&due, plan, now + self.settings.lease)),
                Err(ending) => self.settle(ticket(&due), &(&due).into(), *ending).await,
            }
        }
        Ok(orders)
    }

    /// The plan of a claimed delivery, if there is anything to do.
    fn look_at(&self, due: &Due) -> Result<Plan, Box<Ending>> {
        if due.past.over {
            return Err(Ending::silent(Step::Done).into());
        }
        if due.past.claims > MAX_CLAIMS {
            tracing::error!(message = %due.message, "a delivery is set aside: no try of it ever ended");
            self.service.parts().metrics.set_aside();
            return Err(Ending::gave_up(None, Refusal::Provider, "set aside: no try of it ever ended").into());
        }
        self.service.open_plan(due.id, &due.body).ok_or_else(|| {
            tracing::error!(message = %due.message, "a delivery cannot be decrypted; is its key still in the key ring?");
            Ending::gave_up(None, Refusal::Other, "the body cannot be decrypted").into()
        })
    }
}

impl From<&Due> for Try {
    fn from(due: &Due) -> Self {
        Self { hop: due.hop, attempt: due.attempt }
    }
}

fn order(due: &Due, plan: Plan, claimed_until: Timestamp) -> Order {
    let (hop, attempt, expires_at) = (due.hop, due.attempt, due.expires_at);
    Order { ticket: ticket(due), plan, hop, attempt, expires_at, claimed_until, past: due.past }
}

const fn ticket(due: &Due) -> Ticket {
    Ticket { delivery: due.id, claim: due.claim, message: due.message, app: due.app }
}
