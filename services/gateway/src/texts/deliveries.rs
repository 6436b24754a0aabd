//! Why something did not reach a phone.

use super::{Text, text};

/// By messaging's and wallet-pass's words for a message.
pub(super) fn message_reasons(reason: &str) -> Text {
    match reason {
        "no_consent" => {
            text("No dio permiso para recibir promociones.", "There is no permission to send promotions.")
        }
        "opted_out" => text("Pidió no recibir más promociones.", "No more promotions were wanted."),
        "erased" => text("Sus datos se borraron.", "The person's data was erased."),
        "budget" => text(
            "Se acabó el presupuesto de mensajes. Súbelo o espera el siguiente; si falló, reinténtalo antes de 3 días.",
            "The budget for messages is used up. Raise it, or wait for the next one; if it failed, retry within 3 days.",
        ),
        "not_approved" => text(
            "Tu negocio todavía no puede escribir. Cuando lo aprueben, reinténtalo antes de 3 días.",
            "Your business may not write yet. Once it is approved, retry within 3 days of the failure.",
        ),
        "quality" => text(
            "La publicidad está detenida porque varios pidieron no recibir más. Escribe menos y a menos personas.",
            "Advertising is stopped because several asked for no more. Write less often, and to fewer people.",
        ),
        "quiet_hours" => text(
            "Solo podía salir de noche, y de noche no se escribe. Reinténtalo de día.",
            "It could have gone at night only, and nobody is written to at night. Retry by day.",
        ),
        "capped" => text(
            "Ya recibió una promoción de tu negocio en estos 7 días.",
            "This person already had a promotion of your business in these 7 days.",
        ),
        "tier" => text(
            "WhatsApp no deja escribir a más personas por hoy. Sigue mañana; si falló, reinténtalo antes de 3 días.",
            "WhatsApp lets us write to no more people today. It goes on tomorrow; if it failed, retry within 3 days.",
        ),
        "rate" => text(
            "Salían demasiados mensajes a la vez. Reinténtalo en un rato.",
            "Too many messages were going out at once. Retry in a while.",
        ),
        "marketing_cap" => text(
            "WhatsApp limita cuántas promociones recibe cada persona. Espera unos días.",
            "WhatsApp limits how many promotions each person gets. Wait a few days.",
        ),
        "no_marketing_there" => text(
            "WhatsApp no entrega promociones a números de Estados Unidos (+1).",
            "WhatsApp delivers no promotions to numbers of the United States (+1).",
        ),
        "experiment" => text(
            "WhatsApp la dejó fuera de promociones por una prueba suya. Usa su tarjeta en la billetera.",
            "WhatsApp keeps this person out of promotions for a test of its own. Use the card in the wallet.",
        ),
        "not_reachable" => {
            text("Ese número no está en WhatsApp. Revísalo.", "That number is not on WhatsApp. Check it.")
        }
        "blocked" => text("Bloqueó los mensajes de este número.", "Messages from this number were blocked."),
        "template" => text(
            "WhatsApp no aprobó este texto, o le falta un dato. Elige otra plantilla.",
            "WhatsApp has not approved this text, or it lacks a word. Choose another template.",
        ),
        "template_paused" => text(
            "Este texto está en pausa y no se envió. Reinténtalo cuando vuelva, o elige otra plantilla.",
            "This text is paused and was not sent. Retry when it is back, or choose another template.",
        ),
        "template_rejected" => text(
            "Este texto fue rechazado y no se envió. Elige otra plantilla.",
            "This text was rejected and was not sent. Choose another template.",
        ),
        "window_closed" => text(
            "Pasaron más de 24 horas desde su último mensaje. Solo se le puede escribir con una plantilla.",
            "Her last message is more than 24 hours old. Only a template can be sent.",
        ),
        "policy" => text("Las reglas de WhatsApp no lo permiten.", "WhatsApp's rules do not allow it."),
        "sender" => text(
            "El número que envía tiene un problema. Avísanos para revisarlo.",
            "The number that sends has a problem. Tell us, so that we look at it.",
        ),
        "provider" => text(
            "El servicio de WhatsApp falló. Reinténtalo en un rato.",
            "WhatsApp's service failed. Retry in a while.",
        ),
        "in_doubt" => text(
            "No sabemos si llegó. No se reenvía solo, para no escribir dos veces.",
            "We do not know whether it arrived. It is not sent again by itself, so that nobody gets it twice.",
        ),
        "expired" => text("Pasó su momento antes de poder salir.", "Its time had passed before it could go."),
        "campaign_canceled" => text("La campaña se canceló.", "The campaign was canceled."),
        "no_pass" | "gone" => {
            text("Ya no tiene su tarjeta en ninguna billetera.", "The card is in no wallet any more.")
        }
        _ => text("No se pudo entregar.", "It could not be delivered."),
    }
}

/// What the makers of both wallets and we ourselves call the same few things.
pub(super) fn push_reasons(reason: &str) -> Text {
    match reason {
        "unreachable"
        | "500"
        | "502"
        | "503"
        | "504"
        | "Shutdown"
        | "InternalServerError"
        | "ServiceUnavailable" => text("La billetera no respondía.", "The wallet did not answer."),
        "timeout" => {
            text("La billetera tardó demasiado en responder.", "The wallet took too long to answer.")
        }
        "too_often" => text("La billetera pidió ir más despacio.", "The wallet asked us to slow down."),
        "certificate" | "credentials" => text(
            "La billetera no acepta el permiso de la plataforma. Lo arregla quien la administra.",
            "The wallet does not accept the platform's permission. Whoever runs the platform mends it.",
        ),
        "missing" => {
            text("La billetera ya no encuentra esta tarjeta.", "The wallet no longer finds this card.")
        }
        _ => text("La billetera rechazó el cambio.", "The wallet refused the change."),
    }
}
