//! A key that is switched off on one node is refused on the others (security F2).

use verifyd::{core::access::AuthFailure, service::Error};

use crate::place::{Node, Place};

#[test]
fn a_key_disabled_on_one_node_is_refused_on_another_after_one_look() {
    crate::place::on_postgresql(1, |place| async move {
        let (here, there) = (place.node().await, place.node().await);
        for enabled in [false, true, false] {
            assert!(here.service.enable_key(&place.first_key().dev_key, enabled).await.unwrap());
            assert_eq!(admits(&here, &place).await, enabled, "the node that was told");
            assert_eq!(admits(&there, &place).await, !enabled, "the other node, before it looked");
            assert!(there.service.refresh().await.unwrap());
            assert_eq!(admits(&there, &place).await, enabled, "the other node");
            assert!(!there.service.refresh().await.unwrap(), "nothing has changed since");
        }
    });
}

async fn admits(node: &Node, place: &Place) -> bool {
    let key = place.first_key();
    match node.service.authenticate("engagelab", &key.dev_key, &key.dev_secret, None).await {
        Ok(_) => true,
        Err(Error::Unauthenticated(AuthFailure::Disabled)) => false,
        Err(err) => panic!("{err}"),
    }
}
